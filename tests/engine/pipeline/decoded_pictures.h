// A source's pictures as the CPU's decoder gives them, for tests that compare what others make of them.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/picture_feed.h"
#include "tests/engine/pipeline/frames.h"

namespace millrace::engine {

// The first `most` of them. Expects that nothing fails and nothing is damaged.
inline std::vector<FramePtr> decoded_pictures(const Source& source, std::size_t most = SIZE_MAX) {
  Plan plan;
  plan.source = source;
  CollectingSink out;
  SegmentTally tally;
  DamageLog damage(false);
  const auto cpu = make_software_backend();
  auto feed = PictureFeed::open(plan, 0, *cpu, *cpu, tally, damage, out, {});
  EXPECT_TRUE(feed.ok()) << to_string(feed.status());
  while (feed.ok() && out.frames.size() < most) {
    const auto more = (*feed)->step();
    EXPECT_TRUE(more.ok()) << to_string(more.status());
    if (!more.ok() || !*more) break;
  }
  if (out.frames.size() > most) out.frames.resize(most);
  return std::move(out.frames);
}

}  // namespace millrace::engine
