#include "engine/plan/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/job/formats.h"
#include "engine/plan/decode_check.h"
#include "engine/plan/stage.h"

namespace millrace::engine {
namespace {

constexpr double kMillion = 1e6;
constexpr double kRateWhereUnknown = 30;
constexpr double kSmallPicture = 640 * 360 / kMillion;
constexpr double kLargePicture = 1920 * 1080 / kMillion;
constexpr double kReferenceStartSeconds = 0.25;
constexpr double kLeastFactor = 0.01;
constexpr double kMostFactor = 100;

// CPU seconds for a million pixels in pictures of 360 and of 1080 lines; logarithmic in the picture's size
// between them.
struct Rate {
  std::string_view kind;
  double small;
  double large;
};

// Two cores of a 2.5 GHz Xeon (AVX-512), Debian 12's libraries; README.md says how they were measured.
constexpr std::array kRates = std::to_array<Rate>({
    {"decode h264", 0.0020, 0.0018}, {"decode hevc", 0.0032, 0.0030},   {"decode vp9", 0.0026, 0.0024},
    {"decode av1", 0.0036, 0.0034},  {"decode", 0.0026, 0.0026},  // any other
    {"check h264", 0.0018, 0.0015},  {"check hevc", 0.0026, 0.0022},    {"check", 0.0030, 0.0025},
    {"scale", 0.0005, 0.0005},       {"deinterlace", 0.0060, 0.0060},   {"tone_map", 0.0400, 0.0400},
    {"normalise", 0.0015, 0.0015},  // any other step before the ladder
    {"overlay", 0.0010, 0.0010},     {"stills", 0.0150, 0.0150},        {"sound", 0.0090, 0.0090},
    {"encode h264", 0.0098, 0.0094}, {"encode hevc", 0.0460, 0.0440},   {"encode av1", 0.0370, 0.0330},
    {"encode vp9", 0.0900, 0.0800},  {"encode theora", 0.0120, 0.0120},
});

// An encoder's preset against its veryfast.
struct Preset {
  std::string_view name;
  double h264;
  double hevc;
  double other;  // AV1, VP9
};
constexpr std::array kPresets = std::to_array<Preset>({
    {"ultrafast", 0.25, 0.65, 0.60},
    {"superfast", 0.56, 0.80, 0.75},
    {"veryfast", 1.00, 1.00, 1.00},
    {"faster", 1.48, 1.00, 1.40},
    {"fast", 1.90, 1.10, 1.80},
    {"medium", 2.30, 1.40, 2.50},
    {"slow", 4.50, 3.50, 5.00},
    {"slower", 7.90, 10.00, 8.00},
    {"veryslow", 13.50, 16.00, 14.00},
});

double times_of_preset(std::string_view codec, std::string_view name) {
  for (const Preset& each : kPresets) {
    if (each.name != name) continue;
    if (codec == "h264") return each.h264;
    if (codec == "hevc") return each.hevc;
    return codec == "theora" ? 1 : each.other;
  }
  return 1;
}

// "encode h264 veryfast" is looked for as it is, then as "encode h264", then as "encode".
const Rate& rate_of(std::string_view kind) {
  while (true) {
    const auto* found =
        std::find_if(kRates.begin(), kRates.end(), [&](const Rate& each) { return each.kind == kind; });
    if (found != kRates.end()) return *found;
    const auto space = kind.rfind(' ');
    // Steps of the normalisation have no second word.
    kind = space == std::string_view::npos ? std::string_view("normalise") : kind.substr(0, space);
  }
}

double reference_seconds(const Work& work) {
  const Rate& rate = rate_of(work.kind);
  const double size = std::clamp(work.picture_units, kSmallPicture, kLargePicture);
  const double at = std::log(size / kSmallPicture) / std::log(kLargePicture / kSmallPicture);
  double seconds = (rate.small + (rate.large - rate.small) * at) * work.units;
  if (work.kind.starts_with("encode ")) {
    const auto codec_end = work.kind.find(' ', 7);
    const std::string_view kind = work.kind;
    if (codec_end != std::string::npos)
      seconds *= times_of_preset(kind.substr(7, codec_end - 7), kind.substr(codec_end + 1));
  }
  return seconds;
}

// The geometric mean; 1 where nothing was learned.
double mean_factor(const CostModel& model) {
  if (model.factors.empty()) return 1;
  double sum = 0;
  for (const auto& [kind, factor] : model.factors) sum += std::log(factor);
  return std::exp(sum / static_cast<double>(model.factors.size()));
}

double factor_of(const CostModel& model, const std::string& kind) {
  const auto found = model.factors.find(kind);
  return found == model.factors.end() ? mean_factor(model) : found->second;
}

class WorkList {
 public:
  explicit WorkList(const Source& source) {
    const VideoTrack* video = source.main_video();
    if (video == nullptr) return;
    source_picture_ = video->width * double(video->height) / kMillion;
    source_rate_ = video->frame_rate.known() ? video->frame_rate.as_double() : kRateWhereUnknown;
    codec_ = video->codec;
  }

  void add(std::string kind, double units, double picture_units) {
    if (units > 0) work_.push_back({std::move(kind), units, picture_units});
  }
  void of_source(std::string kind) { add(std::move(kind), source_picture_ * source_rate_, source_picture_); }
  void decode() { of_source("decode " + codec_); }

