// EvenRate gives pictures one constant rate, for codecs that know no other (Theora): each is shown in the
// place nearest to its time, again where nothing new came, and the nearer one where two meet. One thread.
#pragma once

#include <cstdint>

#include "engine/base/rational.h"
#include "engine/pipeline/sink.h"

namespace millrace::engine {

class EvenRate final : public Sink<FramePtr> {
 public:
  // `rate` is known. Frames carry ticks, from 0 on; those that go out lie on whole pictures of the rate.
  EvenRate(const Rational& rate, Sink<FramePtr>& out);

  Status push(FramePtr frame) override;
  // The last picture stays for its own duration.
  Status finish() override;

 private:
  std::int64_t place_of(std::int64_t ticks) const;
  std::int64_t ticks_of(std::int64_t place) const;
  Status show_until(std::int64_t place);

  const Rational picture_;  // ticks of one
  Sink<FramePtr>& out_;
  FramePtr held_;  // waits for the picture after it
  std::int64_t held_ticks_ = 0;
  std::int64_t place_ = 0;  // of held_
};

}  // namespace millrace::engine
