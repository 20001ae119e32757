// Deinterlacing on an NVIDIA card, over a driver of fakes whose kernels are the reference: which pictures
// come out, and from what.
#include <gmock/gmock.h>

#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/nvidia/rungs.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/range_gate.h"
#include "engine/plan/normalise.h"
#include "kernels/reference.h"
#include "tests/engine/backend/nvidia_case.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

constexpr int kWidth = 96, kHeight = 64;

enum class Mark { none, top_first, bottom_first, film };
using Marks = std::vector<Mark>;

// Soft bars that move to the right by two samples a field, over shades that stand still. In a picture that is
// marked as whole both fields are of one time.
int bars(int number, int plane, int x, int y, Mark mark) {
  const int later = mark == Mark::bottom_first ? (y + 1) % 2 : mark == Mark::top_first ? y % 2 : 0;
  const double at = x + 0.7 * y - 2.0 * (2 * number + later);
  if (y > kHeight / 2 && plane == 0) return 60 + x + y;
  return plane == 0 ? 128 + static_cast<int>(70 * std::sin(at * 0.2))
                    : 128 + static_cast<int>(40 * std::sin(at * 0.3));
}

std::vector<FramePtr> pictures(const Marks& marks, bool there, std::size_t from = 0) {
  std::vector<FramePtr> made;
  for (std::size_t i = from; i < marks.size(); ++i) {
    const auto code = [&](int number, int plane, int x, int y) {
      return bars(number, plane, x, y, marks[i]);
    };
    FramePtr frame = drawn(code, static_cast<int>(i), kWidth, kHeight, false);
    if (marks[i] == Mark::top_first || marks[i] == Mark::bottom_first)
      mark_interlaced(*frame, marks[i] == Mark::top_first);
    if (marks[i] == Mark::film) frame->repeat_pict = 1;
    made.push_back(there ? on_card(*frame) : std::move(frame));
  }
  return made;
}

Plan interlaced_plan(bool marks_lie = false) {
  Plan plan = plan_of({{kWidth, kHeight}});
  VideoTrack& track = plan.source.video[0];
  track.width = kWidth;
  track.height = kHeight;
  track.pixel_format = "yuv420p";
  track.color_range = "tv";
  track.color_matrix = track.color_primaries = track.color_transfer = "bt709";
  track.interlaced = true;
  track.top_field_first = true;
  if (marks_lie) track.scan_note = "all are marked progressive, and hold two fields";
  plan.normalisations = normalise(track)->steps;
  return plan;
}

bool is_same_picture(const AVFrame& one, const AVFrame& other) {
  return decibels(one, other, 0) == 200 && decibels(one, other, 1) == 200 && decibels(one, other, 2) == 200;
}

class DeinterlaceOnCard : public OnTheFake {
 protected:
  std::vector<FramePtr> made_there(const Plan& plan, std::vector<FramePtr> from) {
    CollectingSink out;
    EXPECT_TRUE(open().ok());
    const auto card = make_nvidia_backend(std::move(device_));
    const Status status = filter(*card, plan, std::move(from), out);
    EXPECT_TRUE(status.ok()) << to_string(status);
    EXPECT_TRUE(out.finished);
    return std::move(out.frames);
  }
  static std::vector<FramePtr> made_here(const Plan& plan, std::vector<FramePtr> from) {
    CollectingSink out;
    const Status status = filter(*make_software_backend(), plan, std::move(from), out);
    EXPECT_TRUE(status.ok()) << to_string(status);
    return std::move(out.frames);
  }
};

