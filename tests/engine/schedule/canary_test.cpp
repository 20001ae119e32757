// What the canary finds on recorded machines, with workers that give the pictures that a test says.
#include "engine/schedule/canary.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "engine/plan/planner.h"
#include "tests/engine/schedule/canary_films.h"
#include "tests/engine/schedule/daemon_fixture.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using test::kEveryStep;
using test::paths_of;
using test::see_the_film;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CanaryTest : public testing::Test {
 protected:
  CanaryTest() {
    workers_.segments = 1;
    EXPECT_TRUE(write_file(folder_.path() / kDrawnFilm, "drawn").ok());
    workers_.see = see_the_film;
    workers_.before_of_plan = [this](const Plan& plan, std::int64_t) {
      paths_ = paths_of(plan);
      if (uses_device(plan)) tried_.insert(paths_);
      encode_ = encode_path(plan.renditions[0].codec, plan.renditions[0].ten_bit);
      return fail_ && uses_device(plan) ? fail_(plan) : Status();
    };
    workers_.alike = [this](const std::filesystem::path&, const std::filesystem::path&) {
      return alike_ ? alike_() : Likeness{50, 50, 45, 0};
    };
    backends_.nvidia = true;
    backends_.nvidia_encodes = {VideoCodec::h264, VideoCodec::hevc};
  }
  Result<std::vector<StageFailure>> found_on(const std::string& name, std::stop_token stop = {}) {
    machine_ = millrace::test::recorded_machine(name);
    Canary canary({workers_, machine_, 2, folder_.path(), &publisher_}, backends_);
    return canary.try_device(machine_.gpus[0], stop);
  }
  // "decode h264: ...", with the reason. What could not be tried is listed in untried_.
  std::vector<std::string> quarantine(const std::string& name) {
    const auto found = found_on(name);
    EXPECT_TRUE(found.ok()) << to_string(found.status());
    std::vector<std::string> list;
    untried_.clear();
    for (const StageFailure& each : found.value_or({})) {
      EXPECT_TRUE(each.in_quarantine());
      EXPECT_EQ(each.device, machine_.gpus[0].id);
      EXPECT_EQ(each.driver, machine_.gpus[0].driver);
      const std::string line = fmt::format("{} {}: {}", name_of(each.stage), each.codec, each.reason);
      (each.untried ? untried_ : list).push_back(line);
    }
    return list;
  }
  // Where a job for the device decodes such a source after what was found, or why it has nothing there.
  std::string decoded(const std::string& codec) {
    const auto found = found_on("h200");
    Source source = small_source("in.ts");
    source.video[0].codec = codec;
    JobSpec spec;
    AdaptiveOutput output;
    output.name = "abr";
    spec.outputs = {output};
    spec.device = {DevicePreference::Kind::cuda, ""};
    const auto planned =
        make_plan(source, spec, machine_, 2, {backends_, found.value_or(std::vector<StageFailure>()), {}});
    if (!planned.ok()) return planned.status().message();
    return planned->decode_device;
  }
  // Of the last range: 0 decode, 1 filters, 2 encode.
  bool on_device(std::size_t stage) const { return workers_.places().back()[stage] == 'g'; }

  TemporaryFolder folder_;
  FakeWorkers workers_;
  FakePublisher publisher_;
  Backends backends_;
  hw::Inventory machine_;
  std::function<Status(const Plan& plan)> fail_;  // ranges with stages on the device
  std::function<Result<Likeness>()> alike_;
  std::string paths_, encode_;   // of the last range
  std::set<std::string> tried_;  // the paths of ranges on the device
  std::vector<std::string> untried_;
};

TEST_F(CanaryTest, EveryRoadOverADeviceIsTried) {
  EXPECT_THAT(quarantine("l4"), IsEmpty());
  // Two renditions each, which are made together; at the end with something laid over them.
  EXPECT_THAT(workers_.places("/h264.mp4"),
              ElementsAre("ccc", "ggc", "ccg", "ccg", "cgg", "cgg", "ggg", "ggg", "ccc", "ggc"));
  for (const char* other : {"/hevc.mp4", "/vp9.mp4", "/av1.mp4", "/mpeg2video.mkv", "/vp8.mkv"})
    EXPECT_THAT(workers_.places(other), ElementsAre("ccc", "ggc")) << other;
}

