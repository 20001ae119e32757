#include "engine/pipeline/file_feeds.h"

#include <limits>

#include "engine/package/cmaf.h"
#include "engine/package/segment_reader.h"
#include "engine/pipeline/burn_stage.h"
#include "engine/pipeline/encode_chain.h"
#include "engine/pipeline/even_rate.h"
#include "engine/pipeline/overlay.h"
#include "engine/pipeline/picture_feed.h"
#include "engine/pipeline/range_gate.h"
#include "engine/pipeline/sound_feed.h"

namespace millrace::engine {
namespace {

// No grid: the pictures of a file that is made in one go are never repeated to open a segment.
const SegmentClock kNoGrid(std::numeric_limits<std::int64_t>::max());

// An encoder's headers as they stand in a file: muxers that find start codes in H.264's or HEVC's would look
// for them in the pictures too, which have lengths instead.
class StoredHeaders final : public TrackSink<PacketPtr> {
 public:
  explicit StoredHeaders(TrackSink<PacketPtr>& out) : out_(out) {}

  Status begin(const EncodedTrack& track) override {
    const AVCodecID codec = track.parameters->codec_id;
    if (codec != AV_CODEC_ID_H264 && codec != AV_CODEC_ID_HEVC) return out_.begin(track);
    CmafTrack as_file;
    as_file.parameters = track.parameters;
    const auto init = cmaf_init_segment(as_file);
    if (!init.ok()) return init.status();
    const auto reader = SegmentReader::open(*init);
    if (!reader.ok()) return reader.status();
    EncodedTrack stored = track;
    stored.parameters = &reader->parameters();
    return out_.begin(stored);
  }
  Status push(PacketPtr packet) override { return out_.push(std::move(packet)); }
  Status finish() override { return out_.finish(); }

 private:
  TrackSink<PacketPtr>& out_;
};

class PictureTrack final : public TrackFeed {
 public:
  static Result<std::unique_ptr<TrackFeed>> make(const FeedContext& context,
                                                 const PlannedRendition& rendition) {
    std::unique_ptr<PictureTrack> track(new PictureTrack);
    if (Status status = track->wire(context, rendition); !status.ok()) return status;
    return std::unique_ptr<TrackFeed>(std::move(track));
  }

  Result<bool> step() override {
    if (!gate_->past_end()) return feed_->step();
    if (Status status = gate_->finish(); !status.ok()) return status;
    return false;
  }
  double seconds() const override { return static_cast<double>(gate_->last_pts()) / kTicksPerSecond; }
  std::int64_t frames() const override { return gate_->frames(); }

 private:
  PictureTrack() = default;

  Status wire(const FeedContext& context, const PlannedRendition& rendition) {
    const VideoTrack* video = context.plan.source.main_video();
    if (video == nullptr)
      return {Code::invalid_argument, context.plan.source.url + ": it has no picture to transcode"};
    auto overlays = load_overlays(context.plan);
    if (!overlays.ok()) return overlays.status();
    overlays_ = std::make_unique<OverlaySet>(std::move(overlays).value());

    rendition_ = rendition;
    // Theora knows no times but whole pictures at one rate.
    const bool one_rate = rendition.codec == VideoCodec::theora;
    rendition_.frame_rate = rate_of(context.plan, rendition);
    if (one_rate && !rendition_.frame_rate.known()) rendition_.frame_rate = {25, 1};
    const Rational& rate = rendition_.frame_rate;
    TrackLook look;
    look.language = video->language;
    if (one_rate || !video->variable_frame_rate) look.frame_rate = rate;
    headers_ = std::make_unique<StoredHeaders>(context.tracks.add(look));
    auto chain =
        EncodeChain::make(context.plan, rendition_, context.backend, context.backend, *overlays_, *headers_);
    if (!chain.ok()) return chain.status();
    chain_ = std::move(*chain);
    burn_ = std::make_unique<BurnStage>(chain_->entry());
    if (Status status = burn_->add(context.plan, rendition.burn, 0, context.damage, context.stop);
        !status.ok())
      return status;
    Sink<FramePtr>* entry = burn_.get();
    if (one_rate) {
      even_ = std::make_unique<EvenRate>(rate, *entry);
      entry = even_.get();
    }
    gate_ = std::make_unique<RangeGate>(kNoGrid, 0, -1, end_ticks_of(context.plan), tally_, *entry);
    auto feed = PictureFeed::open(context.plan, 0, context.backend, context.backend, tally_, context.damage,
                                  *gate_, context.stop);
    if (!feed.ok()) return feed.status();
    feed_ = std::move(*feed);
    return {};
  }

  SegmentTally tally_;
  PlannedRendition rendition_;
  std::unique_ptr<OverlaySet> overlays_;
  std::unique_ptr<StoredHeaders> headers_;
  std::unique_ptr<EncodeChain> chain_;
  std::unique_ptr<BurnStage> burn_;
  std::unique_ptr<EvenRate> even_;
  std::unique_ptr<RangeGate> gate_;
  std::unique_ptr<PictureFeed> feed_;
};

class SoundTrack final : public TrackFeed {
 public:
  static Result<std::unique_ptr<TrackFeed>> make(const FeedContext& context, const PlannedSound& sound,
                                                 bool alone) {
    TrackLook look;
    look.time_base = {1, sound.sample_rate};
    look.language = sound.language;
    std::unique_ptr<SoundTrack> track(new SoundTrack);
    auto encoder = context.backend.make_sound_encoder(
        {sound.channels, sound.sample_rate, sound.bits_per_second, sound.codec}, context.tracks.add(look));
    if (!encoder.ok()) return encoder.status();
    track->encoder_ = std::move(*encoder);
    track->sample_rate_ = sound.sample_rate;
    auto feed = SoundFeed::open({context.plan, sound, context.damage, alone}, *track->encoder_, context.stop);
    if (!feed.ok()) return feed.status();
    track->feed_ = std::move(*feed);
    return std::unique_ptr<TrackFeed>(std::move(track));
  }

  Result<bool> step() override { return feed_->step(); }
  double seconds() const override { return feed_->seconds_read(); }
  std::int64_t frames() const override { return feed_->samples(); }
  std::optional<double> sound_cut_at() const override {
    if (!feed_->is_cut()) return std::nullopt;
    return static_cast<double>(feed_->samples()) / sample_rate_;
  }

 private:
  int sample_rate_ = 0;
  std::unique_ptr<Sink<FramePtr>> encoder_;
  std::unique_ptr<SoundFeed> feed_;
};

}  // namespace

Result<std::unique_ptr<TrackFeed>> feed_pictures(const FeedContext& context,
                                                 const PlannedRendition& rendition) {
  return PictureTrack::make(context, rendition);
}

Result<std::unique_ptr<TrackFeed>> feed_sound(const FeedContext& context, const PlannedSound& sound,
                                              bool alone) {
  return SoundTrack::make(context, sound, alone);
}

}  // namespace millrace::engine