TEST_F(DeinterlaceOnCard, GivesThePicturesThatTheCpuGives) {
  constexpr Mark T = Mark::top_first, B = Mark::bottom_first, P = Mark::none, F = Mark::film;
  const struct {
    const char* name;
    Marks marks;
    bool marks_lie;
  } rows[] = {{"top first", {T, T, T, T, T}, false},
              {"bottom first", {B, B, B, B}, false},
              {"one", {T}, false},
              {"two", {T, T}, false},
              {"progressive", {P, P, P}, false},
              {"both", {T, T, P, P, T, P, T, T}, false},
              {"film beside fields", {F, T, T, F, P, T, F}, false},
              {"marks that lie", {P, T, P, P, F, P}, true}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Plan plan = interlaced_plan(row.marks_lie);
    const auto there = made_there(plan, pictures(row.marks, true));
    const auto here = made_here(plan, pictures(row.marks, false));
    const auto source = pictures(row.marks, false);
    ASSERT_EQ(there.size(), here.size());
    ASSERT_EQ(here.size(), row.marks.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      EXPECT_EQ(there[i]->pts, here[i]->pts);
      EXPECT_EQ(is_interlaced(*there[i]), is_interlaced(*here[i])) << i;
      EXPECT_EQ(is_same_picture(*there[i], *source[i]), is_same_picture(*here[i], *source[i])) << i;
      // Of the first picture bwdif knows no motion; the card takes it from the next one.
      const bool first = i == 0;
      EXPECT_GE(decibels(*there[i], *here[i], 0), first ? 36 : 47) << i;
      EXPECT_GE(decibels(*there[i], *here[i], 1), first ? 42 : 50) << i;
      EXPECT_GE(decibels(*there[i], *here[i], 2), first ? 42 : 50) << i;
    }
    expect_all_closed();
  }
}

// 28 dB is what both fields in one picture are like.
TEST_F(DeinterlaceOnCard, ThePicturesAtTheEndsAreAsGoodAsTheOthers) {
  for (const Mark mark : {Mark::top_first, Mark::bottom_first}) {
    const auto made = made_there(interlaced_plan(), pictures(Marks(4, mark), true));
    for (const int number : {0, 1, 3}) {
      const auto whole = [](int n, int plane, int x, int y) { return bars(n, plane, x, y, Mark::none); };
      const FramePtr truth = drawn(whole, number, kWidth, kHeight, false);
      EXPECT_GE(decibels(*made[static_cast<std::size_t>(number)], *truth, 0), 36) << number;
    }
  }
}

TEST_F(DeinterlaceOnCard, IsExactlyTheKernel) {
  const Marks marks(3, Mark::bottom_first);
  const auto made = made_there(interlaced_plan(), pictures(marks, true));
  const auto source = pictures(marks, true);
  const auto surface_of = [](const FramePtr& frame) {
    return source_surface(*frame, AV_PIX_FMT_NV12).value();
  };
  const struct { std::size_t previous, current, next; } rows[] = {{1, 0, 1}, {0, 1, 2}, {1, 2, 2}};
  for (const auto& row : rows) {
    const FramePtr wanted = decoded(0, kWidth, kHeight);
    kernels::ReferenceKernels().deinterlace({surface_of(source[row.previous]),
                                             surface_of(source[row.current]), surface_of(source[row.next]),
                                             surface_of(wanted), 1, 0});
    const AVFrame& got = *made[row.current];
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        ASSERT_EQ(code_of(got, 0, x, y), wanted->data[0][y * wanted->linesize[0] + x]) << x << "," << y;
        ASSERT_EQ(code_of(got, 1 + x % 2, x / 2, y / 2), wanted->data[1][y / 2 * wanted->linesize[1] + x])
            << x << "," << y;
      }
  }
}

