// Figures that a test can start from: a source, its work, and a report in which every target is met.
#pragma once

#include "bench/ladder_commands.h"
#include "bench/ladder_report.h"
#include "bench/ladder_source.h"

namespace millrace::bench {

// 1280x720 at 25 fps for 10 s with sound.
inline LadderSource sample_source() {
  LadderSource source;
  source.path = "/media/in.mp4";
  source.video_stream = 0;
  source.audio_stream = 1;
  source.picture = {1280, 720};
  source.frame_rate = {25, 1};
  source.seconds = 10;
  source.video_codec = "h264";
  source.audio_text = "aac stereo";
  return source;
}

inline WayFigures sample_way(const std::string& name, double wall, double cpu, std::int64_t peak) {
  WayFigures way;
  way.name = name;
  way.commands = {name + " in.mp4 'a & b' OUT"};
  for (const double part : {1.0, 1.1, 0.9}) {
    RunFigures run;
    run.wall_seconds = wall * part;
    run.cpu_seconds = cpu * part;
    run.peak_bytes = static_cast<std::int64_t>(static_cast<double>(peak) * part);
    run.memory_samples = 300;
    way.runs.push_back(run);
  }
  return way;
}

inline LadderReport sample_report() {
  LadderReport report;
  report.environment.date = "2026-01-02T03:04:05Z";
  report.environment.cpu = "Test <CPU> & Co";
  report.environment.usable_cores = 2;
  report.environment.libraries = {{"libavcodec", "libavcodec.so.59.37.100", "libavcodec.so.59.37.100"},
                                  {"libx264", "libx264.so.164", ""}};
  report.environment.source_path = "/media/in.mp4";
  report.environment.source_bytes = 1234;
  report.environment.source_sha256 = "abcd";
  report.environment.workload = "720p 2.8M 1280x720; x264 veryfast";
  report.rounds = 3;
  report.millrace = sample_way("millrace", 38, 75, 600'000'000);
  report.one_command = sample_way("ffmpeg, one command", 48, 94, 537'000'000);
  report.per_rendition = sample_way("ffmpeg, a process a rendition", 64, 125, 900'000'000);
  RenditionFigures rendition;
  rendition.rung = {"720p", {1280, 720}, 2'800'000};
  rendition.millrace = {2'810'000, {0.985, 0.984, 41.5, 40.5, 250, 250}};
  rendition.ffmpeg = {2'800'000, {0.984, 0.983, 41.4, 40.4, 250, 250}};
  report.renditions.push_back(rendition);
  rendition.rung = {"360p", {640, 360}, 800'000};
  rendition.millrace.bits_per_second = 790'000;
  rendition.ffmpeg.bits_per_second = 800'000;
  report.renditions.push_back(rendition);
  LatencyFigures latency;
  latency.first_segments = {{"720p", 4.5}, {"360p", 1.25}};
  latency.submission_milliseconds.assign(120, 5);
  report.latency = latency;
  report.targets = judge(report);
  return report;
}

}  // namespace millrace::bench
