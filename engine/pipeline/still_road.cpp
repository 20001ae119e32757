#include "engine/pipeline/still_road.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/package/idr.h"
#include "engine/pipeline/open_track.h"
#include "engine/pipeline/picture_shape.h"
#include "engine/pipeline/still_shape.h"
#include "engine/plan/job_times.h"
#include "engine/plan/normalise.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

// Of a deinterlacer, which looks at the pictures before.
constexpr std::int64_t kDeinterlacerHistory = kTicksPerSecond;
// What FrameClock may move a timestamp by, in units of the track's time base.
constexpr std::int64_t kSlack = 2;

std::function<std::string(const AVFrame&)> chain_for(const Plan& plan, const PlannedStills& stills) {
  const std::string normalise = still_filter(plan);
  const std::string shape = still_shape(stills);
  return chain_by_shape(*plan.source.main_video(), false, normalise.empty() ? shape : normalise + "," + shape,
                        shape);
}

}  // namespace

Status StillRoad::Taker::push(FramePtr frame) {
  if (shown_.empty() || frame->pts != shown_.front().pts) return {};  // a neighbour
  const ShownPicture shown = std::move(shown_.front());
  shown_.pop_front();
  for (const Still& still : shown.stills)
    if (Status status = writer_.add(still, shown.pts, share(*frame)); !status.ok()) return status;
  return {};
}

Status StillRoad::Taker::finish() {
  if (shown_.empty()) return {};
  return Status(Code::internal,
                fmt::format("the picture for still {} was lost", shown_.front().stills.front().index + 1));
}

StillRoad::StillRoad(const StillWork& work, std::stop_token stop)
    : work_(work),
      video_(*work.plan.source.main_video()),
      stop_(std::move(stop)),
      neighbours_(video_.interlaced),
      taker_(work.writer) {}

Status StillRoad::wire() {
  const Plan& plan = work_.plan;
  auto input = open_track(plan.source, video_.index, AVMEDIA_TYPE_VIDEO, stop_);
  if (!input.ok()) return input.status();
  input_ = std::move(*input);
  input_->accept_damage(work_.damage);
  const bool seeks = plan.source.can_seek && input_->can_seek();

  FilterStage::Settings filter;
  filter.chain_for = chain_for(plan, work_.output.stills);
  filter.frame_rate = video_.frame_rate.known() ? to_av(video_.frame_rate) : AVRational{0, 1};
  filter.threads = work_.decoder_threads;
  filter_ = std::make_unique<FilterStage>(std::move(filter), taker_);
  OnShow::Settings show;
  show.neighbours = neighbours_;
  if (!seeks) show.refill = [this] { return next_still(); };
  show.least_end = [this] {
    const bool whole = video_.duration_seconds > 0 && work_.damage.sentences().empty();
    return whole ? static_cast<std::int64_t>(media_seconds(work_.plan) * kTicksPerSecond) : 0;
  };
  on_show_ = std::make_unique<OnShow>(std::move(show), taker_.shown(), *filter_);
  FrameTiming timing;
  timing.time_base = input_->chosen().time_base;
  timing.first_pts = video_.first_pts;
  timing.frame_rate = video_.frame_rate;
  timing.constant_rate = !video_.variable_frame_rate;
  timing.has_timestamps = input_->has_timestamps();
  timing.read_from_start = !seeks;
  timing.trim_from = plan.trim_from;
  timing.path = input_->path();
  clock_ = std::make_unique<RunClock>(std::move(timing), *on_show_);

  DecoderSettings settings;
  settings.parameters = input_->chosen().codecpar;
  settings.time_base = input_->chosen().time_base;
  settings.threads = work_.decoder_threads;
  settings.path = input_->path();
  settings.origin_pts = video_.first_pts;
  settings.sample_aspect = input_->chosen().sample_aspect_ratio;
  if (work_.damage.accepts())
    settings.on_damage = [this](const std::string& sentence) { work_.damage.add(sentence); };
  auto decoder = SoftwareDecoder::open(settings, *clock_);
  if (!decoder.ok()) return decoder.status();
  decoder_ = std::move(*decoder);
  if (seeks)
    ahead_ = std::make_unique<PacketsAhead>(kSlack, [this](const AVPacket& packet) { return opens(packet); });
  return {};
}

Status StillRoad::run() {
  if (Status status = wire(); !status.ok()) return status;
  return ahead_ ? read_by_seeks() : read_through();
}

std::optional<Still> StillRoad::next_still() {
  begins_run_ = run_.empty();
  if (run_.empty()) {
    const std::vector<Still> taken = work_.list.take(work_.run_length);
    run_.assign(taken.begin(), taken.end());
    // At once: a picture that serves several of them, or that comes with the one before, must not pass
    // unseen.
    if (ahead_)
      for (const Still& still : taken) on_show_->want(still);
  }
  if (run_.empty()) return std::nullopt;
  const Still still = run_.front();
  run_.pop_front();
  return still;
}

