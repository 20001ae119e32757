// Where stages run, over recorded machines (tests/hw/machines) with the backends of both kinds of devices
// declared present.
#include "engine/plan/placement.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/plan/placements.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using millrace::test::recorded_machine;
using test::abr;
using test::both;
using test::Change;
using test::decision;
using test::full_hd;
using test::gpu_has;
using test::hdr;
using test::outputs_are;
using test::picture;
using test::places_of;
using test::plan_on;
using test::Row;
using test::source_is;
using test::spec_of;
using test::web;

Change hdr10() {
  return [](Source& source, JobSpec& spec, hw::Inventory& machine, DeviceChoices& choices) {
    hdr()(source, spec, machine, choices);
    picture(source).hdr.mastering_display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(1,1)";
  };
}
Change wide() {
  return [](Source& source, JobSpec&, hw::Inventory&, DeviceChoices&) {
    picture(source).color_primaries = "bt2020";
    picture(source).color_matrix = "bt2020nc";
    picture(source).color_transfer = "bt2020-10";
  };
}
Change picture_has(void (*change)(VideoTrack&)) {
  return [=](Source& source, JobSpec&, hw::Inventory&, DeviceChoices&) { change(picture(source)); };
}
Change lasts(double seconds) {
  return [=](Source& source, JobSpec&, hw::Inventory&, DeviceChoices&) {
    source.duration_seconds = picture(source).duration_seconds = seconds;
  };
}
Change asked(DevicePreference::Kind kind, const char* which = "") {
  return [=](Source&, JobSpec& spec, hw::Inventory&, DeviceChoices&) { spec.device = {kind, which}; };
}
Change no_decoder() {
  return gpu_has([](hw::GpuFacts& gpu) {
    gpu.decodes.clear();
    gpu.absences = {{"decode", "the driver decodes nothing on this device"}};
  });
}
Change overlaid() {
  return [](Source&, JobSpec& spec, hw::Inventory&, DeviceChoices&) {
    Overlay logo;
    logo.url = "file:///media/logo.png";
    spec.overlays = {logo};
  };
}

