// Plans for stills, and what a viewer of the finished image files sees.
#pragma once

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/file.h"
#include "engine/pipeline/av.h"
#include "engine/plan/plan.h"
#include "tests/support/media_sample.h"

namespace millrace::engine {

inline Plan stills_plan(const Source& source, const PlannedStills& stills) {
  Plan plan;
  plan.source = source;
  PlannedOutput output;
  output.name = output.path = "stills";
  output.type = PlannedOutput::Type::thumbnails;
  output.stills = stills;
  plan.outputs.push_back(output);
  return plan;
}

inline Plan sprites_plan(const Source& source, const PlannedStills& stills) {
  Plan plan = stills_plan(source, stills);
  plan.outputs[0].name = "scrub";
  plan.outputs[0].path = "scrub.jpg";
  plan.outputs[0].type = PlannedOutput::Type::sprites;
  return plan;
}

// The grey of an image, one byte a pixel: luma, or green of RGB.
struct SeenStill {
  int width = 0;
  int height = 0;
  AVPixelFormat format = AV_PIX_FMT_NONE;
  FramePtr grey;

  int grey_at(int x, int y) const { return grey->data[0][y * grey->linesize[0] + x]; }
  int number() const { return test::number_in(*grey); }
  // Of a part: a small picture on a sheet.
  int number_at(int x, int y, int part_width, int part_height) const {
    FramePtr part = share(*grey);
    part->data[0] += y * part->linesize[0] + x;
    part->width = part_width;
    part->height = part_height;
    return test::number_in(*part);
  }
};

inline SeenStill see(const std::filesystem::path& file) {
  const auto bytes = read_file(file);
  if (!bytes.ok()) throw std::runtime_error(bytes.status().message());
  const std::string extension = file.extension();
  const AVCodecID id = extension == ".png"    ? AV_CODEC_ID_PNG
                       : extension == ".webp" ? AV_CODEC_ID_WEBP
                                              : AV_CODEC_ID_MJPEG;
  const AVCodec* decoder = avcodec_find_decoder(id);
  const CodecPtr codec(avcodec_alloc_context3(decoder));
  const PacketPtr packet = make_packet();
  av_new_packet(packet.get(), static_cast<int>(bytes->size()));
  std::memcpy(packet->data, bytes->data(), bytes->size());
  const FramePtr frame = make_frame();
  if (avcodec_open2(codec.get(), decoder, nullptr) < 0 ||
      avcodec_send_packet(codec.get(), packet.get()) < 0 || avcodec_send_packet(codec.get(), nullptr) < 0 ||
      avcodec_receive_frame(codec.get(), frame.get()) < 0)
    throw std::runtime_error(file.native() + " does not decode");
  SeenStill seen{frame->width, frame->height, static_cast<AVPixelFormat>(frame->format), make_frame()};
  seen.grey->format = AV_PIX_FMT_GRAY8;
  seen.grey->width = frame->width;
  seen.grey->height = frame->height;
  if (av_frame_get_buffer(seen.grey.get(), 0) < 0) throw std::runtime_error("no memory");
  const int step = seen.format == AV_PIX_FMT_RGB24 ? 3 : 1;
  const int green = seen.format == AV_PIX_FMT_RGB24 ? 1 : 0;
  for (int y = 0; y < frame->height; ++y)
    for (int x = 0; x < frame->width; ++x)
      seen.grey->data[0][y * seen.grey->linesize[0] + x] =
          frame->data[0][y * frame->linesize[0] + x * step + green];
  return seen;
}

}  // namespace millrace::engine
