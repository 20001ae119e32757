// Overlays on an NVIDIA card, over a driver of fakes whose kernels are the reference: they are the CPU's.
#include <gmock/gmock.h>

#include "engine/backend/nvidia/device_ladder.h"
#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/encode_chain.h"
#include "engine/pipeline/overlay.h"
#include "tests/engine/backend/nvidia_case.h"
#include "tests/engine/backend/packet_collector.h"
#include "tests/engine/pipeline/images.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

constexpr int kWidth = 96, kHeight = 54;

int shade(int number, int plane, int x, int y) {
  return plane == 0 ? 200 + (x * 7 + y * 5 + number * 30) % 600 : 400 + (x * 9 + y * 3 + plane * 50) % 200;
}

// Shades of colour and of transparency, with an edge.
FramePtr logo() {
  return rgba_frame(23, 17, [](int x, int y) {
    const auto level = [](int value) { return static_cast<std::uint8_t>(value); };
    if (x > 16) return Rgba{255, 0, 40, 255};
    return Rgba{level(x * 15), level(255 - y * 14), level(90 + x * y % 160), level(y * 15)};
  });
}

PlannedOverlay at(double x, double y, double width, double opacity, std::int64_t from = 0,
                  std::int64_t to = 0) {
  PlannedOverlay overlay;
  overlay.x = x;
  overlay.y = y;
  overlay.width = width;
  overlay.opacity = opacity;
  overlay.from = from;
  overlay.to = to;
  return overlay;
}

OverlaySet set_of(const std::vector<PlannedOverlay>& overlays) {
  OverlaySet set;
  auto image = std::make_shared<OverlayImage>();
  image->rgba = logo();
  for (const PlannedOverlay& each : overlays) set.items.push_back({each, image});
  set.shown = {kWidth, kHeight};
  return set;
}

std::vector<FramePtr> pictures(bool ten_bit, int count) {
  std::vector<FramePtr> made;
  for (int number = 0; number < count; ++number) {
    const auto code = [&](int n, int plane, int x, int y) {
      return shade(n, plane, x, y) >> (ten_bit ? 0 : 2);
    };
    FramePtr frame = on_card(*drawn(code, number, kWidth, kHeight, ten_bit));
    frame->color_range = AVCOL_RANGE_MPEG;
    frame->colorspace = ten_bit ? AVCOL_SPC_BT2020_NCL : AVCOL_SPC_BT709;
    frame->color_trc = ten_bit ? AVCOL_TRC_SMPTE2084 : AVCOL_TRC_BT709;
    made.push_back(std::move(frame));
  }
  return made;
}

int most_apart(const AVFrame& one, const AVFrame& other) {
  int most = 0;
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? one.height : one.height / 2); ++y)
      for (int x = 0; x < (plane == 0 ? one.width : one.width / 2); ++x)
        most = std::max(most, std::abs(code_of(one, plane, x, y) - code_of(other, plane, x, y)));
  return most;
}

class OverlaysOnCard : public OnTheFake {
 protected:
  // One rendition after the other, with the overlays laid there.
  std::vector<FramePtr> made_there(const Plan& plan, bool ten_bit, std::size_t rendition,
                                   const OverlaySet& set, int count = 4) {
    CollectingSink out;
    EXPECT_TRUE(open().ok());
    const auto card = make_nvidia_backend(std::move(device_));
    const Status status = filter(*card, plan, pictures(ten_bit, count), out, rendition, set);
    EXPECT_TRUE(status.ok()) << to_string(status);
    return std::move(out.frames);
  }
};

