#include "bench/soak_faults.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace millrace::bench {
namespace {

constexpr std::array<std::string_view, kFaults> kNames{"none", "worker killed", "worker stopped",
                                                       "source gone", "disk full"};
constexpr std::array<std::pair<Fault, int>, 4> kEvery{{{Fault::disk_full, 200},
                                                       {Fault::worker_stopped, 50},
                                                       {Fault::source_gone, 20},
                                                       {Fault::worker_killed, 10}}};

}  // namespace

std::string_view name_of(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

std::vector<Fault> plan_faults(int jobs, std::uint64_t seed) {
  std::vector<Fault> faults;
  for (const auto& [fault, every] : kEvery)
    faults.insert(faults.end(), static_cast<std::size_t>(std::max(1, jobs / every)), fault);
  faults.resize(static_cast<std::size_t>(jobs), Fault::none);
  std::mt19937_64 random(seed);
  std::shuffle(faults.begin(), faults.end(), random);
  return faults;
}

}  // namespace millrace::bench
