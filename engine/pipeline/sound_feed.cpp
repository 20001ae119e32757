#include "engine/pipeline/sound_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/open_track.h"
#include "engine/pipeline/sound_clock.h"
#include "engine/pipeline/sound_mix.h"
#include "engine/plan/job_times.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

// What decoders want before the first sample that counts: overlap, bit reservoirs, Opus's 80 ms.
constexpr double kPreRollSeconds = 1;

const AudioTrack* track_of(const SoundFeedSettings& settings) {
  const auto& tracks = settings.plan.source.audio;
  const int index = settings.sound.source_track;
  return index < 0 || static_cast<std::size_t>(index) >= tracks.size()
             ? nullptr
             : &tracks[static_cast<std::size_t>(index)];
}

// One pass over the track.
class Pass {
 public:
  Pass(const SoundFeedSettings& settings, std::string extra_chain, Sink<FramePtr>& out, std::stop_token stop)
      : settings_(settings),
        sound_(settings.sound),
        track_(*track_of(settings)),
        stop_(std::move(stop)),
        backend_(make_software_backend()),
        trim_(end_in(settings.sound.sample_rate), out) {
    const auto add = [this](const std::string& text) { chain_ += (chain_.empty() ? "" : ",") + text; };
    if (track_.sample_rate != sound_.sample_rate) add(fmt::format("aresample={}", sound_.sample_rate));
    if (!extra_chain.empty()) add(extra_chain + ",aformat=sample_fmts=fltp");
    const std::int64_t end = end_in(sound_.sample_rate);
    if (is_beside() && end != SoundTrim::kWhole) add(fmt::format("apad=whole_len={}", end));
  }

  Status open() {
    auto input = open_sound_track(settings_.plan.source, track_, stop_);
    if (!input.ok()) return input.status();
    input_ = std::move(*input);
    input_->accept_damage(settings_.damage);
    const AVStream& stream = input_->chosen();

    Sink<FramePtr>* next = &trim_;
    if (!chain_.empty()) {
      FilterStage::Settings filter;
      filter.chain = chain_;
      filter.time_base = {1, track_.sample_rate};
      filter.out_time_base = {1, sound_.sample_rate};
      filter_ = std::make_unique<FilterStage>(std::move(filter), *next);
      next = filter_.get();
    }
    clock_ = std::make_unique<SoundClock>(
        SoundTiming{track_.sample_rate, zero_in({1, track_.sample_rate}), end_in(track_.sample_rate)}, stop_,
        *next);
    SoundMix::Settings mix;
    mix.time_base = stream.time_base;
    mix.origin = zero_in(from_av(stream.time_base));
    mix.sample_rate = track_.sample_rate;
    mix.channels = sound_.channels;
    mix_ = std::make_unique<SoundMix>(mix, *clock_);

    DecoderSettings decoder;
    decoder.parameters = stream.codecpar;
    decoder.time_base = stream.time_base;
    decoder.path = input_->path();
    decoder.origin_pts = mix.origin;
    if (settings_.damage.accepts())
      decoder.on_damage = [this](const std::string& sentence) { settings_.damage.add(sentence); };
    const std::int64_t pre_roll = std::llround(kPreRollSeconds / av_q2d(stream.time_base));
    const bool far = decoder.origin_pts - track_.first_pts > 2 * pre_roll;
    const bool seeks = far && settings_.plan.source.can_seek && input_->can_seek();
    if (seeks) decoder.strict_from_pts = decoder.origin_pts;
    auto made = backend_->make_decoder(decoder, *mix_);
    if (!made.ok()) return made.status();
    decoder_ = std::move(*made);
    return seeks ? input_->seek(decoder.origin_pts - pre_roll) : Status();
  }

  Result<bool> step() {
    if (trim_.done()) return ended(trim_.finish());
    auto packet = input_->read();
    if (!packet.ok()) return packet.status();
    if (!*packet) return ended(decoder_->finish());
    if (Status status = decoder_->push(std::move(*packet)); !status.ok()) return status;
    return true;
  }

  std::int64_t samples() const { return trim_.samples(); }
  bool is_cut() const { return trim_.done() || clock_->came_to_end(); }
  double seconds() const { return static_cast<double>(samples()) / sound_.sample_rate; }

 private:
  static Result<bool> ended(Status status) {
    if (!status.ok()) return status;
    return false;
  }

  // The sound lies in a file of its own, beside the picture.
  bool is_beside() const { return !track_.url.empty() && !track_.same_clock; }