  void encode(const PlannedRendition& each, bool scaled_here, double checked_share) {
    const double picture = each.width * double(each.height) / kMillion;
    double rate = each.frame_rate.known() ? each.frame_rate.as_double() : source_rate_;
    if (each.max_frame_rate.known()) rate = std::min(rate, each.max_frame_rate.as_double());
    const std::string codec(name_of(each.codec));
    // Both passes of a scaler grow with what it reads.
    if (scaled_here && picture != source_picture_) add("scale", source_picture_ * rate, source_picture_);
    if (each.encode_device == kCpu)
      add(fmt::format("encode {} {}", codec, each.preset), picture * rate, picture);
    add("check " + codec, picture * rate * checked_share, picture);
    pixels_out_ += picture * rate;
  }
  void sound(const PlannedSound& each) {
    add(fmt::format("sound {}", name_of(each.codec)), each.channels / 2.0, 0);
  }
  void stills(const PlannedStills& each, double seconds) {
    const double in_a_second = each.every > 0 ? 1 / each.every
                               : seconds > 0  ? static_cast<double>(each.at.size()) / seconds
                                              : 0;
    add("stills", source_picture_ * in_a_second, source_picture_);
  }
  double pixels_out() const { return pixels_out_; }
  std::vector<Work> take() { return std::move(work_); }

 private:
  double source_picture_ = 0;  // millions of pixels
  double source_rate_ = 0;
  std::string codec_;
  double pixels_out_ = 0;  // millions a second
  std::vector<Work> work_;
};

}  // namespace

std::vector<Work> work_of(const Plan& plan) {
  WorkList list(plan.source);
  const bool filtered_here = plan.filter_device == kCpu;
  const auto normalise = [&] {
    for (const Normalisation& each : plan.normalisations)
      if (each.name != "colours") list.of_source(each.name);  // which only writes tags
  };
  if (!plan.renditions.empty() && plan.decode_device == kCpu) list.decode();
  if (!plan.renditions.empty() && filtered_here) normalise();
  for (const PlannedRendition& each : plan.renditions)
    list.encode(each, filtered_here, checked_share(plan, each));
  if (plan.overlay_device() == kCpu)
    for (std::size_t i = 0; i < plan.overlays.size(); ++i)
      list.add("overlay", list.pixels_out(), kLargePicture);
  for (const PlannedSound& each : plan.sounds) list.sound(each);
  for (const PlannedOutput& output : plan.outputs) {
    if (output.in_one_go && output.in_one_go->picture) {
      list.decode();
      normalise();
      list.encode(*output.in_one_go->picture, true, 1);
    }
    if (output.in_one_go && output.in_one_go->sound && !output.in_one_go->copy_audio)
      list.sound(*output.in_one_go->sound);
    if (output.stills.width > 0) list.stills(output.stills, plan.source.duration_seconds);
  }
  return list.take();
}

double start_seconds(const CostModel& model) { return kReferenceStartSeconds * mean_factor(model); }

double cores_of(const Plan& plan, const CostModel& model) {
  double seconds = 0;
  for (const Work& each : work_of(plan)) seconds += reference_seconds(each) * factor_of(model, each.kind);
  return seconds;
}

bool learn(CostModel& model, const Plan& plan, double media_seconds, double cpu_seconds, double weight) {
  if (!(media_seconds >= 1) || !(cpu_seconds > 0)) return false;
  const double rest = cpu_seconds - start_seconds(model);
  const double expected = cores_of(plan, model) * media_seconds;
  if (!(expected > 0) || !(rest > 0)) return false;
  const double ratio = rest / expected;
  if (ratio < 0.1 || ratio > 10) return false;
  std::map<std::string, double> shares;
  for (const Work& each : work_of(plan))
    shares[each.kind] += reference_seconds(each) * factor_of(model, each.kind);
  double most = 0;
  for (const auto& [kind, share] : shares) most = std::max(most, share);
  // A machine is slow at everything before it is slow at something.
  const bool is_first = model.factors.empty();
  CostModel learned = model;
  for (const auto& [kind, share] : shares) {
    const double part = std::clamp(weight, 0.0, 1.0) * (is_first ? 1 : share / most);
    learned.factors[kind] =
        std::clamp(factor_of(model, kind) * std::pow(ratio, part), kLeastFactor, kMostFactor);
  }
  model = std::move(learned);
  return true;
}

nlohmann::ordered_json to_json(const CostModel& model) {
  auto factors = nlohmann::ordered_json::object();
  for (const auto& [kind, factor] : model.factors) factors[kind] = factor;
  return {{"factors", std::move(factors)}};
}

Result<CostModel> cost_model_from_json(const nlohmann::ordered_json& json) {
  const auto factors = json.find("factors");
  if (!json.is_object() || factors == json.end() || !factors->is_object())
    return Status(Code::corrupt_input, "no cost model: it lacks the object of factors").at_field("factors");
  CostModel model;
  for (const auto& [kind, factor] : factors->items()) {
    const double value = factor.is_number() ? factor.get<double>() : 0;
    if (!(value >= kLeastFactor && value <= kMostFactor))
      return Status(Code::corrupt_input, fmt::format("the factor of '{}' is no number between {} and {}",
                                                     kind, kLeastFactor, kMostFactor))
          .at_field("factors");
    model.factors[kind] = value;
  }
  return model;
}

}  // namespace millrace::engine
