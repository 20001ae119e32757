// Flags that several measurements have alike.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace millrace::bench {

// Which programs, of every measurement that runs them.
template <class Options>
void add_programs(CLI::App& command, Options& options) {
  command.add_option("--millrace", options.millrace,
                     "program to measure (default: millrace beside this program)");
  command.add_option("--ffmpeg", options.ffmpeg, "ffmpeg to use; ffprobe is taken from beside it")
      ->capture_default_str();
}

// x264's, of every measurement that encodes with it.
template <class Options>
void add_preset(CLI::App& command, Options& options, const char* of) {
  command.add_option("--preset", options.preset, of)
      ->capture_default_str()
      ->check(CLI::IsMember(
          {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"}));
}

template <class Options>
void add_folder(CLI::App& command, Options& options, const char* what) {
  command.add_option("--folder", options.folder, std::string(what) + " (default: TMPDIR)")
      ->check(CLI::ExistingDirectory);
}

template <class Options>
void add_rounds(CLI::App& command, Options& options, const char* what) {
  command.add_option("--rounds", options.rounds, what)->capture_default_str()->check(CLI::Range(1, 100));
}

}  // namespace millrace::bench
