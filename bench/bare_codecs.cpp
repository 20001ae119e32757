#include "bench/bare_codecs.h"

#include <fmt/format.h>

#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include "engine/backend/software/software_backend.h"
#include "engine/base/file.h"
#include "engine/pipeline/encode_chain.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/task_meter.h"
#include "engine/plan/decode_check.h"
#include "engine/verify/segment_check.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::FramePtr;
using engine::PacketPtr;
using engine::Result;
using engine::Status;

const Status kStopped(Code::cancelled, "stopped on request");

// CPU time of the calling thread.
double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// The pictures of a file, one after the other, their times in ticks from the first on.
class PictureReader {
 public:
  static Result<std::unique_ptr<PictureReader>> open(const std::filesystem::path& file, int threads) {
    engine::init_media_log();
    std::unique_ptr<PictureReader> reader(new PictureReader(file.string()));
    const Status status = reader->begin(threads);
    if (!status.ok()) return status;
    return reader;
  }

  // Null after the last one.
  Result<FramePtr> next() {
    while (true) {
      FramePtr frame = engine::make_frame();
      const int error = avcodec_receive_frame(codec_.get(), frame.get());
      if (error == AVERROR_EOF) return FramePtr();
      if (error >= 0) return on_the_clock(std::move(frame));
      if (error != AVERROR(EAGAIN)) return engine::av_status(error, path_);
      if (Status s = feed(); !s.ok()) return s;
    }
  }

 private:
  explicit PictureReader(std::string path) : path_(std::move(path)) {}

  Status begin(int threads) {
    AVFormatContext* input = nullptr;
    if (const int error = avformat_open_input(&input, path_.c_str(), nullptr, nullptr); error < 0)
      return engine::av_status(error, path_);
    input_.reset(input);
    int error = avformat_find_stream_info(input, nullptr);
    const AVCodec* decoder = nullptr;
    if (error >= 0) error = stream_ = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (error < 0) return engine::av_status(error, path_);
    const AVStream& stream = *input->streams[stream_];
    time_base_ = stream.time_base;
    codec_.reset(avcodec_alloc_context3(decoder));
    error = avcodec_parameters_to_context(codec_.get(), stream.codecpar);
    codec_->pkt_timebase = time_base_;
    codec_->thread_count = threads;
    if (error >= 0) error = avcodec_open2(codec_.get(), decoder, nullptr);
    return error < 0 ? engine::av_status(error, path_) : Status();
  }

  Status feed() {
    const PacketPtr packet = engine::make_packet();
    int error = av_read_frame(input_.get(), packet.get());
    while (error >= 0 && packet->stream_index != stream_) {
      av_packet_unref(packet.get());
      error = av_read_frame(input_.get(), packet.get());
    }
    if (error < 0 && error != AVERROR_EOF) return engine::av_status(error, path_);
    error = avcodec_send_packet(codec_.get(), error < 0 ? nullptr : packet.get());
    return error < 0 ? engine::av_status(error, path_) : Status();
  }

  FramePtr on_the_clock(FramePtr frame) {
    const std::int64_t at = frame->best_effort_timestamp;
    if (first_ == AV_NOPTS_VALUE) first_ = at;
    frame->pts = av_rescale_q(at - first_, time_base_, engine::kTicks);
    engine::set_duration(*frame, av_rescale_q(engine::duration_of(*frame), time_base_, engine::kTicks));
    return frame;
  }

  const std::string path_;
  engine::InputPtr input_;
  engine::CodecPtr codec_;
  AVRational time_base_{1, 90'000};
  int stream_ = -1;
  std::int64_t first_ = AV_NOPTS_VALUE;
};

// Holds what the scaler made of the last picture.
class LastPicture final : public engine::Sink<FramePtr> {
 public:
  Status push(FramePtr frame) override {
    frame_ = std::move(frame);
    return {};
  }
  Status finish() override { return {}; }
  FramePtr take() { return std::move(frame_); }

 private:
  FramePtr frame_;
};

class PacketCount final : public engine::TrackSink<PacketPtr> {
 public:
  Status begin(const engine::EncodedTrack&) override { return {}; }
  Status push(PacketPtr) override {
    ++packets_;
    return {};
  }
  Status finish() override { return {}; }
  std::int64_t packets() const { return packets_; }

 private:
  std::int64_t packets_ = 0;
};

}  // namespace

Result<DecodeCost> decode_alone(const std::filesystem::path& file, int threads, const StopFlag& stop) {
  const engine::TaskMeter meter;
  const auto reader = PictureReader::open(file, threads);
  if (!reader.ok()) return reader.status();
  DecodeCost cost;
  while (!stop.requested()) {
    const Result<FramePtr> picture = (*reader)->next();
    if (!picture.ok()) return picture.status();
    if (*picture == nullptr) {
      cost.cpu_seconds = meter.cpu_seconds();
      return cost;
    }
    ++cost.pictures;
  }
  return kStopped;
}

Result<EncodeCost> encode_alone(const engine::Plan& plan, const engine::PlannedRendition& rendition,
                                const std::filesystem::path& file, const StopFlag& stop) {
  const auto reader = PictureReader::open(file, 1);
  if (!reader.ok()) return reader.status();
  const auto backend = engine::make_software_backend();
  LastPicture scaled;
  const auto scaler = backend->make_scaler({rendition.width, rendition.height, rendition.ten_bit}, scaled);
  const engine::OverlaySet no_overlays;
  PacketCount packets;
  const auto chain = engine::EncodeChain::make(plan, rendition, *backend, *backend, no_overlays, packets);
  if (!chain.ok()) return chain.status();
  EncodeCost cost;
  const engine::TaskMeter meter;
  double read_seconds = 0;
  while (!stop.requested()) {
    const double begun = thread_seconds();
    Result<FramePtr> picture = (*reader)->next();
    if (!picture.ok()) return picture.status();
    const double read = thread_seconds();
    read_seconds += read - begun;
    if (*picture == nullptr) {
      if (Status s = (*chain)->entry().finish(); !s.ok()) return s;
      cost.encode_seconds = meter.cpu_seconds() - read_seconds - cost.scale_seconds;
      cost.packets = packets.packets();
      return cost;
    }
    if (Status s = scaler->push(std::move(*picture)); !s.ok()) return s;
    FramePtr small = scaled.take();
    cost.scale_seconds += thread_seconds() - read;
    if (small == nullptr) return Status(Code::internal, file.string() + ": the scaler held a picture back");
    if (Status s = (*chain)->entry().push(std::move(small)); !s.ok()) return s;
  }
  return kStopped;
}

Result<double> check_alone(const engine::Plan& plan, const engine::PlannedRendition& rendition,
                           const RenditionFiles& files, const StopFlag& stop) {
  const Result<std::string> init = engine::read_file(files.init);
  if (!init.ok()) return init.status();
  const auto check = engine::SegmentCheck::open(*init);
  if (!check.ok()) return check.status().under(files.init.string());
  const std::int64_t every = engine::full_decode_every(plan, rendition);
  const double before = thread_seconds();
  for (std::size_t at = 0; at < files.segments.size(); ++at) {
    if (stop.requested()) return kStopped;
    const Result<std::string> bytes = engine::read_file(files.segments[at]);
    if (!bytes.ok()) return bytes.status();
    const auto facts = (*check)->check(*bytes, engine::depth_of_check(static_cast<std::int64_t>(at), every));
    if (!facts.ok()) return facts.status().under(files.segments[at].string());
  }
  return thread_seconds() - before;
}

}  // namespace millrace::bench
