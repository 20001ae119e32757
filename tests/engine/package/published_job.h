// PublishedJob: the folder of a small job as workers leave it, with its plan and ledger, for tests of what
// comes after.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/package/publish.h"
#include "tests/engine/package/cmaf_files.h"
#include "tests/support/temp_folder.h"

namespace millrace::test {

class PublishedJob {
 public:
  // One-second segments (30 frames of 3003 ticks): pictures 160x90 and 80x44, one sound, an adaptive output
  // "abr" of all of them and a file "web.mp4" of the first picture track and the sound.
  PublishedJob() {
    plan.clock = engine::SegmentClock(30 * 3003);
    plan.source.url = "file:///in.mov";
    plan.source.video.emplace_back();
    plan.source.video[0].frame_rate = {30000, 1001};
    plan.source.chosen_video = 0;

    engine::PlannedOutput abr;
    abr.name = abr.path = "abr";
    abr.packages = {engine::Package::hls, engine::Package::dash};
    engine::PlannedOutput web;
    web.name = "web";
    web.type = engine::PlannedOutput::Type::file;
    web.path = "web.mp4";
    for (const auto& [width, height] : {std::pair{160, 90}, std::pair{80, 44}}) {
      engine::PlannedRendition rendition;
      rendition.name = std::to_string(height) + "p";
      rendition.folder = "abr/" + rendition.name;
      rendition.width = width;
      rendition.height = height;
      rendition.bits_per_second = 1000;
      abr.renditions.push_back(rendition.folder);
      add(rendition.folder, coded_pictures({.width = width, .height = height, .frames = 75}), "");
      plan.renditions.push_back(std::move(rendition));
    }
    engine::PlannedSound sound;
    sound.name = "audio";
    sound.folder = "abr/audio";
    sound.bits_per_second = 96'000;
    sound.language = "deu";
    abr.sounds.push_back(sound.folder);
    add(sound.folder, coded_sound(120'120), "deu");
    plan.sounds.push_back(sound);
    web.renditions = {"abr/90p"};
    web.sounds = {"abr/audio"};
    plan.outputs = {abr, web};
  }
  const engine::PlannedOutput& abr() const { return plan.outputs[0]; }
  const engine::PlannedOutput& web() const { return plan.outputs[1]; }
  std::string text_of(const std::string& file) const {
    return engine::read_file(folder / file).value_or("(absent)");
  }

  // The segments with an index below `end`.
  engine::Segments segments_below(std::int64_t end) const {
    engine::Segments some;
    for (const engine::FinishedSegment& each : segments)
      if (each.index < end) some.push_back(each);
    return some;
  }

  TempFolder temporary;
  const std::filesystem::path& folder = temporary.path();
  engine::Plan plan;
  engine::Segments segments;
  std::map<std::string, CodedTrack> coded;  // by track

 private:
  static void expect(const engine::Status& status) { ASSERT_TRUE(status.ok()) << to_string(status); }

  void add(const std::string& track_folder, CodedTrack track, const std::string& language) {
    const bool sound = track.parameters->codec_type == AVMEDIA_TYPE_AUDIO;
    CmafFiles files = cmaf_files(track, language);
    std::map<std::int64_t, std::vector<engine::CmafSample>> grid;
    for (const auto& group : files.samples)
      for (const engine::CmafSample& sample : group)
        grid[plan.clock.segment_at(sample.pts * 90'000 / track.timescale)].push_back(sample);
    expect(engine::make_directories(folder / track_folder));
    expect(engine::write_file(folder / track_folder / "init.mp4", files.init));
    for (const auto& [index, samples] : grid) {
      const std::string bytes = engine::cmaf_media_segment(files.track, index + 1, samples);
      engine::FinishedSegment segment;
      segment.track = track_folder;
      segment.index = index;
      segment.file = track_folder + "/" + engine::segment_file_name(index);
      segment.timescale = track.timescale;
      segment.start = std::max<std::int64_t>(0, samples.front().pts);
      for (const engine::CmafSample& sample : samples) {
        segment.duration = std::max(segment.duration, sample.pts + sample.duration - segment.start);
        segment.last_pts = std::max(segment.last_pts, sample.pts);
      }
      segment.frames = sound ? segment.duration : static_cast<std::int64_t>(samples.size());
      segment.frames_in = segment.frames;
      segment.bytes = static_cast<std::int64_t>(bytes.size());
      segment.sha256 = engine::sha256_of(bytes);
      segment.opens_with_idr = true;
      expect(engine::write_file(folder / segment.file, bytes));
      segments.push_back(segment);
    }
    coded[track_folder] = std::move(track);
  }
};

}  // namespace millrace::test
