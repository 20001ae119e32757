// JobSpec: what a client asks for, in full, as plain data. Made by job_spec_json, checked by validate().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/outputs.h"
#include "engine/job/overlay.h"
#include "engine/job/slide_show.h"

namespace millrace::engine {

// Where stages may run. "auto" takes what the machine has.
struct DevicePreference {
  enum class Kind { automatic, cpu, cuda, vaapi };
  Kind kind = Kind::automatic;
  std::string which;  // "0" of cuda:0, "/dev/dri/renderD128" of vaapi:PATH; empty: any
};
std::string to_string(const DevicePreference& device);

// The part of the source that is used; accurate to the frame.
struct Trim {
  double from = 0;  // seconds from the first picture
  double to = 0;    // 0: to the end
};

struct SubtitleFile {
  std::string url;  // SRT, WebVTT or ASS, UTF-8
  std::string language;
  std::string label;  // as players show it; empty: the language
};

// What becomes of damage in the source: the job is refused with its place, or what decodes is used.
enum class OnDamage { refuse, accept };
std::string_view name_of(OnDamage choice);

struct JobSpec {
  std::string input_url;  // file:///a/b.mov, or a path for the command line; or
  std::optional<SlideShow> slides;
  std::vector<Output> outputs;
  int priority = 50;  // 0..100, larger first
  std::map<std::string, std::string> tags;
  DevicePreference device;
  std::optional<int> cores;  // none: as many as the machine gives
  OnDamage on_damage = OnDamage::refuse;
  // Pictures are read no faster than they play, as those of a channel would come.
  bool real_time = false;
  // Every segment is decoded again in full before it counts, also those of encoders that need it least.
  bool full_decode = false;
  Trim trim;
  std::vector<Overlay> overlays;        // the last one is on top
  std::vector<SubtitleFile> subtitles;  // beside the source's own
};

// Every URL that a spec names, with its field ("input.url", "overlays[0].image.url"): what may be read is
// decided for all of them alike.
struct SpecUrl {
  std::string field;
  std::string url;
};
std::vector<SpecUrl> urls_of(const JobSpec& spec);

// What a worker is given as the job's source: the input's URL, or the slide show as one.
std::string source_url_of(const JobSpec& spec);

// The first mistake in the input: its URL or its slides.
Status check_input(const JobSpec& spec);

// How long the job's segments are: what the adaptive outputs say; without them a whole number of the files'
// GOPs, near four seconds.
double segment_seconds_of(const JobSpec& spec);

// What can be said of a spec without looking at its source: names, ranges, duplicates, combinations that make
// no sense or are not built. The first mistake, with its field ("outputs[1].name") and the allowed values.
Status validate(const JobSpec& spec);

}  // namespace millrace::engine
