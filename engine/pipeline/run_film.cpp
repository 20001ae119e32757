// run_film: file -> normalised pictures -> FilmEncoder -> file.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "engine/backend/software/film_encoder.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/file_tracks.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/picture_feed.h"
#include "engine/pipeline/range_gate.h"
#include "engine/pipeline/run_task.h"
#include "engine/pipeline/task_meter.h"

namespace millrace::engine {
namespace {

const SegmentClock kNoGrid(std::numeric_limits<std::int64_t>::max());

// Holds every codec that films are in, with their colours.
constexpr const char* kMuxer = "matroska";

// To the end of the source or of the trim.
Status read_through(PictureFeed& feed, RangeGate& gate) {
  while (!gate.past_end()) {
    const Result<bool> more = feed.step();
    if (!more.ok()) return more.status();
    if (!*more) return {};
  }
  return gate.finish();
}

}  // namespace

Result<TaskEnd> run_film(const FilmTask& task, std::stop_token stop) {
  init_media_log();
  const TaskMeter meter;
  const VideoTrack* video = task.plan.source.main_video();
  if (video == nullptr || !video->frame_rate.known())
    return Status(Code::invalid_argument,
                  task.plan.source.url + ": a film is made of pictures at a constant rate");
  const Rational& rate = video->frame_rate;
  TrackLook look;
  look.time_base = {static_cast<int>(rate.denominator), static_cast<int>(rate.numerator)};
  look.frame_rate = rate;
  FileTracks file(task.output_folder / task.file, kMuxer, {});
  FilmEncoder encoder(task.codec, rate, file.add(look));
  SegmentTally tally;
  RangeGate gate(kNoGrid, 0, -1, end_ticks_of(task.plan), tally, encoder);
  DamageLog damage(false);
  const auto cpu = make_software_backend();
  auto feed = PictureFeed::open(task.plan, 0, *cpu, *cpu, tally, damage, gate, std::move(stop));
  if (!feed.ok()) return feed.status();
  if (Status s = read_through(**feed, gate); !s.ok()) return s;
  if (Status s = file.finish(); !s.ok()) return s;
  TaskEnd end;
  end.end_of_source = gate.at_end_of_media();
  end.media_seconds = static_cast<double>(gate.frames()) / rate.as_double();
  end.cpu_seconds = meter.cpu_seconds();
  end.peak_memory_bytes = TaskMeter::peak_memory_bytes();
  return end;
}

}  // namespace millrace::engine
