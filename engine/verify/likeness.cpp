#include "engine/verify/likeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <system_error>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/work_count.h"
#include "engine/package/segment_reader.h"
#include "engine/pipeline/av.h"
#include "engine/plan/segment.h"
#include "engine/verify/frame_likeness.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

Status broken(std::string text) { return {Code::internal, std::move(text)}; }

// The pictures of a track, one after another.
class Pictures {
 public:
  static Result<Pictures> open(const fs::path& folder) {
    const Result<std::string> init = read_file(folder / "init.mp4");
    if (!init.ok()) return init.status();
    Result<SegmentReader> reader = SegmentReader::open(*init);
    if (!reader.ok()) return reader.status().under(folder.native());
    const AVCodec* codec = avcodec_find_decoder(reader->parameters().codec_id);
    CodecPtr decoder(avcodec_alloc_context3(codec));
    if (codec == nullptr || !decoder ||
        avcodec_parameters_to_context(decoder.get(), &reader->parameters()) < 0)
      return Status(Code::unsupported, "no decoder to compare the pictures with");
    decoder->thread_count = 1;
    decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    if (const int error = avcodec_open2(decoder.get(), codec, nullptr); error < 0)
      return broken(fmt::format("{}: the decoder refuses it: {}", folder.native(), av_error_text(error)));
    return Pictures(folder, std::move(reader).value(), std::move(decoder));
  }

  // Null after the last one.
  Result<FramePtr> next() {
    while (ready_.empty() && !drained_) {
      const fs::path file = folder_ / segment_file_name(index_++);
      std::error_code error;
      if (Status s = fs::exists(file, error) ? decode(file) : drain(); !s.ok()) return s.under(file.native());
    }
    if (ready_.empty()) return FramePtr();
    FramePtr picture = std::move(ready_.front());
    ready_.pop_front();
    return picture;
  }

 private:
  Pictures(fs::path folder, SegmentReader reader, CodecPtr decoder)
      : folder_(std::move(folder)), reader_(std::move(reader)), decoder_(std::move(decoder)) {}

  Status decode(const fs::path& file) {
    const Result<std::string> segment = read_file(file);
    if (!segment.ok()) return segment.status();
    const Result<std::vector<SampleView>> samples = reader_.samples(*segment);
    if (!samples.ok()) return samples.status();
    const PacketPtr packet = make_packet();
    for (const SampleView& each : *samples) {
      // A packet without a buffer is copied, with its padding, by avcodec_send_packet.
      packet->data = reinterpret_cast<std::uint8_t*>(const_cast<char*>(each.data.data()));
      packet->size = static_cast<int>(each.data.size());
      packet->pts = each.pts;
      packet->dts = each.dts;
      packet->flags = each.key ? AV_PKT_FLAG_KEY : 0;
      if (Status s = step(packet.get()); !s.ok()) return s;
    }
    return {};
  }

  Status drain() {
    drained_ = true;
    return step(nullptr);
  }

  Status step(const AVPacket* packet) {
    int error = avcodec_send_packet(decoder_.get(), packet);
    while (error >= 0) {
      FramePtr picture = make_frame();
      error = avcodec_receive_frame(decoder_.get(), picture.get());
      if (error < 0) break;
      note_work();
      ready_.push_back(std::move(picture));
    }
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    return broken("it does not decode: " + av_error_text(error));
  }

  fs::path folder_;
  SegmentReader reader_;
  CodecPtr decoder_;
  std::deque<FramePtr> ready_;
  std::int64_t index_ = 0;
  bool drained_ = false;
};

template <class Sample>
double mean_square(const AVFrame& one, const AVFrame& other, std::size_t plane, int width, int height) {
  std::int64_t squares = 0;
  for (int y = 0; y < height; ++y) {
    const auto line = [&](const AVFrame& frame) {
      return reinterpret_cast<const Sample*>(frame.data[plane] +
                                             static_cast<std::ptrdiff_t>(y) * frame.linesize[plane]);
    };
    const Sample* a = line(one);
    const Sample* b = line(other);
    for (int x = 0; x < width; ++x) squares += (a[x] - b[x]) * (a[x] - b[x]);
  }
  return static_cast<double>(squares) / width / height;
}

// Of planar 4:2:0; 0: it is none that is compared.
int bits_of(const AVFrame& picture) {
  if (picture.format == AV_PIX_FMT_YUV420P || picture.format == AV_PIX_FMT_YUVJ420P) return 8;
  return picture.format == AV_PIX_FMT_YUV420P10LE ? 10 : 0;
}

double decibels(const AVFrame& one, const AVFrame& other, std::size_t plane, int width, int height) {
  const bool deep = bits_of(one) > 8;
  const double mean = deep ? mean_square<std::uint16_t>(one, other, plane, width, height)
                           : mean_square<std::uint8_t>(one, other, plane, width, height);
  const double peak = deep ? 1023 : 255;
  return mean == 0 ? kSameDecibels : std::min(kSameDecibels, 10 * std::log10(peak * peak / mean));
}

}  // namespace

Result<double> least_decibels(const AVFrame& one, const AVFrame& other) {
  if (bits_of(one) == 0 || bits_of(one) != bits_of(other))
    return broken(
        "its pictures are not 4:2:0 of 8 or 10 bits, the same as those that they are compared with");
  if (one.width != other.width || one.height != other.height)
    return broken(fmt::format("its pictures are {}x{}, and should be {}x{}", one.width, one.height,
                              other.width, other.height));
  double least = kSameDecibels;
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const int shift = plane == 0 ? 0 : 1;
    least = std::min(
        least, decibels(one, other, plane, (one.width + shift) >> shift, (one.height + shift) >> shift));
  }
  return least;
}

Result<Likeness> compare_pictures(const fs::path& track, const fs::path& reference,
                                  const std::stop_token& stop) {
  Result<Pictures> made = Pictures::open(track);
  if (!made.ok()) return made.status();
  Result<Pictures> known = Pictures::open(reference);
  if (!known.ok()) return known.status();
  Likeness likeness;
  likeness.least_decibels = kSameDecibels;
  while (true) {
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped on request");
    const Result<FramePtr> one = made->next();
    if (!one.ok()) return one.status();
    const Result<FramePtr> other = known->next();
    if (!other.ok()) return other.status();
    if (!*one && !*other) break;
    if (*one && *other) {
      const Result<double> alike = least_decibels(**one, **other);
      if (!alike.ok()) return alike.status();
      if (*alike < likeness.least_decibels) {
        likeness.least_decibels = *alike;
        likeness.worst_picture = likeness.pictures;
      }
    }
    likeness.pictures += *one ? 1 : 0;
    likeness.reference += *other ? 1 : 0;
  }
  if (std::min(likeness.pictures, likeness.reference) == 0) likeness.least_decibels = 0;
  return likeness;
}

}  // namespace millrace::engine
