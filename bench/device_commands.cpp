#include "bench/device_commands.h"

#include "bench/command_flags.h"

namespace millrace::bench {
namespace {

// The same flag for both.
template <class Options>
void add_device(CLI::App& command, Options& options) {
  command.add_option("--device", options.device, "number of the GPU")
      ->capture_default_str()
      ->check(CLI::Range(0, 63));
}

}  // namespace

CLI::App* add_kernels(CLI::App& app, KernelsOptions& options) {
  CLI::App* kernels = app.add_subcommand(
      "kernels",
      "How long the GPU kernels take a frame, how much of the device's memory bandwidth that is, and how "
      "the\n"
      "ladder compares with the same one by FFmpeg's scale_cuda and overlay_cuda, in turn. Needs an NVIDIA\n"
      "GPU. Results on stdout, progress on stderr.");
  add_device(*kernels, options);
  kernels->add_option("--frames", options.frames, "that are timed, of each operation")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  add_rounds(*kernels, options, "of --frames on each side of a comparison");
  return kernels;
}

CLI::App* add_gpu(CLI::App& app, GpuOptions& options) {
  CLI::App* gpu = app.add_subcommand("gpu",
                                     "What an NVIDIA GPU gives without its encoders: sessions that decode "
                                     "against sessions that decode into\n"
                                     "a ladder, and a ladder job with the GPU against the same on the CPU "
                                     "alone, in turn. Needs an NVIDIA GPU.\n"
                                     "Results on stdout, progress on stderr.");
  add_device(*gpu, options);
  gpu->add_option("--sessions", options.sessions, "numbers, as in 8,14: sessions at once")
      ->capture_default_str()
      ->delimiter(',')
      ->check(CLI::Range(1, 256));
  add_preset(*gpu, options, "x264 preset of the jobs");
  add_rounds(*gpu, options, "how often each side runs");
  add_folder(*gpu, options, "for what is made");
  add_programs(*gpu, options);
  return gpu;
}

}  // namespace millrace::bench
