#include "bench/gpu_sessions.h"

#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "bench/seconds_since.h"
#include "engine/backend/backend_set.h"
#include "engine/pipeline/fan_out.h"
#include "engine/pipeline/first_failure.h"
#include "engine/pipeline/overlay.h"
#include "engine/pipeline/picture_feed.h"

namespace millrace::bench {
namespace {

using engine::Backend;
using engine::BackendSet;
using engine::Code;
using engine::FirstFailure;
using engine::FramePtr;
using engine::PlannedRendition;
using engine::Result;
using engine::Sink;
using engine::Status;

class Dropped final : public Sink<FramePtr> {
 public:
  Status push(FramePtr) override { return {}; }
  Status finish() override { return {}; }
};

class Counted final : public Sink<FramePtr> {
 public:
  explicit Counted(Sink<FramePtr>& out) : out_(out) {}
  Status push(FramePtr frame) override {
    ++pictures_;
    return out_.push(std::move(frame));
  }
  Status finish() override { return out_.finish(); }
  std::int64_t pictures() const { return pictures_; }

 private:
  Sink<FramePtr>& out_;
  std::int64_t pictures_ = 0;
};

// One rendition's pictures, scaled and on the CPU.
struct Branch {
  Dropped end;
  std::unique_ptr<Sink<FramePtr>> download;
  std::unique_ptr<Sink<FramePtr>> scaler;
};

// For one thread.
class Session {
 public:
  Session(const engine::Plan& plan, SessionWork work, FirstFailure& failure)
      : plan_(plan), work_(work), failure_(failure), fan_out_(failure, engine::kQueuedOnDevice) {}

  Status open(const engine::OpenBackend& open) {
    auto backends = BackendSet::open(plan_, open);
    if (!backends.ok()) return backends.status();
    backends_ = std::move(*backends);
    Backend& filters = backends_->of(plan_.filter_device);
    Sink<FramePtr>* next = &nowhere_;
    if (work_ == SessionWork::ladder) {
      next = &fan_out_;
      for (std::size_t i = 0; i < plan_.renditions.size(); ++i)
        if (Status s = add_branch(filters, i); !s.ok()) return s;
      if (Status s = put_before(next, filters.make_ladder(plan_, no_overlays_, *next), ladder_); !s.ok())
        return s;
    }
    count_.emplace(*next);
    auto feed = engine::PictureFeed::open(plan_, 0, backends_->of(plan_.decode_device), filters, tally_,
                                          damage_, *count_, failure_.token());
    if (!feed.ok()) return feed.status();
    feed_ = std::move(*feed);
    return {};
  }

  Status run(const StopFlag& stop) {
    while (!stop.requested()) {
      const Result<bool> more = feed_->step();
      if (!more.ok()) return more.status();
      if (!*more) return failure_.status();
    }
    return {Code::cancelled, "stopped"};
  }

  std::int64_t pictures() const { return count_->pictures(); }

 private:
  Status add_branch(Backend& filters, std::size_t i) {
    const PlannedRendition& rendition = plan_.renditions[i];
    Branch& branch = *branches_.emplace_back(std::make_unique<Branch>());
    Sink<FramePtr>* next = &branch.end;
    if (Status s = put_before(next, filters.make_download(rendition.ten_bit, *next), branch.download);
        !s.ok())
      return s;
    branch.scaler = filters.make_scaler({rendition.width, rendition.height, rendition.ten_bit, i}, *next);
    fan_out_.add(*branch.scaler);
    return {};
  }

  const engine::Plan& plan_;
  const SessionWork work_;
  FirstFailure& failure_;
  const engine::OverlaySet no_overlays_;
  engine::SegmentTally tally_;
  engine::DamageLog damage_{false};
  std::unique_ptr<BackendSet> backends_;
  Dropped nowhere_;
  std::unique_ptr<Sink<FramePtr>> ladder_;  // before the branches: what their queues hold of it goes first
  std::vector<std::unique_ptr<Branch>> branches_;
  engine::FanOut fan_out_;  // after the branches: its threads end before these go
  std::optional<Counted> count_;
  std::unique_ptr<engine::PictureFeed> feed_;
};

}  // namespace

Result<SessionsRun> run_sessions(const engine::Plan& plan, int count, SessionWork work,
                                 const engine::OpenBackend& open, const StopFlag& stop) {
  FirstFailure failure;
  std::latch ready(count), go(1);
  std::vector<std::int64_t> pictures(static_cast<std::size_t>(count));
  std::vector<std::jthread> threads;
  for (std::int64_t& mine : pictures)
    threads.emplace_back([&] {
      Session session(plan, work, failure);
      Status status = session.open(open);
      ready.count_down();
      go.wait();
      if (status.ok() && !failure.token().stop_requested()) status = session.run(stop);
      if (!status.ok()) return failure.report(status);
      mine = session.pictures();
    });
  ready.wait();
  const auto begin = std::chrono::steady_clock::now();
  go.count_down();
  threads.clear();
  SessionsRun run;
  run.seconds = seconds_since(begin);
  if (Status s = failure.status(); !s.ok()) return s;
  for (const std::int64_t each : pictures) run.pictures += each;
  return run;
}

}  // namespace millrace::bench