TEST(Placement, EachStageGoesWhereItCan) {
  constexpr auto kCuda = DevicePreference::Kind::cuda;
  const Row rows[] = {
      {"all on the card", "l4", {}, "gg gggg", "decode", "NVIDIA L4 decodes it, and its pictures stay there"},
      {"all on an older card", "t4", {}, "gg gggg", "encode 720p", "Tesla T4 encodes h264"},
      {"all on a GeForce", "geforce", {}, "gg gggg", "scale 720p", "the pictures are there"},
      {"all on VAAPI", "arc", {}, "gg gggg", "encode 360p", "encodes h264"},
      {"no encoder", "h200", {}, "gg cccc", "encode 1080p", "NVIDIA H200: this device has no NVENC"},
      {"no encoder either", "a100", {}, "gg cccc", "decode", "come down only once they are scaled"},
      {"a slice without engines", "a100_mig", {}, "cc cccc", "decode", "this slice 1g.5gb has no decoder"},
      {"no GPU", "no_gpu", {}, "cc cccc", "decode", "no GPU: nvidia: libcuda.so.1 not found"},
      {"cpu asked for", "l4", asked(DevicePreference::Kind::cpu), "cc cccc", "decode", "was asked for"},

      {"AV1 on Ada", "l4", source_is("av1", "yuv420p"), "gg gggg", "decode", "NVIDIA L4 decodes it"},
      {"AV1 on Turing", "t4", source_is("av1", "yuv420p"), "cg gggg", "decode",
       "Tesla T4 does not decode av1"},
      {"AV1 on Hopper", "h200", source_is("av1", "yuv420p"), "cc cccc", "decode",
       "NVIDIA H200 does not decode av1"},
      {"H.264 of 10 bits", "l4", source_is("h264", "yuv420p10le"), "cg gggg", "decode",
       "NVIDIA L4 does not decode h264 4:2:0 of 10 bits"},
      {"H.264 of 4:2:2", "l4", source_is("h264", "yuv422p"), "cc gggg", "scale 720p",
       "pictures in yuv422p are converted on the CPU"},
      {"H.264 of 8K", "l4", source_is("h264", "yuv420p", 7680, 4320), "cg gggg", "decode",
       "does not decode h264 of 7680x4320: its limits are"},
      {"HEVC of 8K", "l4", source_is("hevc", "yuv420p", 7680, 4320), "gg gggg", "decode", "stay there"},
      {"RGB", "l4", source_is("png", "rgb24"), "cc gggg", "decode", "NVIDIA L4 does not decode png in rgb24"},

      {"HDR", "l4", hdr(), "gg gggg", "tone_map", "is HDR"},
      {"BT.2020 in 10 bits", "h200", both(source_is("hevc", "yuv420p10le"), wide()), "gg cccc",
       "pixel_format", "BT.709"},
      {"full range", "h200", source_is("h264", "yuvj420p"), "gg cccc", "pixel_format", "full range"},
      {"colours without a kernel", "h200",
       both(both(source_is("hevc", "yuv420p10le"), wide()),
            picture_has([](VideoTrack& track) { track.color_transfer = "linear"; })),
       "cc cccc", "decode", "no kernel converts colours of bt2020nc/bt2020/linear"},
      {"HDR whose pixels are not square", "h200", both(hdr(), picture_has([](VideoTrack& track) {
                                                         track.sample_aspect = {4, 3};
                                                       })),
       "cc cccc", "decode", "NVIDIA H200 would map the colours before its pixels are square"},
      {"pixels that are not square", "h200", picture_has([](VideoTrack& track) {
         track.sample_aspect = {4, 3};
       }),
       "gg cccc", "scale 720p", "the pictures are there"},
      {"HDR10 on VAAPI", "arc", hdr10(), "gg gggg", "tone_map", "is HDR"},
      {"HDR without its display on VAAPI", "arc", hdr(), "cc gggg", "scale 720p",
       "wants its mastering display"},
      {"captions on VAAPI", "arc", picture_has([](VideoTrack& track) { track.closed_captions = true; }),
       "gg cccc", "encode 720p", "closed captions stay in the pictures that the CPU encodes"},
      {"captions", "l4", picture_has([](VideoTrack& track) { track.closed_captions = true; }), "gg gggg",
       "encode 720p", "encodes h264"},
      {"interlaced", "h200", picture_has([](VideoTrack& track) { track.interlaced = true; }), "gg cccc",
       "deinterlace", "interlaced"},
      {"turned", "l4", picture_has([](VideoTrack& track) { track.rotation_degrees = 90; }), "gg gggg",
       "rotate", "its display matrix turns the picture by 90 degrees"},
      {"turned, and no encoder", "h200", both(hdr(), picture_has([](VideoTrack& track) {
                                                track.rotation_degrees = 270;
                                                track.mirrored = true;
                                              })),
       "gg cccc", "scale 720p", "the pictures are there"},
      {"turned on VAAPI", "arc", picture_has([](VideoTrack& track) { track.rotation_degrees = 90; }),
       "cc gggg", "scale 720p", "has no filter for rotate"},
      {"a logo", "l4", overlaid(), "gg gggg", "scale 720p", "the pictures are there"},
      {"a logo, and no encoder", "h200", overlaid(), "gg cccc", "scale 720p", "the pictures are there"},
      {"a step that is not built", "h200",
       both(picture_has([](VideoTrack& track) { track.interlaced = true; }),
            [](Source&, JobSpec&, hw::Inventory&, DeviceChoices& choices) {
              choices.backends.nvidia_steps = {"even_size"};
            }),
       "cc cccc", "decode", "deinterlace is not built for NVIDIA H200 and runs on the CPU"},
      {"a logo on VAAPI", "arc", overlaid(), "cc gggg", "scale 720p",
       "encodes the pictures, and overlays are laid on the CPU: not every FFmpeg and driver blends"},
      {"a logo on VAAPI, where filters cost more than encoders", "arc", both(overlaid(), hdr10()), "gg cccc",
       "encode 720p", "saves more by decoding and scaling, and overlays are laid on the CPU: not every"},
      {"a logo on VAAPI that does not decode it", "arc", both(both(overlaid(), hdr10()), no_decoder()),
       "cc gggg", "decode", "the driver decodes nothing"},
      {"a logo on VAAPI that only decodes", "arc",
       both(overlaid(), gpu_has([](hw::GpuFacts& gpu) { gpu.encodes.clear(); })), "gg cccc", "scale 720p",
       "the pictures are there"},
      {"a card from before the kernels", "l4", gpu_has([](hw::GpuFacts& gpu) { gpu.compute = 61; }),
       "cc gggg", "scale 720p", "compute capability 6.1; the kernels need 7.5"},

      {"HEVC out of Turing", "t4", outputs_are(VideoCodec::hevc), "gg gggg", "encode 720p", "encodes hevc"},
      {"AV1 out of Turing", "t4", outputs_are(VideoCodec::av1), "gg cccc", "encode 720p",
       "Tesla T4 does not encode av1"},
      {"VP9 out of Ada", "l4", outputs_are(VideoCodec::vp9), "gg cccc", "encode 720p",
       "NVIDIA L4 does not encode vp9"},
      {"AV1 with an FFmpeg that lacks it", "l4",
       both(outputs_are(VideoCodec::av1),
            [](Source&, JobSpec&, hw::Inventory&, DeviceChoices& choices) {
              choices.backends.nvidia_encodes = {VideoCodec::h264, VideoCodec::hevc};
            }),
       "gg cccc", "encode 720p", "this build drives no encoder for it"},

      {"two sessions left", "geforce", gpu_has([](hw::GpuFacts& gpu) { gpu.free_encode_sessions = 2; }),
       "gg ggcc", "encode 480p", "has no free encode session beyond these"},
      {"no session left", "geforce", gpu_has([](hw::GpuFacts& gpu) { gpu.free_encode_sessions = 0; }),
       "gg cccc", "encode 1080p", "has no free encode session"},
      {"memory all taken", "l4",
       gpu_has([](hw::GpuFacts& gpu) { gpu.load.memory_used_bytes = gpu.memory_bytes - (100U << 20U); }),
       "cc cccc", "decode", "NVIDIA L4 has 100 MiB of memory free, and the pictures take about"},

      {"too short to be worth it", "l4", both(source_is("h264", "yuv420p", 640, 360), lasts(1)), "cc c",
       "encode 360p", "and opening it and copying take about 1.0 s"},
      {"as short, but asked for", "l4",
       both(asked(kCuda), both(source_is("h264", "yuv420p", 640, 360), lasts(1))), "gg g", "encode 360p",
       "NVIDIA L4 encodes h264"},
      {"decoding is not worth it", "h200", lasts(2), "cc cccc", "decode", "NVIDIA H200 would save"},
      {"a CPU that decodes faster than the bus copies", "h200",
       both(lasts(3600),
            [](Source&, JobSpec&, hw::Inventory&, DeviceChoices& choices) {
              choices.costs.factors = {{"decode h264", 0.05}, {"scale", 0.05}};
            }),
       "cc cccc", "decode", "NVIDIA H200 would save"},
      {"of unknown length", "h200", lasts(0), "gg cccc", "decode", "come down only once they are scaled"},
  };
  for (const Row& row : rows) {
    const Result<Plan> plan = plan_on(row.machine, row.change);
    ASSERT_TRUE(plan.ok()) << row.name << ": " << to_string(plan.status());
    EXPECT_EQ(places_of(*plan), row.places) << row.name << ": " << decision(*plan, "decode").reason;
    EXPECT_THAT(decision(*plan, row.stage).reason, HasSubstr(row.why)) << row.name;
    for (const Decision& each : plan->decisions) {
      EXPECT_NE(each.device, "") << row.name << ": " << each.stage;
      EXPECT_NE(each.reason, "") << row.name << ": " << each.stage;
    }
  }
}

