// Backend: who makes the stages that a device may carry. The software one is libavcodec and zimg on the CPU;
// the others' pictures lie on a GPU, and copying them there and back are stages of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/hdr_metadata.h"
#include "engine/plan/plan.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

// Frames that each queue of a rendition holds where pictures are filtered on a device: surfaces are few.
inline constexpr int kQueuedOnDevice = 6;

struct OverlaySet;

struct DecoderSettings {
  const AVCodecParameters* parameters = nullptr;  // not owned; used while the decoder is made
  AVRational time_base{1, 90'000};
  int threads = 1;
  std::string path;             // of the source, for messages
  std::int64_t origin_pts = 0;  // what messages call 0 s, in time_base
  // Damage in frames shown before this is let pass: after a seek the first frames may lack their references.
  std::int64_t strict_from_pts = INT64_MIN;
  // Damage is let pass everywhere; each place is told once. None: damage ends the task.
  std::function<void(const std::string& sentence)> on_damage;
  // The shape of pixels that the container says, which goes before what pictures say; {0, 1}: it says none.
  AVRational sample_aspect{0, 1};
};

struct VideoEncoderSettings {
  VideoCodec codec = VideoCodec::h264;
  std::string preset;
  std::int64_t bits_per_second = 0;
  Rational frame_rate;  // nominal; pictures carry ticks of their own
  int threads = 1;
  SegmentClock clock;                    // the first picture of every segment becomes an IDR
  std::optional<double> quality;         // constant quality; bits_per_second is not used then
  std::int64_t max_bits_per_second = 0;  // 0: 1.5 x bits_per_second; with quality: no cap
  std::int64_t gop_ticks = 0;            // further IDRs inside a segment, this far apart; 0: none
  bool ten_bit = false;                  // pictures are yuv420p10le, else yuv420p
  HdrMetadata hdr;                       // of ten-bit pictures; their colours are the frames' own
  // The track is shifted by so many frames at the least (EncodedTrack::reorder_frames): an encoder on a
  // device leaves room for the CPU's, which may take over under the same edit list.
  int least_reorder_frames = 0;
};

struct SoundEncoderSettings {
  int channels = 2;
  int sample_rate = 48'000;
  std::int64_t bits_per_second = 128'000;
  AudioCodec codec = AudioCodec::aac;
};

struct ScalerSettings {
  int width = 0;
  int height = 0;
  bool ten_bit = false;       // yuv420p10le comes out, else yuv420p; of a device P010, else NV12
  std::size_t rendition = 0;  // of the plan
};

// Stages made here push into `out`, which must outlive them; the backend outlives both. Each stage belongs to
// one thread at a time. A stage that is not there (a null pointer) is not needed: what comes goes on to
// `out`. "Own" pictures are what a backend's decoder and normaliser push, and its other stages take: on the
// CPU planar ones, of a device frames that lie there. Failures of a device are device_failure()s.
class Backend {
 public:
  using FrameStage = Result<std::unique_ptr<Sink<FramePtr>>>;

  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;  // as plans name devices: "cpu", "cuda:0"

  // Packets in decode order to frames in order of presentation, picture or sound. Refuses damage:
  // corrupt_input with the place.
  virtual Result<std::unique_ptr<Sink<PacketPtr>>> make_decoder(const DecoderSettings& settings,
                                                                Sink<FramePtr>& out) = 0;
  // The plan's normalisations.
  virtual FrameStage make_normaliser(const Plan& plan, Sink<FramePtr>& out) = 0;
  // What is done once for all renditions, before their queues part. It lays the overlays where the plan says
  // that this is the device for it (Plan::overlay_device).
  virtual FrameStage make_ladder(const Plan& /*plan*/, const OverlaySet& /*overlays*/,
                                 Sink<FramePtr>& /*out*/) {
    return FrameStage(nullptr);
  }
  // Pictures of any size to this one; a picture that fits already passes unchanged.
  virtual std::unique_ptr<Sink<FramePtr>> make_scaler(const ScalerSettings& settings,
                                                      Sink<FramePtr>& out) = 0;
  // Pictures of the CPU to own ones, where the stage after it is this device's and the one before it is not.
  virtual FrameStage make_upload(bool /*ten_bit*/, Sink<FramePtr>& /*out*/) { return FrameStage(nullptr); }
  // Scaled pictures back to the CPU: yuv420p10le, else yuv420p.
  virtual FrameStage make_download(bool /*ten_bit*/, Sink<FramePtr>& /*out*/) { return FrameStage(nullptr); }
  // Frames with ticks (pictures) or with sample numbers as pts (sound: planar float in the track's rate and
  // FFmpeg's default layout of its channels, frames of any length) to packets with the same time base.
  virtual FrameStage make_video_encoder(const VideoEncoderSettings& settings, TrackSink<PacketPtr>& out) = 0;
  virtual FrameStage make_sound_encoder(const SoundEncoderSettings& /*settings*/,
                                        TrackSink<PacketPtr>& /*out*/) {
    return Status(Code::unsupported, "sound is encoded on the CPU alone");
  }
};

// Opens the backend of a device as plans name it.
using OpenBackend = std::function<Result<std::unique_ptr<Backend>>(const std::string& device)>;

// Wiring back to front: keeps a stage that pushes into `next` and makes it the next one, where there is one.
inline Status put_before(Sink<FramePtr>*& next, Backend::FrameStage made,
                         std::unique_ptr<Sink<FramePtr>>& kept) {
  if (!made.ok()) return made.status();
  kept = std::move(*made);
  if (kept) next = kept.get();
  return {};
}

}  // namespace millrace::engine
