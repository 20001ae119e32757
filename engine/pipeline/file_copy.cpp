// feed_copy: the source's own coded packets, on the clock of the file they go into.
#include <algorithm>
#include <cmath>
#include <new>

#include "engine/pipeline/copy_clock.h"
#include "engine/pipeline/file_feeds.h"
#include "engine/pipeline/open_track.h"
#include "engine/plan/job_times.h"

extern "C" {
#include <libavutil/intreadwrite.h>
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

// What a decoder throws away at the beginning: the container says it with the first packet, Opus in its
// header (RFC 7845 §5.1).
int priming_of(const AVCodecParameters& parameters, const AVPacket& first) {
  if (parameters.codec_type != AVMEDIA_TYPE_AUDIO) return 0;
  if (parameters.codec_id == AV_CODEC_ID_OPUS && parameters.extradata_size >= 12)
    return AV_RL16(parameters.extradata + 10);
  std::size_t size = 0;
  const std::uint8_t* skip = av_packet_get_side_data(&first, AV_PKT_DATA_SKIP_SAMPLES, &size);
  return skip != nullptr && size >= 10 ? static_cast<int>(AV_RL32(skip)) : 0;
}

class CopyTrack final : public TrackFeed {
 public:
  static Result<std::unique_ptr<TrackFeed>> make(const FeedContext& context,
                                                 Result<std::unique_ptr<MediaInput>> input,
                                                 const std::string& language, bool alone) {
    if (!input.ok()) return input.status();
    (*input)->accept_damage(context.damage);
    // Containers that say only when a packet is decoded (AVI): libavformat works out when it is shown.
    (*input)->format().flags |= AVFMT_FLAG_GENPTS;
    std::unique_ptr<CopyTrack> track(new CopyTrack(std::move(*input)));
    if (Status status = track->prepare(context, language, alone); !status.ok()) return status;
    return std::unique_ptr<TrackFeed>(std::move(track));
  }

  Result<bool> step() override {
    auto packet = input_->read();
    if (!packet.ok()) return packet.status();
    if (!*packet) {
      if (Status status = sink_->finish(); !status.ok()) return status;
      return false;
    }
    if (!leads_nowhere(**packet))
      if (Status status = pass(std::move(*packet)); !status.ok()) return status;
    return true;
  }
  double seconds() const override { return seconds_; }
  std::int64_t frames() const override { return packets_; }

 private:
  explicit CopyTrack(std::unique_ptr<MediaInput> input) : input_(std::move(input)) {}

  Status prepare(const FeedContext& context, const std::string& language, bool alone) {
    const Plan& plan = context.plan;
    AVStream& stream = input_->chosen();
    parameters_.reset(avcodec_parameters_alloc());
    if (!parameters_) throw std::bad_alloc();
    if (const int error = avcodec_parameters_copy(parameters_.get(), stream.codecpar); error < 0)
      return av_status(error, input_->path());
    const AVRational aspect = av_guess_sample_aspect_ratio(&input_->format(), &stream, nullptr);
    if (aspect.num > 0) parameters_->sample_aspect_ratio = aspect;

    CopyClock::Settings settings;
    settings.time_base = stream.time_base;
    settings.path = input_->path();
    settings.reorder_frames = std::max(parameters_->video_delay, 0);
    const Rational base = from_av(stream.time_base);
    TrackLook look;
    if (is_picture()) {
      const VideoTrack& video = *plan.source.main_video();
      settings.zero = zero_ = origin_pts(plan, base);
      const double rate = video.frame_rate.known() ? video.frame_rate.as_double() : 25;
      settings.duration = std::llround(1 / (rate * av_q2d(stream.time_base)));
      if (!video.variable_frame_rate) look.frame_rate = video.frame_rate;
    } else {
      const std::int64_t start = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
      settings.zero = alone ? start : origin_pts(plan, base);
      const int samples = parameters_->frame_size > 0 ? parameters_->frame_size : 1024;
      settings.duration = av_rescale_q(samples, {1, std::max(parameters_->sample_rate, 1)}, stream.time_base);
    }
    settings.duration = std::max<std::int64_t>(settings.duration, 1);
    clock_ = std::make_unique<CopyClock>(std::move(settings));
    look.time_base = stream.time_base;
    look.language = language;
    look.like = &stream;
    sink_ = &context.tracks.add(look);
    return {};
  }

  bool is_picture() const { return parameters_->codec_type == AVMEDIA_TYPE_VIDEO; }

  // Pictures before the first key frame, and those that lean on them, show nothing.
  bool leads_nowhere(const AVPacket& packet) {
    if (!is_picture()) return false;
    found_key_ = found_key_ || (packet.flags & AV_PKT_FLAG_KEY) != 0;
    const bool needed_later = (packet.flags & AV_PKT_FLAG_DISCARD) != 0;
    return !found_key_ || (packet.pts != AV_NOPTS_VALUE && packet.pts < zero_ && !needed_later);
  }

  Status pass(PacketPtr packet) {
    if (packets_++ == 0) {
      const int priming = priming_of(*parameters_, *packet);
      if (Status status = sink_->begin({parameters_.get(), parameters_->video_delay, priming, {}});
          !status.ok())
        return status;
    }
    if (Status status = clock_->stamp(*packet); !status.ok()) return status;
    seconds_ = std::max(0.0, static_cast<double>(packet->pts) * av_q2d(input_->chosen().time_base));
    return sink_->push(std::move(packet));
  }

  const std::unique_ptr<MediaInput> input_;
  ParametersPtr parameters_;
  std::unique_ptr<CopyClock> clock_;
  TrackSink<PacketPtr>* sink_ = nullptr;
  std::int64_t zero_ = 0;  // of pictures
  bool found_key_ = false;
  std::int64_t packets_ = 0;
  double seconds_ = 0;
};

}  // namespace

Result<std::unique_ptr<TrackFeed>> feed_copy(const FeedContext& context,
                                             Result<std::unique_ptr<MediaInput>> input,
                                             const std::string& language, bool alone) {
  return CopyTrack::make(context, std::move(input), language, alone);
}

}  // namespace millrace::engine
