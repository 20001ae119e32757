// The outputs of a plan: which tracks each uses, or how it is made in one go. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/job/job_spec.h"
#include "engine/plan/planned_tracks.h"

namespace millrace::engine {

// Sizes and times of stills, decided.
struct PlannedStills {
  std::vector<double> at;  // seconds on the job's clock, ascending; or
  double every = 0;
  int width = 0;  // of one picture as written
  int height = 0;
  bool pad = false;  // the picture is fitted into that size on black
  int columns = 0;   // sprites
  StillFormat format = StillFormat::jpg;
  int threads = 1;  // places of the source that are decoded at once
};

// A file that is not joined from segments: coded in one go by one task.
struct PlannedFile {
  std::optional<PlannedRendition> picture;  // ogg's Theora; no folder
  std::optional<PlannedSound> sound;        // no folder
  bool copy_video = false;                  // the source's packets
  bool copy_audio = false;
};

struct PlannedOutput {
  enum class Type { adaptive, file, audio, thumbnails, sprites };
  std::string name;
  Type type = Type::adaptive;
  std::string path;  // "abr" or "stills" (folders), "web.mp4", "scrub.jpg": below the job's output folder
  std::vector<Package> packages;                         // adaptive
  Container container = Container::mp4;                  // file
  std::vector<std::string> renditions;                   // folders of the renditions it uses, largest first
  std::vector<std::string> sounds;                       // folders of the sounds it uses
  std::vector<std::string> subtitles;                    // folders of the subtitles it uses
  AudioContainer audio_container = AudioContainer::m4a;  // audio
  std::optional<PlannedFile> in_one_go;                  // file: not from segments; audio: always
  PlannedStills stills;                                  // thumbnails, sprites

  // True when one task of its own makes it from the source (run_output), and no segment is needed.
  bool is_made_alone() const { return type != Type::adaptive && renditions.empty() && sounds.empty(); }
};

}  // namespace millrace::engine