// A range that begins in the middle reads pictures of before, as PictureFeed has it, and lets none of them
// through.
TEST_F(DeinterlaceOnCard, ARangeHasThePicturesOfTheWhole) {
  Marks marks(24, Mark::top_first);
  marks[11] = marks[12] = Mark::none;
  const SegmentClock clock(8 * 3'600);
  const auto range = [&](std::size_t read_from, std::int64_t first, std::int64_t end) {
    EXPECT_TRUE(open().ok());
    const auto card = make_nvidia_backend(std::move(device_));
    CollectingSink out;
    SegmentTally tally;
    RangeGate gate(clock, first, end, 0, tally, out);
    const auto normaliser = card->make_normaliser(interlaced_plan(), gate);
    EXPECT_TRUE(normaliser.ok());
    for (FramePtr& frame : pictures(marks, true, read_from)) {
      if (gate.past_end()) break;
      EXPECT_TRUE((*normaliser)->push(std::move(frame)).ok());
    }
    EXPECT_TRUE(gate.past_end() || (*normaliser)->finish().ok());
    std::vector<std::vector<std::uint8_t>> samples;
    for (const FramePtr& frame : out.frames) {
      std::vector<std::uint8_t>& each = samples.emplace_back();
      for (int plane = 0; plane < 2; ++plane)
        for (int y = 0; y < kHeight >> plane; ++y) {
          const std::uint8_t* row = frame->data[plane] + y * frame->linesize[plane];
          each.insert(each.end(), row, row + kWidth);
        }
    }
    out.frames.clear();
    return samples;
  };
  const auto whole = range(0, 0, -1);
  ASSERT_EQ(whole.size(), 24U);
  for (const std::size_t joint : {std::size_t{1}, std::size_t{2}}) {
    auto parts = range(0, 0, static_cast<std::int64_t>(joint));
    for (const auto& each : range(joint * 8 - 3, static_cast<std::int64_t>(joint), -1)) parts.push_back(each);
    ASSERT_EQ(parts.size(), whole.size()) << joint;
    for (std::size_t i = 0; i < whole.size(); ++i)
      EXPECT_TRUE(parts[i] == whole[i]) << joint << " picture " << i;
  }
}

// So that the decoder has one to decode into.
TEST_F(DeinterlaceOnCard, HoldsNoMorePicturesThanTheDecoderHasForIt) {
  struct Counted {
    int now = 0;
    int most = 0;
  };
  Counted counted;
  const auto counting = [&](FramePtr frame) {
    // As long as this buffer is held, so is the surface.
    AVBufferRef* samples = frame->buf[0];
    struct Held {
      AVBufferRef* samples;
      Counted* counted;
    };
    const auto let_go = [](void* opaque, std::uint8_t*) {
      auto* held = static_cast<Held*>(opaque);
      --held->counted->now;
      av_buffer_unref(&held->samples);
      delete held;
    };
    frame->buf[0] = av_buffer_create(samples->data, samples->size, let_go, new Held{samples, &counted}, 0);
    counted.most = std::max(counted.most, ++counted.now);
    return frame;
  };
  Marks marks(12, Mark::top_first);
  marks[3] = marks[4] = marks[5] = marks[9] = Mark::none;  // these go on as they are
  ASSERT_TRUE(open().ok());
  const auto card = make_nvidia_backend(std::move(device_));
  CollectingSink out;
  SegmentTally tally;
  RangeGate gate(SegmentClock(8 * 3'600), 1, -1, 0, tally, out);
  const auto normaliser = card->make_normaliser(interlaced_plan(), gate);
  ASSERT_TRUE(normaliser.ok());
  for (FramePtr& frame : pictures(marks, true)) {
    ASSERT_TRUE((*normaliser)->push(counting(std::move(frame))).ok());
    out.frames.clear();
  }
  EXPECT_EQ(counted.most, DeinterlaceStage::kHeld);
  EXPECT_LT(counted.most, kHeldDecoded);
  ASSERT_TRUE((*normaliser)->finish().ok());
  out.frames.clear();
  EXPECT_EQ(counted.now, 0);
  EXPECT_EQ(out.pts.size(), 4U);
}

TEST_F(DeinterlaceOnCard, PicturesThatChangeTheirSizeBeginAnew) {
  ASSERT_TRUE(open().ok());
  CollectingSink out;
  {
    DeinterlaceStage stage(*device_, interlaced_plan().source.video[0], out);
    for (int number = 0; number < 4; ++number) {
      FramePtr frame = decoded(number, number < 2 ? 64 : 32, 32, AV_PIX_FMT_P010LE);
      mark_interlaced(*frame, true);
      ASSERT_TRUE(stage.push(std::move(frame)).ok());
    }
    ASSERT_TRUE(stage.finish().ok());
  }
  EXPECT_THAT(out.pts, ::testing::ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(out.frames[1]->width, 64);
  EXPECT_EQ(out.frames[2]->width, 32);
  EXPECT_EQ(format_on_device(*out.frames[2]), AV_PIX_FMT_P010LE);
  EXPECT_TRUE(out.finished);
  out.frames.clear();
}

TEST_F(DeinterlaceOnCard, WhatFailsIsTheFiltersFailure) {
  expect_failures_of_filters("millrace_deinterlace_8", [this] {
    CollectingSink out;
    DeinterlaceStage stage(*device_, interlaced_plan().source.video[0], out);
    auto frames = pictures({Mark::top_first, Mark::top_first}, true);
    EXPECT_TRUE(stage.push(std::move(frames[0])).ok());
    return stage.push(std::move(frames[1]));
  });
}

}  // namespace
}  // namespace millrace::engine