TEST_F(CanaryTest, EveryPathThatAnNvidiaCardOffersIsTried) {
  backends_.nvidia_encodes.clear();
  backends_.nvidia_steps = kEveryStep;
  EXPECT_THAT(quarantine("h200"), IsEmpty());
  EXPECT_THAT(tried_, ElementsAre("h264", "h264 + BT.2020 to BT.709", "h264 + deinterlace",
                                  "h264 + full range to limited", "h264 + overlays", "h264 + rotate", "hevc",
                                  "hevc of 10 bits + 10 bits", "hevc of 10 bits + 10 bits to 8",
                                  "hevc of 10 bits + tone_map", "hevc of 10 bits + tone_map of HLG",
                                  "mjpeg + full range to limited", "mpeg1video", "mpeg2video", "mpeg4", "vp8",
                                  "vp9", "vp9 of 10 bits + 10 bits to 8"));
  EXPECT_THAT(untried_, ElementsAre(HasSubstr("decode vc1")));
}

TEST_F(CanaryTest, EveryPathThatAVaapiDriverOffersIsTried) {
  backends_.vaapi = true;
  EXPECT_THAT(quarantine("arc"), IsEmpty());
  EXPECT_THAT(tried_, ElementsAre("av1", "av1 of 10 bits + 10 bits to 8", "h264", "h264 + BT.2020 to BT.709",
                                  "h264 + deinterlace", "h264 + full range to limited", "hevc",
                                  "hevc of 10 bits + 10 bits", "hevc of 10 bits + 10 bits to 8",
                                  "hevc of 10 bits + tone_map", "mjpeg + full range to limited", "vp9",
                                  "vp9 of 10 bits + 10 bits to 8"));
  EXPECT_THAT(workers_.places("smooth-h264.mp4"), ElementsAre("ccc", "ggc"));
}

// What filters can is asked of them where pictures are encoded there, too.
TEST_F(CanaryTest, PathsOfADeviceThatOnlyEncodesAreTriedOnTheWayThere) {
  machine_ = millrace::test::recorded_machine("arc");
  machine_.gpus[0].decodes.clear();
  backends_.vaapi = true;
  backends_.vaapi_encodes = {VideoCodec::h264};
  Canary canary({workers_, machine_, 2, folder_.path(), &publisher_}, backends_);
  const auto found = canary.try_device(machine_.gpus[0], {});
  ASSERT_TRUE(found.ok()) << to_string(found.status());
  EXPECT_THAT(tried_, testing::IsSupersetOf({"h264 + deinterlace", "hevc of 10 bits + tone_map"}));
  EXPECT_THAT(workers_.places("wide-h264.mp4"), ElementsAre("ccc", "cgg"));
  // HDR stays on the CPU, which alone encodes 10 bits.
  EXPECT_THAT(*found, ElementsAre(testing::Field(&StageFailure::codec, "10 bits")));
}

TEST_F(CanaryTest, WrongPicturesOfAPathTakeThatPathAlone) {
  backends_.nvidia_steps = kEveryStep;
  for (const char* path : {"deinterlace", "10 bits", "tone_map", "tone_map of HLG", "full range to limited",
                           "BT.2020 to BT.709", "overlays"}) {
    alike_ = [&] { return Likeness{45, 45, paths_.ends_with(fmt::format("+ {}", path)) ? 21.5 : 45, 7}; };
    EXPECT_THAT(quarantine("l4"),
                ElementsAre(AllOf(HasSubstr(fmt::format("filters {}: ", path)),
                                  HasSubstr("360p: its pictures are wrong: picture 8 differs from the CPU's "
                                            "(21.5 dB, at least "))))
        << path;
  }
}

TEST_F(CanaryTest, EncodersOfTenBitsAreTriedWithAFilmWhoseHdrIsKept) {
  backends_.nvidia_steps = kEveryStep;
  backends_.nvidia_encodes = {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1};
  backends_.ten_bit_encodes = {VideoCodec::hevc, VideoCodec::av1};
  EXPECT_THAT(quarantine("l4"), IsEmpty());
  // Alone before filters have a part in it: HDR that is mapped to SDR, and 10 bits that are scaled.
  EXPECT_THAT(workers_.places("hdr10-hevc.mp4"),
              ElementsAre("ccc", "ccg", "ccg", "ccc", "ggc", "ggc", "cgg", "cgg", "ggg", "ggg"));
}