  bool whole() const {
    return settings_.whole && !is_beside() && settings_.plan.trim_from == 0 && settings_.plan.trim_to == 0;
  }

  // What the job's clock calls 0, on the source's clock.
  std::int64_t zero_in(const Rational& time_base) const {
    if (!whole() && !is_beside()) return origin_pts(settings_.plan, time_base);
    const std::int64_t trimmed =
        is_beside() ? av_rescale_q(settings_.plan.trim_from, kTicks, to_av(time_base)) : 0;
    return av_rescale_q(track_.first_pts, to_av(track_.time_base), to_av(time_base)) + trimmed;
  }

  // Where the picture or the trim ends, in samples. Sound alone ends where it ends: what a container says of
  // its length may be off by some frames. So does sound of which nothing but a promise says where the picture
  // ends.
  std::int64_t end_in(int sample_rate) const {
    const Plan& plan = settings_.plan;
    if (whole() || (plan.source.main_video() == nullptr && plan.trim_to == 0)) return SoundTrim::kWhole;
    const double seconds = plan.source.main_video() != nullptr
                               ? media_seconds(plan)
                               : static_cast<double>(plan.trim_to - plan.trim_from) / kTicksPerSecond;
    if (seconds <= 0) return SoundTrim::kWhole;
    return std::max<std::int64_t>(std::llround(seconds * sample_rate), 1);
  }

  const SoundFeedSettings settings_;
  const PlannedSound sound_;
  const AudioTrack& track_;
  const std::stop_token stop_;
  std::string chain_;  // after the clock; its filters see one kind of sound, so they are made once
  std::unique_ptr<Backend> backend_;
  SoundTrim trim_;
  std::unique_ptr<FilterStage> filter_;  // null: the chain is empty
  std::unique_ptr<SoundClock> clock_;
  std::unique_ptr<SoundMix> mix_;
  std::unique_ptr<MediaInput> input_;
  std::unique_ptr<Sink<PacketPtr>> decoder_;
};

class Feed final : public SoundFeed {
 public:
  Feed(const SoundFeedSettings& settings, Sink<FramePtr>& out, std::stop_token stop)
      : settings_(settings),
        out_(out),
        stop_(std::move(stop)),
        damage_measured_(settings.damage.accepts()),
        meter_(settings.sound.sample_rate) {}

  Status begin() {
    if (!settings_.sound.normalise_loudness) return begin_pass("");
    // What the first pass lost, the second one loses and tells again.
    measuring_.emplace(SoundFeedSettings{settings_.plan, settings_.sound, damage_measured_, settings_.whole},
                       "", meter_, stop_);
    return measuring_->open();
  }

  Result<bool> step() override {
    if (pass_) return pass_->step();
    const Result<bool> more = measuring_->step();
    if (!more.ok() || *more) return more;
    measured_seconds_ = measuring_->seconds();
    measuring_.reset();
    if (Status status = begin_pass(loudness_chain(meter_.loudness(), settings_.sound.sample_rate));
        !status.ok())
      return status;
    return true;
  }

  std::int64_t samples() const override { return pass_ ? pass_->samples() : 0; }
  bool is_cut() const override { return pass_ && pass_->is_cut(); }

  double seconds_read() const override {
    if (measuring_) return measuring_->seconds() / 2;
    return settings_.sound.normalise_loudness ? (measured_seconds_ + pass_->seconds()) / 2 : pass_->seconds();
  }

 private:
  Status begin_pass(std::string loudness) {
    pass_.emplace(settings_, std::move(loudness), out_, stop_);
    return pass_->open();
  }

  const SoundFeedSettings settings_;
  Sink<FramePtr>& out_;
  const std::stop_token stop_;
  DamageLog damage_measured_;
  LoudnessMeter meter_;
  std::optional<Pass> measuring_;
  std::optional<Pass> pass_;
  double measured_seconds_ = 0;
};

}  // namespace

Result<std::unique_ptr<SoundFeed>> SoundFeed::open(const SoundFeedSettings& settings, Sink<FramePtr>& out,
                                                   std::stop_token stop) {
  if (track_of(settings) == nullptr)
    return Status(Code::invalid_argument, fmt::format("{}: it has no sound {}", settings.plan.source.url,
                                                      settings.sound.source_track));
  auto feed = std::make_unique<Feed>(settings, out, std::move(stop));
  if (Status status = feed->begin(); !status.ok()) return status;
  return std::unique_ptr<SoundFeed>(std::move(feed));
}

}  // namespace millrace::engine
