#include "bench/ladder_commands.h"

#include <fmt/format.h>

#include "engine/job/job_spec.h"
#include "engine/plan/segment_clock.h"

namespace millrace::bench {
namespace {

// "[0:0]split=2[s0][s1];[s0]scale=...[v0];[s1]scale=...[v1]"
std::string filters(const LadderWork& work) {
  const std::string input = fmt::format("[0:{}]", work.source.video_stream);
  const std::size_t count = work.rungs.size();
  std::string text;
  if (count > 1) {
    text = fmt::format("{}split={}", input, count);
    for (std::size_t i = 0; i < count; ++i) text += fmt::format("[s{}]", i);
    text += ';';
  }
  for (std::size_t i = 0; i < count; ++i) {
    const engine::PictureSize& size = work.rungs[i].size;
    text += fmt::format("{}{}scale={}:{}:flags=bicubic[v{}]", i > 0 ? ";" : "",
                        count > 1 ? fmt::format("[s{}]", i) : input, size.width, size.height, i);
  }
  return text;
}

void add(Command& command, std::initializer_list<std::string> words) { command.insert(command.end(), words); }

void add_video(Command& command, const LadderWork& work, std::size_t index) {
  const std::int64_t bits = work.rungs[index].bits_per_second;
  const auto option = [index](const char* name) { return fmt::format("-{}:v:{}", name, index); };
  add(command, {"-map",
                fmt::format("[v{}]", index),
                option("c"),
                "libx264",
                option("preset"),
                work.preset,
                option("b"),
                std::to_string(bits),
                option("maxrate"),
                std::to_string(bits * 3 / 2),
                option("bufsize"),
                std::to_string(bits * 2),
                option("force_key_frames"),
                fmt::format("expr:gte(t,n_forced*{:.6g})", work.segment_seconds),
                option("forced-idr"),
                "1",
                option("sc_threshold"),
                "0",
                option("g"),
                "99999"});
}

}  // namespace

LadderWork ladder_work(const LadderSource& source, const std::string& preset) {
  LadderWork work;
  work.source = source;
  work.preset = preset;
  const auto clock =
      engine::SegmentClock::for_rate(work.segment_seconds, source.frame_rate, source.constant_rate);
  work.segment_seconds =
      static_cast<double>(clock.segment_ticks()) / static_cast<double>(engine::kTicksPerSecond);
  for (const engine::Rung& rung : engine::auto_ladder(source.picture, source.frame_rate)) {
    work.rungs.push_back(
        {engine::rung_name(rung), engine::rung_size(rung.height, source.picture), rung.bits_per_second});
  }
  return work;
}

std::string describe(const LadderWork& work) {
  std::string text;
  for (const WorkRung& rung : work.rungs) {
    text += fmt::format("{} {:.4g}M {}x{}, ", rung.name, static_cast<double>(rung.bits_per_second) * 1e-6,
                        rung.size.width, rung.size.height);
  }
  text.resize(text.size() - (text.empty() ? 0 : 2));
  return text +
         fmt::format(
             "; x264 {}, segments of {:.6g} s, HLS and DASH{}", work.preset, work.segment_seconds,
             work.source.audio_stream ? fmt::format(", AAC {}k", work.sound_bits_per_second / 1000) : "");
}

Command millrace_command(const std::string& program, const LadderWork& work, const std::filesystem::path& out,
                         std::optional<int> jobs) {
  Command command = {program,    "transcode",  work.source.path.string(),
                     "-o",       out.string(), "--ladder",
                     "auto",     "--package",  "hls,dash",
                     "--codec",  "h264",       "--preset",
                     work.preset};
  if (jobs) add(command, {"--jobs", std::to_string(*jobs)});
  return command;
}

Command one_command(const std::string& ffmpeg, const LadderWork& work, const std::filesystem::path& out) {
  Command command = {ffmpeg,
                     "-nostdin",
                     "-hide_banner",
                     "-loglevel",
                     "error",
                     "-y",
                     "-i",
                     "file:" + work.source.path.string(),
                     "-filter_complex",
                     filters(work)};
  for (std::size_t i = 0; i < work.rungs.size(); ++i) add_video(command, work, i);
  if (work.source.audio_stream) {
    add(command, {"-map", fmt::format("0:{}", *work.source.audio_stream), "-c:a", "aac", "-b:a",
                  std::to_string(work.sound_bits_per_second), "-ac", "2", "-ar", "48000"});
  }
  add(command, {"-fps_mode", "passthrough", "-f", "dash", "-hls_playlist", "1", "-seg_duration",
                fmt::format("{:.6g}", work.segment_seconds), "-adaptation_sets",
                work.source.audio_stream ? "id=0,streams=v id=1,streams=a" : "id=0,streams=v",
                (out / "manifest.mpd").string()});
  return command;
}

std::vector<Command> command_per_rendition(const std::string& ffmpeg, const LadderWork& work,
                                           const std::filesystem::path& out) {
  std::vector<Command> commands;
  for (std::size_t i = 0; i < work.rungs.size(); ++i) {
    LadderWork one = work;
    one.rungs = {work.rungs[i]};
    if (i + 1 < work.rungs.size()) one.source.audio_stream.reset();
    commands.push_back(one_command(ffmpeg, one, out / work.rungs[i].name));
  }
  return commands;
}

}  // namespace millrace::bench