TEST_F(OverlaysOnCard, AreAsTheCpuLaysThemOverTheSamePictures) {
  const struct {
    const char* name;
    std::vector<PlannedOverlay> overlays;
    int apart;  // codes
  } rows[] = {
      {"one", {at(0.11, 0.13, 0.3, 1)}, 0},
      {"half transparent", {at(0.11, 0.13, 0.3, 0.55)}, 0},
      {"over the border", {at(-0.1, 0.8, 0.4, 0.8)}, 0},
      {"for a while", {at(0.3, 0.2, 0.31, 1, 3'600, 10'800)}, 0},
      {"two that part", {at(0, 0, 0.2, 1), at(0.7, 0.6, 0.2, 0.7, 3'600)}, 0},
      {"two that overlap", {at(0.1, 0.1, 0.5, 0.6), at(0.3, 0.2, 0.5, 0.5, 0, 7'200)}, 1},
      {"outside this size", {at(0.999, 0, 0.0001, 1, 0, 3'600)}, 0},
  };
  for (const bool ten_bit : {false, true}) {
    const Plan plan = plan_of({{kWidth, kHeight, ten_bit}, {46, 26, ten_bit}});
    for (const auto& row : rows) {
      SCOPED_TRACE(row.name);
      const OverlaySet set = set_of(row.overlays);
      for (std::size_t rendition = 0; rendition < 2; ++rendition) {
        const auto there = made_there(plan, ten_bit, rendition, set);
        auto bare = made_there(plan, ten_bit, rendition, {});
        CollectingSink here;
        OverlayStage stage(set, here);
        ASSERT_EQ(there.size(), 4U);
        for (std::size_t i = 0; i < 4; ++i) {
          const FramePtr before = share(*bare[i]);
          ASSERT_TRUE(stage.push(std::move(bare[i])).ok());
          EXPECT_LE(most_apart(*there[i], *here.frames[i]), row.apart) << rendition << " picture " << i;
          // And they are there.
          const auto pts = static_cast<std::int64_t>(i) * 3'600;
          const bool shown = set.items[0].is_shown_at(pts) && row.overlays[0].width > 0.01;
          EXPECT_EQ(most_apart(*there[i], *before) > 20, shown) << rendition << " picture " << i;
        }
        expect_all_closed();
      }
    }
  }
}

TEST_F(OverlaysOnCard, AreMadeReadyOnceForAsLongAsTheyAreShown) {
  ASSERT_TRUE(open().ok());
  const Plan plan = plan_of({{kWidth, kHeight}, {46, 26}});
  const OverlaySet set = set_of({at(0.1, 0.1, 0.3, 1, 3'600, 10'800)});
  {
    DeviceOverlays overlays(*device_, plan, set);
    auto frames = pictures(false, 4);
    const int before = fake_.memory;
    int held[4];
    const kernels::Blend* tables[4];
    for (std::size_t i = 0; i < 4; ++i) {
      ASSERT_TRUE(overlays.fit(*frames[i]).ok());
      held[i] = fake_.memory - before;
      tables[i] = overlays.of(1).luma;
    }
    EXPECT_THAT(held, ::testing::ElementsAre(0, 2, 2, 0));
    EXPECT_EQ(tables[0], nullptr);
    EXPECT_EQ(tables[1], tables[2]);
    EXPECT_EQ(tables[3], nullptr);
    // Other colours want other tables.
    const auto opaque = [&] {
      const kernels::Overlay over = overlays.of(0);
      return over.luma[over.luma_part.width * (over.luma_part.height / 2) + over.luma_part.width - 2].add;
    };
    ASSERT_TRUE(overlays.fit(*frames[1]).ok());
    const std::uint32_t limited = opaque();
    frames[2]->color_range = AVCOL_RANGE_JPEG;
    ASSERT_TRUE(overlays.fit(*frames[2]).ok());
    EXPECT_NE(opaque(), limited);
  }
  device_.reset();
  expect_all_closed();
}

TEST_F(OverlaysOnCard, WithoutRoomForThemTheFiltersFail) {
  ASSERT_TRUE(open().ok());
  const Plan plan = plan_of({{kWidth, kHeight}});
  const OverlaySet set = set_of({at(0.1, 0.1, 0.3, 1)});
  for (const char* call : {"MemAlloc", "MemcpyHtoD", "StreamSynchronize"}) {
    DeviceOverlays overlays(*device_, plan, set);
    const int before = fake_.memory;
    fake_.fails = {{call, 2}};
    const Status status = overlays.fit(*pictures(false, 1)[0]);
    EXPECT_EQ(status.code(), Code::resource_exhausted) << call << ": " << status.message();
    EXPECT_EQ(blamed_stage(status), Stage::filters);
    EXPECT_THAT(status.message(), HasSubstr("no memory for the overlays"));
    EXPECT_EQ(fake_.memory, before) << call;
  }
}

// What is made in one go is filtered on the CPU in a job whose renditions are on a card.
TEST_F(OverlaysOnCard, TheCpusChainLaysThemUnlessTheLadderBeforeItDid) {
  ASSERT_TRUE(open().ok());
  const auto card = make_nvidia_backend(std::move(device_));
  const auto cpu = make_software_backend();
  Plan plan = plan_of({{kWidth, kHeight}});
  plan.renditions[0].preset = "veryfast";
  plan.renditions[0].quality = 20;
  plan.clock = SegmentClock(kTicksPerSecond);
  const OverlaySet set = set_of({at(0.1, 0.1, 0.5, 1)});
  const auto coded = [&](Backend& filters, const OverlaySet& overlays) {
    PacketCollector packets;
    auto chain = EncodeChain::make(plan, plan.renditions[0], filters, *cpu, overlays, packets);
    EXPECT_TRUE(chain.ok()) << to_string(chain.status());
    std::unique_ptr<Sink<FramePtr>> ladder;
    Sink<FramePtr>* next = &(*chain)->entry();
    EXPECT_TRUE(put_before(next, filters.make_ladder(plan, overlays, *next), ladder).ok());
    FramePtr frame = picture(0, kWidth, kHeight);
    if (&filters == card.get()) frame = on_card(*frame);
    EXPECT_TRUE(next->push(std::move(frame)).ok());
    EXPECT_TRUE(next->finish().ok());
    return std::string(reinterpret_cast<const char*>(packets.packets.at(0)->data),
                       static_cast<std::size_t>(packets.packets[0]->size));
  };
  const std::string bare = coded(*cpu, {}), laid = coded(*cpu, set);
  EXPECT_NE(bare, laid);
  EXPECT_EQ(coded(*card, {}), bare);
  EXPECT_EQ(coded(*card, set), laid) << "once, and not twice";
}

}  // namespace
}  // namespace millrace::engine
