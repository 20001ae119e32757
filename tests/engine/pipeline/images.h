// Image files for the tests of overlays, made by libavcodec.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "engine/base/file.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {

using Rgba = std::array<std::uint8_t, 4>;

inline std::string coded_image(const AVFrame& frame, AVCodecID id) {
  CodecPtr codec(avcodec_alloc_context3(avcodec_find_encoder(id)));
  codec->width = frame.width;
  codec->height = frame.height;
  codec->pix_fmt = static_cast<AVPixelFormat>(frame.format);
  codec->color_range = AVCOL_RANGE_JPEG;
  codec->time_base = {1, 25};
  const PacketPtr packet = make_packet();
  if (avcodec_open2(codec.get(), nullptr, nullptr) < 0 || avcodec_send_frame(codec.get(), &frame) < 0 ||
      avcodec_send_frame(codec.get(), nullptr) < 0 || avcodec_receive_packet(codec.get(), packet.get()) < 0)
    throw std::runtime_error("cannot encode the image");
  return {reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)};
}

inline FramePtr rgba_frame(int width, int height, const std::function<Rgba(int x, int y)>& colour) {
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_RGBA;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const Rgba pixel = colour(x, y);
      std::copy(pixel.begin(), pixel.end(), frame->data[0] + y * frame->linesize[0] + 4 * x);
    }
  return frame;
}

inline void write_png(const std::filesystem::path& file, int width, int height,
                      const std::function<Rgba(int x, int y)>& colour) {
  const FramePtr frame = rgba_frame(width, height, colour);
  if (!write_file(file, coded_image(*frame, AV_CODEC_ID_PNG)).ok()) throw std::runtime_error("cannot write");
}

inline void write_png(const std::filesystem::path& file, int width, int height, const Rgba& colour) {
  write_png(file, width, height, [&](int, int) { return colour; });
}

inline std::string left_half_white_jpeg(int width, int height) {
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_YUVJ420P;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 3; ++plane) {
    const int columns = plane == 0 ? width : width / 2;
    for (int y = 0; y < (plane == 0 ? height : height / 2); ++y)
      for (int x = 0; x < columns; ++x)
        frame->data[plane][y * frame->linesize[plane] + x] = plane > 0 ? 128 : x < columns / 2 ? 255 : 0;
  }
  return coded_image(*frame, AV_CODEC_ID_MJPEG);
}

// EXIF 2.3 §4.5: an APP1 segment that holds a TIFF of one tag, 0x0112.
inline std::string with_exif_orientation(const std::string& jpeg, char orientation) {
  std::string tiff("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0", 32);
  tiff[24] = orientation;
  const std::string marker{'\xff', '\xe1', '\0', static_cast<char>(tiff.size() + 2)};
  return jpeg.substr(0, 2) + marker + tiff + jpeg.substr(2);
}

}  // namespace millrace::engine
