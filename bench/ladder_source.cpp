#include "bench/ladder_source.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "bench/measured_run.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Rational;
using engine::Result;
using engine::Status;
using Json = nlohmann::json;

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int number_in(const Json& object, const char* name, int otherwise) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<int>() : otherwise;
}

bool is_set(const Json& stream, const char* disposition) {
  const auto found = stream.find("disposition");
  return found != stream.end() && found->is_object() && number_in(*found, disposition, 0) == 1;
}

// The container's default of that kind, else the first; pictures attached to sound are none.
const Json* chosen(const Json& streams, const char* kind) {
  const Json* first = nullptr;
  for (const Json& stream : streams) {
    if (text_in(stream, "codec_type") != kind || is_set(stream, "attached_pic")) continue;
    if (is_set(stream, "default")) return &stream;
    if (first == nullptr) first = &stream;
  }
  return first;
}

bool is_turned(const Json& stream) {
  const auto list = stream.find("side_data_list");
  if (list == stream.end() || !list->is_array()) return false;
  for (const Json& entry : *list) {
    if (entry.is_object() && number_in(entry, "rotation", 0) != 0) return true;
  }
  return false;
}

double seconds_in(const Json& object) { return std::strtod(text_in(object, "duration").c_str(), nullptr); }

// Why the two sides would not do the same work on this picture; empty: they would.
std::string obstacle(const Json& video) {
  if (is_turned(video)) return "its picture is turned";
  const std::string aspect = text_in(video, "sample_aspect_ratio");
  if (!aspect.empty() && aspect != "1:1" && aspect != "0:1")
    return "its pixels are not square (" + aspect + ")";
  const std::string order = text_in(video, "field_order");
  if (!order.empty() && order != "progressive" && order != "unknown") return "it is interlaced";
  const std::string format = text_in(video, "pix_fmt");
  if (format != "yuv420p") return "its pixel format is " + (format.empty() ? "not known" : format);
  return {};
}

}  // namespace

Command ffprobe_command(const std::string& ffprobe, const std::filesystem::path& source) {
  return {ffprobe, "-v", "error", "-show_format", "-show_streams", "-of", "json", "file:" + source.string()};
}

Result<LadderSource> source_from_ffprobe(std::string_view json, const std::filesystem::path& path) {
  const Json document = Json::parse(json, nullptr, false);
  const auto refused = [&](Code code, const std::string& why) {
    return Status(code, path.string() + ": " + why);
  };
  if (!document.is_object() || !document.contains("streams") || !document["streams"].is_array())
    return refused(Code::corrupt_input, "ffprobe tells no streams of it; take another source");
  const Json* video = chosen(document["streams"], "video");
  if (video == nullptr) return refused(Code::unsupported, "has no video; take another source");
  if (const std::string why = obstacle(*video); !why.empty())
    return refused(Code::unsupported,
                   why + "; the comparison takes upright, progressive yuv420p pictures with square pixels");

  LadderSource source;
  source.path = path;
  source.video_stream = number_in(*video, "index", 0);
  source.picture = {number_in(*video, "width", 0), number_in(*video, "height", 0)};
  const std::string average = text_in(*video, "avg_frame_rate");
  source.frame_rate = engine::rational_from(average).value_or(Rational{}).reduced();
  source.constant_rate = average == text_in(*video, "r_frame_rate");
  source.video_codec = text_in(*video, "codec_name");
  source.seconds = seconds_in(*video);
  if (source.seconds <= 0 && document.contains("format") && document["format"].is_object())
    source.seconds = seconds_in(document["format"]);
  if (source.picture.width <= 0 || source.picture.height <= 0 || !source.frame_rate.known() ||
      source.seconds <= 0)
    return refused(Code::unsupported, "does not say its size, frame rate and duration; take another source");
  if (const Json* audio = chosen(document["streams"], "audio")) {
    source.audio_stream = number_in(*audio, "index", 0);
    source.audio_text = text_in(*audio, "codec_name") + " " + text_in(*audio, "channel_layout");
  }
  return source;
}

std::string describe(const LadderSource& source) {
  return fmt::format("{:.1f} s, {}x{}, {:.6g} fps, {}, {}", source.seconds, source.picture.width,
                     source.picture.height, source.frame_rate.as_double(), source.video_codec,
                     source.audio_text.empty() ? "silent" : source.audio_text);
}

engine::Result<LadderSource> probed_source(const std::filesystem::path& source, const std::string& ffmpeg,
                                           const std::filesystem::path& folder, const StopFlag& stop) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(source, error))
    return Status(Code::not_found, source.string() + ": no such file; give another --source");
  const Result<std::string> json = output_of(ffprobe_command(ffprobe_beside(ffmpeg), source), folder, stop);
  if (!json.ok() && json.status().code() == Code::cancelled) return json.status();
  if (!json.ok())
    return Status(Code::corrupt_input, source.string() + ": cannot be read: " + json.status().message());
  return source_from_ffprobe(*json, std::filesystem::absolute(source));
}

std::string ffprobe_beside(const std::string& ffmpeg) {
  const std::size_t slash = ffmpeg.rfind('/');
  return slash == std::string::npos ? "ffprobe" : ffmpeg.substr(0, slash + 1) + "ffprobe";
}

}  // namespace millrace::bench
