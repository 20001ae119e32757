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

}  // namespace millrace::engine