Status StillRoad::read_through() {
  while (on_show_->waits()) {
    auto packet = input_->read();
    if (!packet.ok()) return packet.status();
    if (!*packet) return decoder_->finish();
    if (Status status = decoder_->push(std::move(*packet)); !status.ok()) return status;
  }
  return on_show_->finish();
}

Status StillRoad::read_by_seeks() {
  bool any = false;
  while (const auto still = next_still()) {
    any = true;
    const std::int64_t pts = source_pts(still->time);
    if (Status status = begin_for(*still, pts); !status.ok()) return status;
    if (Status status = decode_for(*still, pts); !status.ok()) return status;
  }
  if (!any) return {};
  if (ahead_->ended() && ahead_->empty()) return decoder_->finish();
  if (Status status = begin_anew({0, StillList::kEndless}, AV_NOPTS_VALUE); !status.ok()) return status;
  return on_show_->finish();
}

std::int64_t StillRoad::to_source(std::int64_t ticks) const {
  return av_rescale_q_rnd(ticks, kTicks, input_->chosen().time_base, AV_ROUND_DOWN);
}

std::int64_t StillRoad::source_pts(std::int64_t ticks) const {
  return video_.first_pts + to_source(work_.plan.trim_from + ticks);
}

std::optional<std::int64_t> StillRoad::key_before(std::int64_t pts) const {
  AVStream& stream = input_->chosen();
  const int at = av_index_search_timestamp(&stream, pts, AVSEEK_FLAG_BACKWARD);
  const AVIndexEntry* entry = at < 0 ? nullptr : avformat_index_get_entry(&stream, at);
  return entry == nullptr ? std::nullopt : std::optional<std::int64_t>(entry->timestamp);
}

// Seeks where that saves reading: a key frame lies between what was read and the picture. The first still of
// a run was not wanted while the pictures before it came, and begins with a seek.
Status StillRoad::begin_for(const Still& still, std::int64_t pts) {
  const AVStream& stream = input_->chosen();
  const std::int64_t from = neighbours_ ? pts - to_source(kDeinterlacerHistory) : pts;
  const std::int64_t read_to = ahead_->read_to();
  if (read_to == INT64_MIN) {
    // Also makes Matroska read its index, of which it knows nothing before its first seek.
    if (from <= video_.first_pts) return {};
  } else if (!begins_run_) {
    // The index has decode times, which come before the times at which pictures are shown.
    const std::int64_t delay =
        stream.avg_frame_rate.num > 0
            ? av_rescale_q(stream.codecpar->video_delay, av_inv_q(stream.avg_frame_rate), stream.time_base)
            : 0;
    const auto key = key_before(from - delay);
    if (!key || *key <= read_to) return {};
  }
  if (Status status = seek(from); !status.ok()) return status;
  const std::int64_t key = first_ahead();
  // An H.264 stream with open groups of pictures may mark references from before this key frame as used no
  // more: the decoder must have seen them.
  if (key != AV_NOPTS_VALUE && !opens(ahead_->front()))
    if (Status status = seek(key - 1); !status.ok()) return status;
  return begin_anew(still, key);
}

Status StillRoad::seek(std::int64_t pts) {
  if (Status status = input_->seek(pts); !status.ok()) return status;
  ahead_->clear();
  return fill();
}

bool StillRoad::opens(const AVPacket& packet) const {
  const std::string_view sample(reinterpret_cast<const char*>(packet.data),
                                static_cast<std::size_t>(packet.size));
  return opens_with_idr(*input_->chosen().codecpar, sample, (packet.flags & AV_PKT_FLAG_KEY) != 0);
}

std::int64_t StillRoad::first_ahead() const {
  return ahead_->empty() ? AV_NOPTS_VALUE : shown_at(ahead_->front());
}

// What is ahead follows upon a gap, or nothing does. All stills before this one have had their packets.
// Pictures shown before `strict` may lack their references.
Status StillRoad::begin_anew(const Still& still, std::int64_t strict) {
  if (Status status = decoder_->restart(strict); !status.ok()) return status;
  clock_->restart();
  return on_show_->end_run(still.time);
}

Status StillRoad::fill() {
  while (ahead_->wants_more()) {
    auto packet = input_->read();
    if (!packet.ok()) return packet.status();
    if (*packet)
      ahead_->add(std::move(*packet));
    else
      ahead_->end();
  }
  return {};
}

Status StillRoad::decode_for(const Still& still, std::int64_t pts) {
  while (true) {
    if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
    if (Status status = fill(); !status.ok()) return status;
    if (ahead_->empty()) return {};
    if (neighbours_ ? !on_show_->waits_for(still.time) : ahead_->all_taken_for(pts)) return {};
    if (!neighbours_ && ahead_->drop_to_key(pts))
      if (Status status = begin_anew(still, first_ahead()); !status.ok()) return status;
    const bool spare = !neighbours_ && !ahead_->front_may_show_at(pts);
    PacketPtr packet = ahead_->take();
    if (spare && (packet->flags & AV_PKT_FLAG_DISPOSABLE) != 0) continue;
    decoder_->leave_out_unreferenced(spare);
    if (Status status = decoder_->push(std::move(packet)); !status.ok()) return status;
  }
}

}  // namespace millrace::engine