TEST(Placement, OverlaysAreLaidWhereThePicturesAreScaledOnNvidiaAlone) {
  const auto laid_on = [](const char* machine) {
    return decision(
               *plan_on(machine, both(overlaid(), gpu_has([](hw::GpuFacts& gpu) { gpu.encodes.clear(); }))),
               "overlay 1")
        .device;
  };
  EXPECT_EQ(laid_on("l4"), "cuda:0");
  EXPECT_EQ(laid_on("h200"), "cuda:0");
  EXPECT_EQ(laid_on("arc"), "cpu");
  EXPECT_EQ(decision(*plan_on("no_gpu", overlaid()), "overlay 1").device, "cpu");
}

TEST(Placement, ExplainSaysWhyVaapiLaysNoOverlays) {
  const auto why = [](const char* machine, const Change& change) {
    return decision(*plan_on(machine, change), "overlay 1").reason;
  };
  EXPECT_THAT(why("arc", overlaid()), HasSubstr("not every FFmpeg and driver blends transparency on VAAPI"));
  EXPECT_THAT(why("arc", both(overlaid(), hdr10())), HasSubstr("blends transparency on VAAPI"));
  // Nothing of it is on the device, or the device lays them.
  EXPECT_THAT(why("arc", both(overlaid(), asked(DevicePreference::Kind::cpu))), Not(HasSubstr("VAAPI")));
  EXPECT_THAT(why("arc", both(overlaid(), both(source_is("h264", "yuv420p", 640, 360), lasts(1)))),
              Not(HasSubstr("VAAPI")));
  EXPECT_THAT(why("l4", overlaid()), Not(HasSubstr("VAAPI")));
}

