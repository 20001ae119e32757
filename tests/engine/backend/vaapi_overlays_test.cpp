// Overlays over pictures that a VAAPI device scaled or is to encode, and why it does not lay them itself.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "engine/backend/software/software_backend.h"
#include "engine/backend/vaapi/vaapi_backend.h"
#include "engine/pipeline/encode_chain.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/media_log.h"
#include "tests/engine/backend/fake_va.h"
#include "tests/engine/backend/packet_collector.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/images.h"

namespace millrace::engine {
namespace {

constexpr int kWidth = 96;
constexpr int kHeight = 64;
constexpr int kPictures = 3;

class VaapiOverlaysTest : public testing::Test {
 protected:
  VaapiOverlaysTest() {
    init_media_log();
    PlannedRendition rendition;
    rendition.width = kWidth;
    rendition.height = kHeight;
    rendition.bits_per_second = 200'000;
    rendition.preset = "veryfast";
    rendition.frame_rate = {25, 1};
    plan_.renditions = {rendition};
    plan_.clock = SegmentClock(kTicksPerSecond);
    // Faintly white over the left half, from the second picture on.
    auto white = std::make_shared<OverlayImage>();
    white->rgba = rgba_frame(4, 4, [](int, int) { return Rgba{255, 255, 255, 255}; });
    PlannedOverlay overlay;
    overlay.width = 0.5;
    overlay.height = 1;
    overlay.opacity = 0.25;
    overlay.from = kTicksPerSecond / 25;
    overlays_.items = {{overlay, white}};
    overlays_.shown = {kWidth, kHeight};
  }

  std::unique_ptr<Backend> device() { return make_vaapi_backend(VaapiDevice("vaapi:fake", fake_.device())); }

  // Grey pictures of twice the size, as the filtering backend has its own.
  std::vector<FramePtr> sources(Backend& filters) {
    CollectingSink there;
    Sink<FramePtr>* next = &there;
    std::unique_ptr<Sink<FramePtr>> upload;
    EXPECT_TRUE(put_before(next, filters.make_upload(false, *next), upload).ok());
    for (int i = 0; i < kPictures; ++i)
      EXPECT_TRUE(next->push(picture(i * kTicksPerSecond / 25, 2 * kWidth, 2 * kHeight)).ok());
    return std::move(there.frames);
  }

  // Scaled by one backend, coded by the other: packets.
  std::vector<std::string> coded(Backend& filters, Backend& encode, const OverlaySet& overlays) {
    PacketCollector collected;
    auto chain = EncodeChain::make(plan_, plan_.renditions[0], filters, encode, overlays, collected);
    EXPECT_TRUE(chain.ok()) << to_string(chain.status());
    std::vector<FramePtr> frames = sources(filters);
    fake_.went_up = fake_.came_down = 0;
    for (FramePtr& frame : frames) {
      const Status status = (*chain)->entry().push(std::move(frame));
      EXPECT_TRUE(status.ok()) << to_string(status);
    }
    EXPECT_TRUE((*chain)->entry().finish().ok());
    std::vector<std::string> packets;
    for (const PacketPtr& each : collected.packets)
      packets.emplace_back(reinterpret_cast<const char*>(each->data), static_cast<std::size_t>(each->size));
    return packets;
  }

  test::FakeVa fake_;
  const std::unique_ptr<Backend> cpu_ = make_software_backend();
  Plan plan_;
  OverlaySet overlays_;
};

TEST_F(VaapiOverlaysTest, PicturesThatItScaledComeDownOnceAndAreAsTheCpuMakesThem) {
  const auto device = this->device();
  const auto there = coded(*device, *cpu_, overlays_);
  EXPECT_EQ(fake_.came_down, kPictures);
  EXPECT_EQ(fake_.went_up, 0);
  EXPECT_EQ(there, coded(*cpu_, *cpu_, overlays_));
  EXPECT_NE(there, coded(*cpu_, *cpu_, {}));
}

TEST_F(VaapiOverlaysTest, PicturesThatItEncodesGoUpOnceWithTheirOverlays) {
  const auto device = this->device();
  EXPECT_EQ(coded(*cpu_, *device, overlays_).size(), static_cast<std::size_t>(kPictures));
  EXPECT_EQ(fake_.went_up, kPictures);
  EXPECT_EQ(fake_.came_down, 0);
  ASSERT_GE(fake_.encoded.size(), std::size_t{kWidth * kHeight});
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      ASSERT_EQ(fake_.encoded[static_cast<std::size_t>(y * kWidth + x)], x < kWidth / 2 ? 155 : 128)
          << x << ", " << y;
}

// The planner's reason (why_not_overlaid): FFmpeg 5.1 tells a driver that can do all of it to leave out the
// alpha of pixels, and to read its surface as far as the picture below reaches.
TEST_F(VaapiOverlaysTest, AreNotLeftToTheFilterThatLeavesOutTransparency) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "overlay_vaapi of FFmpeg 5.1 loses memory of its own for each graph";
#endif
  fake_.blend_flags = VA_BLEND_GLOBAL_ALPHA | VA_BLEND_PREMULTIPLIED_ALPHA;
  const auto device = this->device();
  CollectingSink out;
  FilterStage::Settings settings;
  settings.chain =
      "split[below][copy];[copy]scale_vaapi=w=32:h=16:format=bgra[logo];[below][logo]overlay_vaapi=alpha=1";
  FilterStage filter(std::move(settings), out);
  for (FramePtr& frame : sources(*device)) {
    const Status status = filter.push(std::move(frame));
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  ASSERT_TRUE(filter.finish().ok());
  ASSERT_EQ(fake_.blends.size(), std::size_t{kPictures});
  for (const test::FakeBlend& each : fake_.blends) {
    if ((each.flags & VA_BLEND_PREMULTIPLIED_ALPHA) != 0)
      GTEST_SKIP() << "this FFmpeg's overlay_vaapi keeps transparency, where the driver does";
    EXPECT_EQ(each.flags, unsigned{VA_BLEND_GLOBAL_ALPHA});
    EXPECT_EQ(each.from.width, 2 * kWidth);
    EXPECT_EQ(each.width, 32u);
  }
}

}  // namespace
}  // namespace millrace::engine