TEST_F(CanaryTest, TenBitsThatNothingEncodesAreNotTried) {
  backends_.ten_bit_encodes = {VideoCodec::av1};  // of which the build has no encoder
  EXPECT_THAT(quarantine("l4"), IsEmpty());
  EXPECT_THAT(workers_.places("hdr10-hevc.mp4"), Not(Contains(testing::EndsWith("g"))));
  EXPECT_THAT(untried_, Not(Contains(HasSubstr("encode "))));
  backends_.nvidia_encodes = {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1};
  EXPECT_THAT(quarantine("t4"), IsEmpty());  // of which the card has none
  EXPECT_THAT(workers_.places("hdr10-hevc.mp4"), Not(Contains(testing::EndsWith("g"))));
  EXPECT_THAT(untried_, Not(Contains(HasSubstr("encode "))));
}

TEST_F(CanaryTest, AnEncoderThatIsWrongInTenBitsIsUsedInEight) {
  backends_.ten_bit_encodes = {VideoCodec::hevc};
  alike_ = [this] { return Likeness{15, 15, encode_ == "hevc of 10 bits" && on_device(2) ? 43.5 : 45, 3}; };
  EXPECT_THAT(quarantine("l4"),
              ElementsAre("encode hevc of 10 bits: encoding hevc of 10 bits: 360p: its pictures are wrong: "
                          "picture 4 differs from the CPU's (43.5 dB, at least 44 are asked for)"));
  EXPECT_THAT(workers_.places("/h264.mp4"), Contains("ggg"));
  EXPECT_THAT(workers_.places("hdr10-hevc.mp4"), Not(Contains("ggg")));
}

TEST_F(CanaryTest, FiltersThatScaleTenBitsWronglyAreNoFaultOfTheEncoder) {
  backends_.ten_bit_encodes = {VideoCodec::hevc};
  alike_ = [this] { return Likeness{15, 15, on_device(1) && paths_.ends_with("+ 10 bits") ? 43.5 : 45, 3}; };
  EXPECT_THAT(quarantine("l4"), ElementsAre(HasSubstr("filters 10 bits: scaling 10 bits: 360p")));
  EXPECT_THAT(workers_.places("hdr10-hevc.mp4"), Contains("ccg"));
}

TEST_F(CanaryTest, AnEncoderOfTenBitsThatCannotBeTriedIsNotUsed) {
  backends_.ten_bit_encodes = {VideoCodec::hevc};
  workers_.see = [](Source& source) {
    if (!source.url.ends_with("hdr10-hevc.mp4")) see_the_film(source);  // and that one is no HDR
  };
  EXPECT_THAT(quarantine("l4"), IsEmpty());
  const auto of_it = [](const std::string& line) { return line.starts_with("encode hevc of 10 bits"); };
  EXPECT_EQ(std::count_if(untried_.begin(), untried_.end(), of_it), 1);
  EXPECT_THAT(untried_,
              Contains(HasSubstr("encoding hevc of 10 bits: it was not tried, for want of a film")));
}

TEST_F(CanaryTest, TenBitsOfACodecThatDecodesWronglyLeaveItsEightBits) {
  backends_.nvidia_steps = kEveryStep;
  alike_ = [this] { return Likeness{45, 45, paths_.starts_with("vp9 of 10 bits") ? 21.5 : 45, 7}; };
  EXPECT_THAT(quarantine("l4"),
              ElementsAre(HasSubstr("decode vp9 of 10 bits: decoding vp9 of 10 bits and filtering: 360p")));
}

// A driver maps tones by a curve of its own; only pictures that no curve gives are wrong.
TEST_F(CanaryTest, ADriversOwnCurveIsAllowedToDiffer) {
  backends_.vaapi = true;
  double decibels = 30;
  alike_ = [&] { return Likeness{15, 15, paths_.ends_with("tone_map") ? decibels : 45, 7}; };
  EXPECT_THAT(quarantine("arc"), IsEmpty());
  decibels = 25;
  EXPECT_THAT(quarantine("arc"), ElementsAre(HasSubstr("filters tone_map: tone mapping: 360p")));
}