TEST(Placement, OfTwoCardsTheLeastLoadedTakesAllOfAJob) {
  Result<Plan> plan = plan_on("two_l4");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->decode_device, "cuda:1");
  EXPECT_EQ(plan->filter_device, "cuda:1");
  for (const PlannedRendition& each : plan->renditions) EXPECT_EQ(each.encode_device, "cuda:1");
  EXPECT_THAT(decision(*plan, "decode").reason, HasSubstr("of 2 such devices the least loaded"));
  plan = plan_on("two_l4", [](Source&, JobSpec&, hw::Inventory& machine, DeviceChoices&) {
    machine.gpus[1].load = machine.gpus[0].load;
    machine.gpus[1].load.decode_percent = 90;
  });
  EXPECT_EQ(plan->decode_device, "cuda:0");
  plan = plan_on("two_l4", asked(DevicePreference::Kind::cuda, "0"));
  EXPECT_EQ(plan->decode_device, "cuda:0");
  EXPECT_THAT(decision(*plan, "decode").reason, Not(HasSubstr("least loaded")));
  // One that can do more goes first, however busy.
  plan = plan_on("two_l4", [](Source&, JobSpec&, hw::Inventory& machine, DeviceChoices&) {
    machine.gpus[1].encodes.clear();
  });
  EXPECT_EQ(plan->decode_device, "cuda:0");
}

