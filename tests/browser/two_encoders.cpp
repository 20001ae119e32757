// Makes an output whose renditions are of two encoders each, for players: a device fails midway, the CPU goes
// on under another init segment.
//
//   two_encoders FOLDER
//
// FOLDER must exist. FOLDER/out/abr has 10 s, 640x360 and 320x180, the larger of two encoders from 5 s on,
// the smaller from 4 s on.
#include <fmt/format.h>

#include <cstdio>

#include "tests/engine/schedule/failing_device_job.h"

namespace {

constexpr const char* kOutputs = R"([
  {"name": "abr", "type": "adaptive", "segment_seconds": 1, "package": ["hls", "dash"], "preset": "veryfast",
   "ladder": [{"height": 360, "bitrate": "400k"}, {"height": 180, "bitrate": "200k"}]}])";

int failed(const std::string& sentence) {
  fmt::print(stderr, "two_encoders: {}\n", sentence);
  return 1;
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return failed("one argument is wanted, a folder to write into");
  millrace::test::SampleVideo video;
  video.width = 640;
  video.height = 360;
  video.frames = 250;
  millrace::engine::FailingDeviceJob job(words[1], video);
  job.fails_at({{"abr/360p", 5}, {"abr/180p", 4}});
  const auto receipt = job.run(kOutputs);
  if (!receipt.ok()) return failed(to_string(receipt.status()));
  return job.retries().size() == 1 ? 0 : failed("the device did not fail");
}
