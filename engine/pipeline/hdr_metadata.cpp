#include "engine/pipeline/hdr_metadata.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <new>

namespace millrace::engine {
namespace {

constexpr int kPlaceUnits = 50'000;      // of chromaticities, a whole
constexpr int kLuminanceUnits = 10'000;  // a candela per square metre

long long units(AVRational value, int of_a_whole) { return std::llround(av_q2d(value) * of_a_whole); }

std::string text_of(const AVMasteringDisplayMetadata& display) {
  if (display.has_primaries == 0 || display.has_luminance == 0) return {};
  const auto place = [](const AVRational(&point)[2]) {
    return fmt::format("({},{})", units(point[0], kPlaceUnits), units(point[1], kPlaceUnits));
  };
  return fmt::format("G{}B{}R{}WP{}L({},{})", place(display.display_primaries[1]),
                     place(display.display_primaries[2]), place(display.display_primaries[0]),
                     place(display.white_point), units(display.max_luminance, kLuminanceUnits),
                     units(display.min_luminance, kLuminanceUnits));
}

// Streams that say 0 and 0 say that they do not know.
std::string text_of(const AVContentLightMetadata& light) {
  return light.MaxCLL == 0 && light.MaxFALL == 0 ? "" : fmt::format("{},{}", light.MaxCLL, light.MaxFALL);
}

template <class T>
const T* read_as(std::string_view bytes) {
  return bytes.size() < sizeof(T) ? nullptr : reinterpret_cast<const T*>(bytes.data());
}

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

HdrMetadata hdr_metadata_of(std::string_view display, std::string_view light) {
  HdrMetadata hdr;
  if (const auto* read = read_as<AVMasteringDisplayMetadata>(display)) hdr.mastering_display = text_of(*read);
  if (const auto* read = read_as<AVContentLightMetadata>(light)) hdr.content_light = text_of(*read);
  return hdr;
}

std::string_view side_data_of(const AVFrame& frame, AVFrameSideDataType type) {
  const AVFrameSideData* data = av_frame_get_side_data(&frame, type);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data->data), data->size};
}

}  // namespace

HdrMetadata hdr_metadata_of(const AVFrame& frame) {
  return hdr_metadata_of(side_data_of(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
                         side_data_of(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL));
}

HdrMetadata hdr_metadata_of(const AVStream& stream) {
  return hdr_metadata_of(side_data_of(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA),
                         side_data_of(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL));
}

Result<MasteringDisplayPtr> mastering_display_of(const std::string& text) {
  int place[8] = {};
  unsigned most = 0;
  unsigned least = 0;
  int read = 0;
  const int found =
      std::sscanf(text.c_str(), "G(%d,%d)B(%d,%d)R(%d,%d)WP(%d,%d)L(%u,%u)%n", &place[0], &place[1],
                  &place[2], &place[3], &place[4], &place[5], &place[6], &place[7], &most, &least, &read);
  if (found != 10 || static_cast<std::size_t>(read) != text.size() || most > INT32_MAX || least > INT32_MAX)
    return Status(
        Code::invalid_argument,
        fmt::format("\"{}\" is no mastering display: G(x,y)B(x,y)R(x,y)WP(x,y)L(most,least)", text));
  MasteringDisplayPtr display(av_mastering_display_metadata_alloc());
  if (!display) throw std::bad_alloc();
  // Green, blue, red in the text; red, green, blue in FFmpeg.
  for (int colour = 0; colour < 3; ++colour)
    for (int axis = 0; axis < 2; ++axis)
      display->display_primaries[(colour + 1) % 3][axis] = {place[2 * colour + axis], kPlaceUnits};
  display->white_point[0] = {place[6], kPlaceUnits};
  display->white_point[1] = {place[7], kPlaceUnits};
  display->max_luminance = {static_cast<int>(most), kLuminanceUnits};
  display->min_luminance = {static_cast<int>(least), kLuminanceUnits};
  display->has_primaries = 1;
  display->has_luminance = 1;
  return display;
}

Result<ContentLight> content_light_of(const std::string& text) {
  ContentLight light;
  int read = 0;
  if (std::sscanf(text.c_str(), "%u,%u%n", &light.brightest_pixel, &light.brightest_average, &read) != 2 ||
      static_cast<std::size_t>(read) != text.size())
    return Status(Code::invalid_argument, fmt::format("\"{}\" is no content light level: 1000,400", text));
  return light;
}

Status set_hdr_metadata(AVStream& stream, const HdrMetadata& hdr) {
  if (!hdr.mastering_display.empty()) {
    const Result<MasteringDisplayPtr> display = mastering_display_of(hdr.mastering_display);
    if (!display.ok()) return display.status();
    add_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, bytes_of(**display));
  }
  if (!hdr.content_light.empty()) {
    const Result<ContentLight> light = content_light_of(hdr.content_light);
    if (!light.ok()) return light.status();
    AVContentLightMetadata written{};
    written.MaxCLL = light->brightest_pixel;
    written.MaxFALL = light->brightest_average;
    add_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, bytes_of(written));
  }
  return {};
}

}  // namespace millrace::engine