TEST(Placement, ACopyAcrossTheBusIsAStage) {
  const auto stages = [](const Plan& plan) {
    std::string found;
    for (const Decision& each : plan.decisions)
      if (each.stage == "upload" || each.stage == "download")
        found += fmt::format("{} {} {};", each.stage, each.device, each.choice);
    return found;
  };
  EXPECT_EQ(stages(*plan_on("l4")), "");
  EXPECT_EQ(stages(*plan_on("no_gpu")), "");
  // 2.07, 0.92, 0.41 and 0.23 million pixels, 25 times a second, in 1.5 bytes each.
  EXPECT_EQ(stages(*plan_on("h200")), "download cuda:0 136 MB a second of pictures;");
  EXPECT_EQ(stages(*plan_on("t4", source_is("av1", "yuv420p"))), "upload cuda:0 78 MB a second of pictures;");
  EXPECT_EQ(stages(*plan_on("l4", source_is("h264", "yuv422p"))),
            "upload cuda:0 136 MB a second of pictures;");
  EXPECT_EQ(stages(*plan_on("arc", overlaid())),
            "upload vaapi:/dev/dri/renderD128 136 MB a second of pictures;");
  EXPECT_EQ(stages(*plan_on("arc", both(overlaid(), hdr10()))),
            "download vaapi:/dev/dri/renderD128 136 MB a second of pictures;");
}

TEST(Placement, WhatFailedBeforeIsNotTriedAgainThere) {
  const auto failed = [](std::vector<Stage> stages, const char* driver, const char* shape) -> Change {
    return [=](Source&, JobSpec&, hw::Inventory& machine, DeviceChoices& choices) {
      for (const Stage stage : stages)
        choices.failures.push_back(
            {stage, device_id(machine.gpus[0]), driver, shape, "it gave green pictures", 1});
    };
  };
  const char* driver = "580.95.05";
  const char* shape = "h264 High yuv420p 1920x1080";
  const auto places = [&](std::vector<Stage> stages, const char* of_driver, const char* of_shape) {
    return places_of(*plan_on("l4", failed(std::move(stages), of_driver, of_shape)));
  };
  EXPECT_EQ(places({Stage::decode}, driver, shape), "cg gggg");
  EXPECT_EQ(places({Stage::filters}, driver, shape), "cc gggg");
  EXPECT_EQ(places({Stage::encode}, driver, shape), "gg cccc");
  EXPECT_EQ(places({Stage::decode, Stage::encode}, driver, shape), "cc cccc");
  EXPECT_EQ(places({Stage::decode}, "580.105.08", shape), "gg gggg");
  EXPECT_EQ(places({Stage::decode}, driver, "h264 High yuv420p 1280x720"), "gg gggg");
  EXPECT_THAT(decision(*plan_on("l4", failed({Stage::decode}, driver, shape)), "decode").reason,
              HasSubstr("NVIDIA L4 failed with such a source before: it gave green pictures"));
  // The other card of the machine is another device.
  EXPECT_EQ(plan_on("two_l4", failed({Stage::decode, Stage::encode}, driver, shape))->decode_device,
            "cuda:1");
}

TEST(Placement, WhatIsInQuarantineIsUsedForNoSource) {
  const auto places = [](Stage stage, const char* codec, const char* driver = "580.95.05") {
    const Change quarantine = [=](Source&, JobSpec&, hw::Inventory& machine, DeviceChoices& choices) {
      choices.failures = {
          {stage, device_id(machine.gpus[0]), driver, "", "its pictures are wrong", 1, codec}};
    };
    return places_of(*plan_on("l4", quarantine));
  };
  EXPECT_EQ(places(Stage::decode, "h264"), "cg gggg");
  EXPECT_EQ(places(Stage::decode, "hevc"), "gg gggg");
  EXPECT_EQ(places(Stage::encode, "h264"), "gg cccc");
  EXPECT_EQ(places(Stage::encode, "hevc"), "gg gggg");
  EXPECT_EQ(places(Stage::encode, ""), "gg cccc");
  EXPECT_EQ(places(Stage::filters, ""), "cc gggg");
  EXPECT_EQ(places(Stage::decode, "h264", "590.1"), "gg gggg");
}

