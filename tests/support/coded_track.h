// CodedTrack: a short track made by real encoders, for tests of what stores, reads and checks coded media.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct AVCodecParameters;

namespace millrace::test {

struct CodedPacket {
  std::string data;  // as the encoder gives it: H.264 with start codes, raw AAC
  std::int64_t pts = 0;
  std::int64_t dts = 0;
  std::int64_t duration = 0;
  bool key = false;
};

struct CodedTrack {
  std::shared_ptr<AVCodecParameters> parameters;
  std::int64_t timescale = 90'000;
  std::vector<CodedPacket> packets;  // in decoding order
};

struct PictureTrack {
  int width = 160;
  int height = 90;
  int frames = 60;
  std::int64_t frame_ticks = 3003;  // of 90000 a second
  int frames_per_segment = 30;      // an IDR picture opens each
  int b_frames = 2;
};

// H.264 by libx264 of a moving pattern.
CodedTrack coded_pictures(const PictureTrack& track);

// AAC of a tone; the first packet lies before 0 by the encoder's priming.
CodedTrack coded_sound(int samples, int sample_rate = 48'000, int channels = 2);

}  // namespace millrace::test
