// EveryPicture: a chain of filters on a device of which each picture comes out once. Drivers that look at
// neighbours keep the first and last pictures to themselves; they get more of those.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "engine/pipeline/filter_stage.h"

namespace millrace::engine {

class EveryPicture final : public Sink<FramePtr> {
 public:
  // `neighbours`: so many more of the first and of the last picture go in, and are left out again.
  EveryPicture(FilterStage::Settings settings, int neighbours, std::string device, Sink<FramePtr>& out);

  // A picture that is lost all the same is unsupported, blamed_on() filters.
  Status push(FramePtr frame) override;
  Status finish() override;

 private:
  class Exit final : public Sink<FramePtr> {
   public:
    Exit(std::string device, Sink<FramePtr>& out) : device_(std::move(device)), out_(out) {}
    void expect(std::int64_t pts) { expected_.push_back(pts); }
    Status push(FramePtr frame) override;
    Status finish() override;

   private:
    Status lost(std::size_t count) const;

    const std::string device_;
    Sink<FramePtr>& out_;
    std::deque<std::int64_t> expected_;  // pts that have gone in and not come out
  };

  // The last picture again, `first` ticks and on after it.
  Status repeat(const AVFrame& frame, std::int64_t first);

  const int neighbours_;
  Exit exit_;
  FilterStage filter_;
  FramePtr last_;  // where neighbours are wanted
};

}  // namespace millrace::engine