TEST_F(CanaryTest, WhatItHasNoFilmForIsNotUsed) {
  EXPECT_THAT(quarantine("h200"), IsEmpty());
  EXPECT_THAT(untried_,
              Contains(HasSubstr("decode vc1: decoding vc1 and filtering: it was not tried, for want of a "
                                 "film: the program makes no film in vc1")));
}

TEST_F(CanaryTest, WrongPicturesOfACodecThatNoOutputHasTakeThatCodecAlone) {
  backends_.nvidia_steps = kEveryStep;
  for (const char* codec : {"mpeg1video", "mpeg2video", "mpeg4", "vp8", "mjpeg"}) {
    alike_ = [&] { return Likeness{45, 45, paths_.starts_with(codec) ? 21.5 : 45, 7}; };
    EXPECT_THAT(quarantine("h200"),
                ElementsAre(HasSubstr(fmt::format("decode {0}: decoding {0} and filtering: 360p: its "
                                                  "pictures are wrong: picture 8 differs",
                                                  codec))));
    EXPECT_THAT(untried_, ElementsAre(HasSubstr("decode vc1")));
  }
}

TEST_F(CanaryTest, JobsDecodeOnTheDeviceWhatItDecodedRightly) {
  backends_.nvidia_steps = kEveryStep;
  alike_ = [&] { return Likeness{45, 45, paths_ == "mpeg2video" ? 21.5 : 45, 7}; };
  EXPECT_THAT(decoded("mpeg2video"), HasSubstr("decode of NVIDIA H200 is in quarantine: decoding mpeg2video "
                                               "and filtering: 360p: its pictures are wrong"));
  EXPECT_EQ(decoded("mpeg4"), "cuda:0");
  alike_ = nullptr;
  EXPECT_EQ(decoded("mpeg2video"), "cuda:0");
  EXPECT_THAT(decoded("vc1"), HasSubstr("in quarantine: decoding vc1 and filtering: it was not tried"));
}

// Its pictures have full range, and what makes that limited is tried before.
TEST_F(CanaryTest, JpegIsNotBlamedForTheFilterOfItsRange) {
  backends_.nvidia_steps = kEveryStep;
  alike_ = [this] { return Likeness{45, 45, paths_.ends_with("+ full range to limited") ? 21.5 : 45, 7}; };
  EXPECT_THAT(quarantine("h200"), ElementsAre(HasSubstr("filters full range to limited: ")));
  EXPECT_THAT(
      untried_,
      ElementsAre(HasSubstr("decode vc1"),
                  HasSubstr("decode mjpeg: decoding mjpeg and filtering: it was not tried: nothing")));
}

TEST_F(CanaryTest, APathThatItsFilmDoesNotNeedIsNotUsed) {
  backends_.nvidia_steps = {"tone_map"};
  workers_.see = [](Source& source) {
    if (!source.url.ends_with("hdr10-hevc.mp4")) see_the_film(source);  // and that one is no HDR
  };
  EXPECT_THAT(quarantine("h200"), IsEmpty());
  EXPECT_THAT(untried_, Contains(HasSubstr("filters tone_map: tone mapping: it was not tried: nothing")));
  EXPECT_THAT(tried_, Not(Contains("hevc of 10 bits + tone_map")));
}

TEST_F(CanaryTest, WhatADeviceLacksIsNotTried) {
  EXPECT_THAT(quarantine("h200"), IsEmpty());
  EXPECT_THAT(workers_.places("/h264.mp4"), ElementsAre("ccc", "ggc", "ccc", "ggc"));
  for (const char* none : {"av1.mp4", "hlg-hevc.mp4", "wide-h264.mp4"})
    EXPECT_THAT(workers_.places(none), IsEmpty()) << none;
}

// No encoder is used that was not tried, whatever sizes it takes.
TEST_F(CanaryTest, AnEncoderThatTakesTheLargerRenditionAloneIsTriedWithThat) {
  machine_ = millrace::test::recorded_machine("l4");
  for (hw::EncodeForm& each : machine_.gpus[0].encodes) each.form.min_width = 400;
  Canary canary({workers_, machine_, 2, folder_.path(), &publisher_}, backends_);
  ASSERT_TRUE(canary.try_device(machine_.gpus[0], {}).ok());
  EXPECT_THAT(workers_.places("/h264.mp4"),
              ElementsAre("ccc", "ggc", "ccg", "ccg", "cgg", "cgg", "ggg", "ggg", "ccc", "ggc"));
}

