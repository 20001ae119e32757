#include <fmt/format.h>

#include "engine/plan/plan.h"
#include "engine/plan/text.h"
#include "engine/plan/track_text.h"

namespace millrace::engine {
namespace {

// Rows of cells as columns that line up, two blanks apart.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("  {:<{}}", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string grid_text(const Plan& plan) {
  if (plan.renditions.empty() && plan.sounds.empty()) {
    return plan.estimated_bytes > 0 ? fmt::format("\nabout {} on disk\n", size_text(plan.estimated_bytes))
                                    : "";
  }
  std::string text = fmt::format("\nsegments of {:.3f} s",
                                 static_cast<double>(plan.clock.segment_ticks()) / kTicksPerSecond);
  if (plan.estimated_segments > 0) text += fmt::format(", about {}", plan.estimated_segments);
  if (plan.estimated_bytes > 0) text += fmt::format("; about {} on disk", size_text(plan.estimated_bytes));
  return text + "\n";
}

using Row = std::vector<std::string>;

Row row_of(const std::string& track, const PlannedRendition& rendition) {
  const std::string rate =
      rendition.frame_rate.known() ? rate_text(rendition.frame_rate) + " fps" : "as the source";
  return {track, codec_text(rendition),        fmt::format("{}x{}", rendition.width, rendition.height),
          rate,  rate_control_text(rendition), std::to_string(rendition.encoder_threads)};
}

Row row_of(const std::string& track, const PlannedSound& sound) {
  const std::string what = sound.language.empty() ? channels_text(sound.channels)
                                                  : channels_text(sound.channels) + " " + sound.language;
  return {track,
          std::string(name_of(sound.codec)),
          what,
          fmt::format("{} Hz", sound.sample_rate),
          bit_rate_text(sound.bits_per_second),
          "1"};
}

// What a task of its own makes: a row for each of its tracks.
void add_rows(const PlannedOutput& output, std::vector<Row>& rows) {
  if (output.stills.width > 0) rows.push_back({output.path, stills_text(output)});
  if (!output.in_one_go) return;
  const PlannedFile& file = *output.in_one_go;
  if (file.copy_video) rows.push_back({output.path, "copy", "picture"});
  if (file.picture) rows.push_back(row_of(output.path, *file.picture));
  if (file.sound && file.copy_audio) rows.push_back({output.path, "copy", "sound"});
  if (file.sound && !file.copy_audio) rows.push_back(row_of(output.path, *file.sound));
}

std::string tracks_text(const Plan& plan) {
  std::vector<Row> rows = {{"track", "codec", "what", "rate", "bitrate", "threads"}};
  for (const PlannedRendition& rendition : plan.renditions)
    rows.push_back(row_of(rendition.folder, rendition));
  for (const PlannedSound& sound : plan.sounds) rows.push_back(row_of(sound.folder, sound));
  for (const PlannedSubtitle& subtitle : plan.subtitles)
    rows.push_back({subtitle.folder, "webvtt", subtitle.name});
  for (const PlannedOutput& output : plan.outputs) add_rows(output, rows);
  return "\n" + table(rows);
}

// A reason that the line before gave already is not said again.
std::string decisions_text(const Plan& plan) {
  std::vector<std::vector<std::string>> rows = {{"stage", "device", "choice", "why"}};
  const std::string* before = nullptr;
  for (const Decision& decision : plan.decisions) {
    const bool same = before != nullptr && *before == decision.reason && !decision.reason.empty();
    rows.push_back({decision.stage, decision.device, decision.choice, same ? "\"" : decision.reason});
    before = &decision.reason;
  }
  return "\n" + table(rows);
}

}  // namespace

std::string Plan::overlay_device() const {
  return std::string_view(filter_device).starts_with("cuda:") ? filter_device : "cpu";
}

std::string Plan::normalise_filter() const {
  std::string chain;
  for (const Normalisation& each : normalisations) chain += (chain.empty() ? "" : ",") + each.filter;
  return chain;
}

std::string describe(const Plan& plan) {
  return describe(plan.source) + grid_text(plan) + tracks_text(plan) + decisions_text(plan);
}

}  // namespace millrace::engine
