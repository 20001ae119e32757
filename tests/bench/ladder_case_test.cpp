// What FFmpeg's CUDA filters are told: its words, and that this FFmpeg takes them.
#include "bench/ladder_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/ladder_frames.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/filter_ends.h"

namespace millrace::bench {
namespace {

LadderCase two_rungs(bool logo, kernels::Filter filter) {
  LadderCase ladder{{}, logo};
  ladder.shape.source = {64, 48};
  ladder.shape.rungs = {{64, 48}, {32, 24}};
  ladder.shape.filter = filter;
  return ladder;
}

TEST(LadderCase, EachRungIsOneFilterAndALogoOneMore) {
  EXPECT_EQ(filter_graph(two_rungs(false, kernels::Filter::lanczos3)),
            "[in]split=2[source0][source1];"
            "[source0]scale_cuda=64:48:interp_algo=lanczos:format=yuv420p:passthrough=0[out0];"
            "[source1]scale_cuda=32:24:interp_algo=lanczos:format=yuv420p:passthrough=0[out1]");
  EXPECT_EQ(filter_graph(two_rungs(true, kernels::Filter::bicubic)),
            "[in]split=2[source0][source1];[logo]split=2[logo0][logo1];"
            "[source0]scale_cuda=64:48:interp_algo=bicubic:param=0.6:format=yuv420p:passthrough=0[rung0];"
            "[rung0][logo0]overlay_cuda=32:32[out0];"
            "[source1]scale_cuda=32:24:interp_algo=bicubic:param=0.6:format=yuv420p:passthrough=0[rung1];"
            "[rung1][logo1]overlay_cuda=32:32[out1]");
}

TEST(LadderCase, LaunchesAreTwoToScaleAndThreeToOverlayEachRung) {
  EXPECT_EQ(filter_launches(two_rungs(false, kernels::Filter::bicubic)), 4);
  EXPECT_EQ(filter_launches(two_rungs(true, kernels::Filter::bicubic)), 10);
}

TEST(LadderCase, BothFiltersWithAndWithoutALogoOfEightAndTenBitsAreCompared) {
  std::vector<std::string> names;
  for (const LadderCase& each : compared_ladders()) {
    names.push_back(name_of(each));
    EXPECT_EQ(kernels::refused(each.shape), "") << names.back();
  }
  EXPECT_THAT(names, ::testing::ElementsAre("ladder of 1920x1080 NV12 into 4 rungs, bicubic",
                                            "ladder of 1920x1080 NV12 into 4 rungs, lanczos",
                                            "ladder of 1920x1080 NV12 into 4 rungs with a logo, bicubic",
                                            "ladder of 3840x2160 P010 into 5 rungs with a logo, bicubic",
                                            "ladder of 3840x2160 P010 into 5 rungs with a logo, lanczos"));
}

// Options and links; what a device must say to it comes with one.
TEST(LadderCase, LibavfilterTakesEveryGraph) {
  if (avfilter_get_by_name("scale_cuda") == nullptr || avfilter_get_by_name("overlay_cuda") == nullptr)
    GTEST_SKIP() << "this FFmpeg is built without scale_cuda or overlay_cuda";
  for (const LadderCase& each : compared_ladders()) {
    const engine::FilterGraphPtr graph(avfilter_graph_alloc());
    AVFilterInOut* inputs = nullptr;
    AVFilterInOut* outputs = nullptr;
    const int error = avfilter_graph_parse2(graph.get(), filter_graph(each).c_str(), &inputs, &outputs);
    const engine::InOutPtr open_inputs(inputs), open_outputs(outputs);
    EXPECT_EQ(error, 0) << filter_graph(each);
    std::vector<std::string> names;
    for (const AVFilterInOut* end = outputs; end != nullptr; end = end->next) names.emplace_back(end->name);
    EXPECT_EQ(names.size(), each.shape.rungs.size());
    EXPECT_THAT(names, ::testing::Contains("out" + std::to_string(names.size() - 1)));
  }
}

TEST(LadderFrames, SurfacesLieWhereDecodersAndTexturesWantThem) {
  const kernels::Surface wide = at(decoded_surface({3840, 2160}, 10), nullptr);
  EXPECT_EQ(wide.luma_stride, 7680);
  EXPECT_EQ(wide.u - wide.luma, 7680 * 2160);
  EXPECT_EQ(wide.v - wide.u, 2);
  EXPECT_EQ(wide.shift, 6);
  EXPECT_EQ(room_of(wide), 7680U * 3240);
  const kernels::Surface odd = decoded_surface({33, 3}, 8);
  EXPECT_EQ(room_of(odd), 1536U) << "three rows and two, up to a multiple of 512";
  EXPECT_EQ(samples_bytes(wide), 2 * 1.5 * 3840 * 2160);
}

}  // namespace
}  // namespace millrace::bench