TEST(Placement, AStepInQuarantineIsNoMatterToSourcesThatDoNotNeedIt) {
  const Change no_fields = [](Source&, JobSpec&, hw::Inventory& machine, DeviceChoices& choices) {
    choices.failures = {{Stage::filters, device_id(machine.gpus[0]), "580.95.05", "",
                         "deinterlacing: its pictures are wrong", 1, "deinterlace"}};
  };
  const Change interlaced = picture_has([](VideoTrack& track) { track.interlaced = true; });
  EXPECT_EQ(places_of(*plan_on("l4", no_fields)), "gg gggg");
  EXPECT_EQ(places_of(*plan_on("l4", both(hdr(), no_fields))), "gg gggg");
  const Result<Plan> plan = plan_on("l4", both(interlaced, no_fields));
  EXPECT_EQ(places_of(*plan), "cc gggg");
  EXPECT_THAT(decision(*plan, "scale 720p").reason,
              HasSubstr("filters of NVIDIA L4 is in quarantine: deinterlacing: its pictures are wrong"));
}

TEST(Placement, AnAskedForDeviceThatCannotHelpIsRefusedAtItsField) {
  constexpr auto kCuda = DevicePreference::Kind::cuda;
  constexpr auto kVaapi = DevicePreference::Kind::vaapi;
  const auto no_backend = [](Source&, JobSpec&, hw::Inventory&, DeviceChoices& choices) {
    choices.backends = {};
  };
  const struct {
    const char* machine;
    Change change;
    const char* why;
  } rows[] = {
      {"no_gpu", asked(kCuda), "cuda: libcuda.so.1 not found"},
      {"no_gpu", asked(kVaapi, "/dev/dri/renderD128"), "vaapi:/dev/dri/renderD128: no render node"},
      {"l4", asked(kCuda, "1"), "cuda:1: this machine has cuda:0 (NVIDIA L4)"},
      {"arc", asked(kVaapi, "/dev/dri/renderD129"), "this machine has vaapi:/dev/dri/renderD128 ("},
      {"l4", both(asked(kCuda), no_backend), "cuda: NVIDIA L4 is here, but this build has no NVIDIA backend"},
      {"arc", both(asked(kVaapi), no_backend), "but this build has no VAAPI backend"},
      {"h200", both(asked(kCuda), source_is("av1", "yuv420p")),
       "cuda: nothing of this job can run there: decode: NVIDIA H200 does not decode av1; encode 1080p: "},
  };
  for (const auto& row : rows) {
    const Status status = plan_on(row.machine, row.change).status();
    EXPECT_EQ(status.code(), Code::unsupported) << row.why;
    EXPECT_EQ(status.field(), "device") << row.why;
    EXPECT_THAT(status.message(), HasSubstr(row.why));
  }
}

TEST(Placement, WithoutABackendAllStaysOnTheCpuAndSaysWhy) {
  const Result<Plan> plan = make_plan(full_hd(), spec_of({abr(), web()}), recorded_machine("two_l4"), 4);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(places_of(*plan), "cc cccc");
  EXPECT_EQ(decision(*plan, "encode 1080p").reason,
            "this build has no NVIDIA backend; NVIDIA L4 is left alone");
}

TEST(Placement, WhatIsMadeInOneGoIsMadeOnTheCpu) {
  const Result<Plan> plan = plan_on("l4", [](Source&, JobSpec& spec, hw::Inventory&, DeviceChoices&) {
    FileOutput ogg = web();
    ogg.container = Container::ogg;
    ogg.codec = VideoCodec::theora;
    spec.outputs = {ogg};
  });
  ASSERT_TRUE(plan.ok()) << to_string(plan.status());
  EXPECT_EQ(places_of(*plan), "cc ");
  EXPECT_EQ(decision(*plan, "encode web.ogg").device, "cpu");
  EXPECT_THAT(decision(*plan, "encode web.ogg").reason, HasSubstr("made in one go"));
}

}  // namespace
}  // namespace millrace::engine
