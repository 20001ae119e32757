#include "engine/schedule/canary_roads.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::engine {
namespace {

bool is_nvidia(const hw::GpuFacts& gpu) { return gpu.vendor == "nvidia"; }

// Of what the filters take: 4:2:0 of 8 or 10 bits. No other is decoded for them.
bool is_decoded_for_filters(const hw::VideoForm& form) {
  return form.chroma == 420 && (form.bits == 8 || form.bits == 10);
}

// JPEG's samples use all codes (JFIF 1.02), so there is no such film but of full range.
FilmLook look_of(const hw::VideoForm& form) {
  if (form.codec == "mjpeg") return FilmLook::full_range;
  return form.bits == 10 ? FilmLook::deep : FilmLook::plain;
}

// Those whose film has full range, or all others.
void add_decodes(const hw::GpuFacts& gpu, bool full_range, std::vector<CanaryRoad>& roads) {
  for (const hw::VideoForm& each : gpu.decodes) {
    const FilmLook look = look_of(each);
    if (!is_decoded_for_filters(each) || (look == FilmLook::full_range) != full_range) continue;
    CanaryRoad road;
    road.film = {each.codec, look};
    VideoTrack track;
    track.codec = each.codec;
    dress(track, road.film.look);
    road.path = decode_path(track);
    road.name = fmt::format("decoding {} and filtering", road.path);
    road.ways = {{Stages::only(Stage::encode)}};
    const auto same = [&](const CanaryRoad& other) { return other.path == road.path; };
    if (std::none_of(roads.begin(), roads.end(), same)) roads.push_back(std::move(road));
  }
}

// The first codec of so many bits that the device decodes, else the usual one.
std::string codec_for(const hw::GpuFacts& gpu, int bits) {
  for (const char* codec : {"h264", "hevc", "vp9", "av1"})
    for (const hw::VideoForm& each : gpu.decodes)
      if (each.codec == codec && each.bits == bits && each.chroma == 420 &&
          !(each.codec == "h264" && bits > 8))  // of which no film is made
        return codec;
  return bits > 8 ? "hevc" : "h264";
}

bool lists(const hw::GpuFacts& gpu, VideoCodec codec, int bits) {
  return std::any_of(gpu.encodes.begin(), gpu.encodes.end(), [&](const hw::EncodeForm& each) {
    return each.form.codec == name_of(codec) && each.form.chroma == 420 && each.form.bits == bits;
  });
}

// Of what encodes in one depth: the film that all are tried with, and how alike their pictures have to be.
class Encodes {
 public:
  Encodes(const hw::GpuFacts& gpu, const Backends& backends, bool ten_bit)
      : codecs_(encoders_for(gpu, backends, ten_bit)), ten_bit_(ten_bit) {
    if (ten_bit) film_ = {codec_for(gpu, 10), FilmLook::hdr10, FilterPath::ten_bit};
    std::erase_if(codecs_, [&](VideoCodec each) { return !lists(gpu, each, ten_bit ? 10 : 8); });
  }

  void add_alone(std::vector<CanaryRoad>& roads) const { add("encoding", {true, true, false}, roads); }
  void add_behind_filters(std::vector<CanaryRoad>& roads) const {
    add("filtering and encoding", Stages::only(Stage::decode), roads);
    add(fmt::format("decoding {}, filtering and encoding", film_.codec), {}, roads);
  }

 private:
  void add(const std::string& name, Stages on_cpu, std::vector<CanaryRoad>& roads) const {
    for (const VideoCodec each : codecs_) {
      const std::string path = encode_path(each, ten_bit_);
      roads.push_back({fmt::format("{} {}", name, path),
                       Stage::encode,
                       path,
                       film_,
                       {{on_cpu, each}},
                       ten_bit_ ? kLeastLikenessOfHdr : kLeastLikeness});
    }
  }

  std::vector<VideoCodec> codecs_;
  bool ten_bit_;
  CanaryFilm film_;
};

struct Trial {
  const char* name;
  FilmLook look;
  int bits;
  double least = kLeastLikeness;
};

Trial trial_of(FilterPath path, const hw::GpuFacts& gpu) {
  switch (path) {
    case FilterPath::deinterlace:
      // From line to line drivers' deinterlacers guess as they like. Where nothing changes there, those of
      // FFmpeg differ by 49 dB at the least, and the picture before gives 33.
      if (!is_nvidia(gpu)) return {"deinterlacing", FilmLook::smooth, 8};
      return {"deinterlacing", FilmLook::plain, 8};
    case FilterPath::rotate:
      return {"turning", FilmLook::plain, 8};
    case FilterPath::depth:
      return {"10 bits to 8", FilmLook::deep, 10};
    case FilterPath::range:
      return {"full range to limited", FilmLook::full_range, 8};
    case FilterPath::wide:
      return {"BT.2020 to BT.709", FilmLook::wide, 8};
    case FilterPath::tone_map:
      return {"tone mapping", FilmLook::hdr10, 10, is_nvidia(gpu) ? kLeastLikeness : kLeastLikenessOfCurves};
    case FilterPath::tone_map_hlg:
      return {"tone mapping of HLG", FilmLook::hlg, 10};
    case FilterPath::ten_bit:
      return {"scaling 10 bits", FilmLook::hdr10, 10, kLeastLikenessOfHdr};
    case FilterPath::overlays:
      return {"overlays", FilmLook::plain, 8};
  }
  return {"", FilmLook::plain, 8};
}

// Decoded there, or else encoded there.
std::vector<CanaryWay> ways_over_filters(FilterPath path, const std::vector<VideoCodec>& encodes) {
  const bool ten_bit = path == FilterPath::ten_bit;
  std::vector<CanaryWay> ways = {
      {Stages::only(Stage::encode), ten_bit ? VideoCodec::hevc : VideoCodec::h264}};
  for (const VideoCodec each : encodes)
    if (!ten_bit || can_keep_hdr(each)) ways.push_back({Stages::only(Stage::decode), each});
  return ways;
}

void add_filters(const hw::GpuFacts& gpu, const std::vector<VideoCodec>& encodes,
                 std::vector<CanaryRoad>& roads) {
  for (const FilterPath each : kFilterPaths) {
    const Trial trial = trial_of(each, gpu);
    roads.push_back({trial.name,
                     Stage::filters,
                     std::string(name_of(each)),
                     {codec_for(gpu, trial.bits), trial.look, each},
                     ways_over_filters(each, encodes),
                     trial.least});
  }
}

}  // namespace

std::string name_of(const CanaryFilm& film) {
  std::string name = film_name(film.codec, film.look);
  return film.path ? fmt::format("{} of {}", name_of(*film.path), name) : name;
}

void ask_for(FilterPath path, VideoTrack& track) {
  if (path == FilterPath::rotate) track.rotation_degrees = 90;
  if (path != FilterPath::deinterlace) return;
  // A film's lines are fields as good as any.
  track.interlaced = true;
  track.scan_note = "its lines are taken for fields";
}

std::vector<CanaryRoad> canary_roads(const hw::GpuFacts& gpu, const Backends& backends) {
  const Encodes plain(gpu, backends, false), deep(gpu, backends, true);
  std::vector<CanaryRoad> roads;
  add_decodes(gpu, false, roads);
  plain.add_alone(roads);
  plain.add_behind_filters(roads);
  deep.add_alone(roads);
  add_filters(gpu, encoders_for(gpu, backends, false), roads);
  add_decodes(gpu, true, roads);   // after the filter that makes their range limited
  deep.add_behind_filters(roads);  // after the filters of 10 bits
  return roads;
}

}  // namespace millrace::engine
