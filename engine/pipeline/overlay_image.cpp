#include "engine/pipeline/overlay_image.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string_view>

#include "engine/base/sha256.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/open_source.h"
#include "engine/pipeline/track_facts.h"
#include "engine/plan/normalise.h"

namespace millrace::engine {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kMostBytes = std::size_t{128} << 20;
constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n"sv;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char each : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(each);
  return value;
}

AVCodecID codec_of(std::string_view bytes) {
  if (bytes.starts_with(kPng)) return AV_CODEC_ID_PNG;
  if (bytes.starts_with("\xff\xd8\xff"sv)) return AV_CODEC_ID_MJPEG;
  if (bytes.starts_with("GIF8"sv)) return AV_CODEC_ID_GIF;
  if (bytes.starts_with("BM"sv)) return AV_CODEC_ID_BMP;
  if (bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv) return AV_CODEC_ID_WEBP;
  return AV_CODEC_ID_NONE;
}

Status too_large(const std::string& path, std::uint64_t width, std::uint64_t height) {
  return Status(Code::unsupported, fmt::format("{}: a picture of {}x{} is too large (at most {} "
                                               "megapixels); scale it down",
                                               path, width, height, kMostPixels / 1'048'576));
}

// The chunks that make the picture. Text and profiles are compressed too: a few kilobytes of them can unfold
// to gigabytes in a decoder.
Result<std::string> picture_chunks(const std::string& path, std::string_view png) {
  std::string kept(kPng);
  for (std::size_t at = kPng.size(); at + 12 <= png.size();) {
    const std::size_t size = big_endian(png.substr(at));
    const std::string_view name = png.substr(at + 4, 4);
    if (size > png.size() - at - 12) break;
    if (name == "IHDR"sv && size >= 8) {
      const std::uint64_t width = big_endian(png.substr(at + 8));
      const std::uint64_t height = big_endian(png.substr(at + 12));
      if (width * height > static_cast<std::uint64_t>(kMostPixels)) return too_large(path, width, height);
    }
    for (const std::string_view each : {"IHDR"sv, "PLTE"sv, "tRNS"sv, "IDAT"sv, "IEND"sv})
      if (name == each) kept += png.substr(at, size + 12);
    at += size + 12;
    if (name == "IEND"sv) return kept;
  }
  return Status(Code::corrupt_input, path + ": a damaged PNG (it ends early); save it again");
}

PacketPtr packet_of(std::string_view bytes) {
  PacketPtr packet = make_packet();
  if (av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) throw std::bad_alloc();
  std::memcpy(packet->data, bytes.data(), bytes.size());
  packet->flags |= AV_PKT_FLAG_KEY;
  return packet;
}

Result<FramePtr> decode(const std::string& path, AVCodecID id, std::string_view bytes) {
  const AVCodec* decoder = avcodec_find_decoder(id);
  if (decoder == nullptr)
    return Status(Code::unsupported, fmt::format("{}: this FFmpeg reads no {}; save the image as PNG", path,
                                                 avcodec_get_name(id)));
  CodecPtr codec(avcodec_alloc_context3(decoder));
  codec->max_pixels = kMostPixels;
  codec->thread_count = 1;
  codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  const std::string what = fmt::format("{}: cannot decode this {}", path, avcodec_get_name(id));
  int error = avcodec_open2(codec.get(), decoder, nullptr);
  if (error < 0) return av_status(error, what);
  FramePtr frame = make_frame();
  const PacketPtr packet = packet_of(bytes);
  error = avcodec_send_packet(codec.get(), packet.get());
  if (error >= 0) error = avcodec_send_packet(codec.get(), nullptr);
  if (error >= 0) error = avcodec_receive_frame(codec.get(), frame.get());
  if (error == AVERROR(ENOMEM)) return av_status(error, what);
  if (error < 0)
    return Status(Code::corrupt_input,
                  fmt::format("{} ({}): it is damaged or has more than {} megapixels; save "
                              "it again",
                              what, av_error_text(error), kMostPixels / 1'048'576));
  if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0)
    return Status(Code::corrupt_input, what + " whole: it is damaged; save it again");
  return frame;
}

// What turns it upright, by its EXIF orientation as FFmpeg's decoders tell it.
std::string turning_of(const AVFrame& frame) {
  const AVFrameSideData* matrix = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  constexpr std::size_t kNumbers = 9;
  if (matrix == nullptr || matrix->size < kNumbers * sizeof(std::int32_t)) return {};
  std::array<std::int32_t, kNumbers> numbers;
  std::memcpy(numbers.data(), matrix->data, sizeof numbers);
  const Orientation orientation = orientation_of(numbers.data());
  return turning_filter(orientation.rotation_degrees, orientation.mirrored);
}

}  // namespace

Result<OverlayImage> OverlayImage::load(const std::string& url) {
  const std::string name = shown_name(url);
  auto bytes = read_source_file(url, kMostBytes);
  if (!bytes.ok()) return bytes.status();
  OverlayImage image;
  image.sha256 = sha256_of(*bytes);
  const AVCodecID id = codec_of(*bytes);
  if (id == AV_CODEC_ID_NONE)
    return Status(Code::unsupported, name + ": not a PNG, JPEG, WebP, GIF or BMP image; save it as PNG");
  if (id == AV_CODEC_ID_PNG) {
    bytes = picture_chunks(name, *bytes);
    if (!bytes.ok()) return bytes.status();
  }
  auto decoded = decode(name, id, *bytes);
  if (!decoded.ok()) return decoded.status();
  std::string chain = turning_of(**decoded);
  if (!chain.empty()) chain += ",";
  auto rgba =
      filter_one(std::move(*decoded), chain + "scale=flags=bicubic+accurate_rnd+full_chroma_int,format=rgba");
  if (!rgba.ok()) return rgba.status().under(name);
  image.rgba = std::move(*rgba);
  return image;
}

}  // namespace millrace::engine
