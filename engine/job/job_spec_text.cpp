// Readers of the short forms that the command line and the spec share: "2.8M", "1080p,720p", "cuda:1".
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/job/job_spec_json.h"
#include "engine/job/json_text.h"
#include "engine/job/names.h"

namespace millrace::engine {
namespace {

Status no(std::string_view text, std::string_view sentence) {
  return {Code::invalid_argument, fmt::format("{} {}", in_quotes(text), sentence)};
}

// Calls `each` with the parts between commas until one is refused.
template <class Each>
Status for_each_part(std::string_view text, Each each) {
  while (true) {
    const auto comma = text.find(',');
    if (Status s = each(text.substr(0, comma)); !s.ok()) return s;
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

// Digits with or without decimals, nothing else.
std::optional<double> plain_number(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!plain || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<std::int64_t> parse_bit_rate(std::string_view text) {
  const Status wrong = no(text, "is no bitrate; write 2.8M, 128k or bits per second such as 5000000");
  std::string_view digits = text;
  std::int64_t unit = 1;
  if (!digits.empty() && std::string_view("kKmM").find(digits.back()) != std::string_view::npos) {
    unit = digits.back() == 'k' || digits.back() == 'K' ? 1000 : 1'000'000;
    digits.remove_suffix(1);
  }
  if (digits.find('/') != std::string_view::npos) return wrong;
  const auto value = rational_from(digits);
  if (!value || !value->known() || value->as_double() * static_cast<double>(unit) > 1e12) return wrong;
  const std::int64_t bits = scale_rounded(unit, *value);
  if (bits == 0) return wrong;
  return bits;
}

Result<std::vector<Rung>> parse_ladder(std::string_view text) {
  std::vector<Rung> ladder;
  if (text == "auto") return ladder;
  const Status status = for_each_part(text, [&](std::string_view part) -> Status {
    const bool named = part.size() >= 2 && part.size() <= 5 && part.back() == 'p' &&
                       std::all_of(part.begin(), part.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
    if (!named) return no(part, "is no rung; write auto, or heights such as 1080p,720p");
    Rung rung;
    rung.height = static_cast<int>(rational_from(part.substr(0, part.size() - 1))->numerator);
    ladder.push_back(rung);
    return {};
  });
  if (!status.ok()) return status;
  return ladder;
}

Result<std::vector<Package>> parse_packages(std::string_view text) {
  std::vector<Package> packages;
  const Status status = for_each_part(text, [&](std::string_view part) -> Status {
    Package package{};
    if (!from_name(part, package)) return no(part, "is no package; allowed: " + names_of<Package>());
    packages.push_back(package);
    return {};
  });
  if (!status.ok()) return status;
  return packages;
}

Result<VideoCodec> parse_video_codec(std::string_view text) {
  VideoCodec codec{};
  if (!from_name(text, codec))
    return no(text, "is no video codec; allowed: h264, hevc, av1, vp9 (theora in ogg alone)");
  return codec;
}

Result<DevicePreference> parse_device(std::string_view text) {
  using Kind = DevicePreference::Kind;
  const Status wrong = no(text, "is no device; allowed: auto, cpu, cuda, cuda:N, vaapi, vaapi:PATH");
  if (text == "auto") return DevicePreference{};
  if (text == "cpu") return DevicePreference{Kind::cpu, {}};
  const auto colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  if (kind != "cuda" && kind != "vaapi") return wrong;
  DevicePreference device{kind == "cuda" ? Kind::cuda : Kind::vaapi, {}};
  if (colon == std::string_view::npos) return device;
  device.which = text.substr(colon + 1);
  const bool number =
      device.which.size() <= 3 && device.which.find_first_not_of("0123456789") == std::string::npos;
  const bool fits = device.kind == Kind::cuda ? number : device.which.starts_with('/');
  if (device.which.empty() || !fits) return wrong;
  return device;
}

Result<PictureSize> parse_size(std::string_view text) {
  const auto cross = text.find('x');
  const auto side = [](std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() ? value : 0;
  };
  PictureSize size;
  if (cross != std::string_view::npos) size = {side(text.substr(0, cross)), side(text.substr(cross + 1))};
  if (size.width <= 0 || size.height <= 0)
    return no(text, "is no size; write width and height such as 320x180");
  return size;
}

Result<Length> parse_percent(std::string_view text) {
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const bool percent = digits.ends_with('%');
  if (percent) digits.remove_suffix(1);
  const std::optional<double> value = plain_number(digits);
  if (!percent || !value) return no(text, "is no length; give a number of pixels, or a text such as 15%");
  return Length{negative ? -*value : *value, true};
}

Result<Trim> parse_trim(std::string_view text) {
  const Status wrong = no(text, "is no trim; write FROM:TO in seconds, such as 1.5:30, 10: or :30");
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.size() == 1) return wrong;
  Trim trim;
  const auto read = [](std::string_view part, double& seconds) {
    if (part.empty()) return true;
    const std::optional<double> value = plain_number(part);
    seconds = value.value_or(0);
    return value.has_value();
  };
  const std::string_view to = text.substr(colon + 1);
  if (!read(text.substr(0, colon), trim.from) || !read(to, trim.to)) return wrong;
  if (!to.empty() && trim.to <= trim.from) return no(text, "ends before it begins; write FROM:TO in seconds");
  return trim;
}

Result<OnDamage> parse_on_damage(std::string_view text) {
  OnDamage choice{};
  if (!from_name(text, choice)) return no(text, "is no answer to damage; allowed: " + names_of<OnDamage>());
  return choice;
}

}  // namespace millrace::engine