TEST_F(CanaryTest, NothingIsDoneForADeviceThatThisBuildCannotDrive) {
  EXPECT_THAT(quarantine("arc"), IsEmpty());
  EXPECT_THAT(workers_.places(), IsEmpty());
}

TEST_F(CanaryTest, WrongPicturesPutTheCodecsStageInQuarantine) {
  alike_ = [this] { return Likeness{50, 50, paths_ == "hevc" ? 11.25 : 45, 3}; };
  EXPECT_THAT(quarantine("l4"),
              ElementsAre("decode hevc: decoding hevc and filtering: 360p: its pictures are wrong: picture 4 "
                          "differs from the CPU's (11.2 dB, at least 38 are asked for)"));
}

TEST_F(CanaryTest, WhatEncodesWronglyIsNotTriedAlongLongerRoads) {
  alike_ = [this] { return Likeness{50, 50, encode_ == "hevc" && paths_ == "h264" ? 11.25 : 45, 3}; };
  EXPECT_THAT(quarantine("l4"), ElementsAre(HasSubstr("encode hevc: encoding hevc: 360p")));
  EXPECT_THAT(workers_.places("/h264.mp4"),
              ElementsAre("ccc", "ggc", "ccg", "ccg", "cgg", "ggg", "ccc", "ggc"));
}

TEST_F(CanaryTest, TooFewPicturesAreWrongOnes) {
  alike_ = [this] { return Likeness{paths_ == "vp9" ? 0 : 50, 50, 45, 0}; };
  EXPECT_THAT(quarantine("l4"), ElementsAre(HasSubstr("decode vp9: decoding vp9 and filtering: 360p: 0 "
                                                      "pictures instead of 50")));
}

TEST_F(CanaryTest, PicturesThatDoNotDecodeAreWrongOnes) {
  alike_ = [this]() -> Result<Likeness> {
    if (encode_ == "hevc" && paths_ == "h264") return Status(Code::internal, "it does not decode");
    return Likeness{50, 50, 45, 0};
  };
  EXPECT_THAT(quarantine("l4"),
              ElementsAre(HasSubstr("its pictures cannot be compared: it does not decode")));
}

TEST_F(CanaryTest, AWorkerThatDiesOfItIsAVerdict) {
  fail_ = [](const Plan& plan) {
    return plan.decode_device == kCpu ? Status() : Status(Code::device_lost, "worker 7 died of signal 11");
  };
  backends_.nvidia_steps = kEveryStep;
  EXPECT_THAT(quarantine("h200"),
              ElementsAre(HasSubstr("decode mpeg1video: "), HasSubstr("decode mpeg2video: "),
                          HasSubstr("decode mpeg4: "),
                          HasSubstr("decode h264: decoding h264 and filtering: worker 7 died"),
                          HasSubstr("decode hevc: "), HasSubstr("decode hevc of 10 bits: "),
                          HasSubstr("decode vp8: "), HasSubstr("decode vp9: "),
                          HasSubstr("decode vp9 of 10 bits: ")));
  EXPECT_THAT(untried_,
              Contains(HasSubstr("filters tone_map: tone mapping: it was not tried: nothing that is "
                                 "decoded or encoded there leads over it")));
}

TEST_F(CanaryTest, WantOfRoomOrTimeIsNone) {
  for (const Code code :
       {Code::resource_exhausted, Code::out_of_memory, Code::io_error, Code::worker_killed}) {
    fail_ = [code](const Plan&) { return Status(code, "not now"); };
    EXPECT_EQ(found_on("l4").status().code(), code);
  }
  fail_ = nullptr;
  std::stop_source stop;
  stop.request_stop();
  std::filesystem::remove(folder_.path() / kDrawnFilm);
  EXPECT_EQ(found_on("l4", stop.get_token()).status().code(), Code::cancelled);
  machine_ = millrace::test::recorded_machine("geforce");
  machine_.gpus[0].free_encode_sessions = 1;
  Canary canary({workers_, machine_, 2, folder_.path(), &publisher_}, backends_);
  EXPECT_EQ(canary.try_device(machine_.gpus[0], {}).status().code(), Code::resource_exhausted);
}

}  // namespace
}  // namespace millrace::engine
