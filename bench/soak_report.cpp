#include "bench/soak_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kMostGrowthMegabytes = 10;
// What comes and goes by itself: a connection or two, a worker that is being replaced.
constexpr int kMostMoreFiles = 8;
constexpr int kMostMoreThreads = 4;
constexpr int kMostMoreProcesses = 2;
// The store keeps its tables open, up to this many (engine/store/database.cpp): they become more until then.
constexpr int kMostStoreFiles = 256;

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) * 1e-6; }

// How much more than in the first sample the largest of the later ones is.
template <class Field>
auto growth(const SoakReport& report, Field RestingDaemon::*field) {
  auto most = report.samples.front().*field;
  for (const RestingDaemon& each : report.samples) most = std::max(most, each.*field);
  return most - report.samples.front().*field;
}

Target flat(const SoakReport& report, const char* what, int RestingDaemon::*field, int most) {
  Target target{fmt::format("{} of the daemon at rest", what), fmt::format("at most {} more", most), {}, {}};
  target.verdict = Verdict::not_measured;
  if (report.samples.size() < 2) return target;
  const int more = growth(report, field);
  target.measured = fmt::format("{} more than {}", more, report.samples.front().*field);
  target.verdict = more <= most ? Verdict::met : Verdict::not_met;
  return target;
}

Target store_files_target(const SoakReport& report) {
  Target target{"open files of the daemon's store",
                fmt::format("at most {}", kMostStoreFiles),
                {},
                Verdict::not_measured};
  if (report.samples.empty()) return target;
  int most = 0;
  for (const RestingDaemon& each : report.samples) most = std::max(most, each.store_files);
  target.measured = std::to_string(most);
  target.verdict = most <= kMostStoreFiles ? Verdict::met : Verdict::not_met;
  return target;
}

Target memory_target(const SoakReport& report) {
  Target target{
      "memory of the daemon at rest", fmt::format("under {:.0f} MB more", kMostGrowthMegabytes), {}, {}};
  target.verdict = Verdict::not_measured;
  if (report.samples.size() < 2) return target;
  target.what +=
      fmt::format(", from job {} to job {}", report.samples.front().jobs, report.samples.back().jobs);
  const double more = megabytes(growth(report, &RestingDaemon::memory_bytes));
  target.measured =
      fmt::format("{:.1f} MB more than {:.1f} MB", more, megabytes(report.samples.front().memory_bytes));
  target.verdict = more < kMostGrowthMegabytes ? Verdict::met : Verdict::not_met;
  return target;
}

Target full_disk_target(const SoakReport& report) {
  Target target{"times the disk was full", "at least 1", report.no_full_disk, Verdict::not_measured};
  if (!report.no_full_disk.empty()) return target;
  target.measured = std::to_string(report.count(Fault::disk_full));
  target.verdict = report.count(Fault::disk_full) > 0 ? Verdict::met : Verdict::not_met;
  return target;
}

}  // namespace

std::vector<Target> judge(const SoakReport& report) {
  std::vector<Target> targets = judge(report.books, report.orphans, report.receipts_wrong);
  targets.push_back(full_disk_target(report));
  targets.push_back(memory_target(report));
  targets.push_back(flat(report, "open files", &RestingDaemon::open_files, kMostMoreFiles));
  targets.push_back(store_files_target(report));
  targets.push_back(flat(report, "threads", &RestingDaemon::threads, kMostMoreThreads));
  targets.push_back(flat(report, "processes", &RestingDaemon::processes, kMostMoreProcesses));
  return targets;
}

std::string figures_text(const SoakReport& report) {
  const ServedBooks& books = report.books;
  std::string text = fmt::format(
      "{} jobs in {:.0f} s, {:.1f} a second (seed {}): {} completed, {} failed as their source was gone; {} "
      "lost, {} doubled\n"
      "Faults: {} processes of tasks killed, {} stopped, {} sources taken away, the disk full {} times{}\n",
      books.jobs, report.wall_seconds, report.wall_seconds > 0 ? books.jobs / report.wall_seconds : 0.0,
      report.seed, books.completed, books.failed_rightly, books.lost, books.doubled,
      report.count(Fault::worker_killed), report.count(Fault::worker_stopped),
      report.count(Fault::source_gone), report.count(Fault::disk_full),
      report.no_full_disk.empty() ? "" : fmt::format(" ({})", report.no_full_disk));
  text += "Tasks given out again:";
  if (books.tasks_again.empty()) text += " none";
  for (const auto& [code, times] : books.tasks_again) text += fmt::format(" {} of {},", times, code);
  if (text.back() == ',') text.pop_back();
  text += fmt::format(
      "; {} attempts ended to wait for room, {} submissions were put off with 503\n"
      "Orphans: {} processes, {} folders; the store has {} findings; {} of {} receipts that were verified do "
      "not hold\n"
      "The daemon at rest\n"
      "    jobs    after       memory  threads  open files  and its store's  processes below it\n",
      books.waits, report.put_off, report.orphans, books.stray_folders, books.findings, report.receipts_wrong,
      report.receipts);
  for (const RestingDaemon& each : report.samples)
    text += fmt::format("  {:>6} {:>6.0f} s  {:>8.1f} MB  {:>7}  {:>10}  {:>15}  {:>9}\n", each.jobs,
                        each.seconds, megabytes(each.memory_bytes), each.threads, each.open_files,
                        each.store_files, each.processes);
  return text + wrong_text(books) + "\n" + targets_text(report.targets);
}

nlohmann::ordered_json to_json(const SoakReport& report) {
  const ServedBooks& books = report.books;
  nlohmann::ordered_json faults = nlohmann::ordered_json::object();
  for (int i = 1; i < kFaults; ++i)
    faults[std::string(name_of(static_cast<Fault>(i)))] = report.faults[static_cast<std::size_t>(i)];
  nlohmann::ordered_json samples = nlohmann::ordered_json::array();
  for (const RestingDaemon& each : report.samples)
    samples.push_back({{"jobs", each.jobs},
                       {"seconds", each.seconds},
                       {"memory_bytes", each.memory_bytes},
                       {"threads", each.threads},
                       {"open_files", each.open_files},
                       {"store_files", each.store_files},
                       {"processes", each.processes}});
  return {{"environment", environment_json(report.environment)},
          {"seed", report.seed},
          {"wall_seconds", report.wall_seconds},
          {"jobs", books.jobs},
          {"completed", books.completed},
          {"failed_without_source", books.failed_rightly},
          {"lost", books.lost},
          {"doubled", books.doubled},
          {"faults", faults},
          {"no_full_disk", report.no_full_disk},
          {"tasks_again", books.tasks_again},
          {"waits_for_room", books.waits},
          {"submissions_put_off", report.put_off},
          {"orphan_processes", report.orphans},
          {"orphan_folders", books.stray_folders},
          {"store_findings", books.findings},
          {"receipts_verified", report.receipts},
          {"receipts_wrong", report.receipts_wrong},
          {"daemon_at_rest", samples},
          {"wrong", books.wrong},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
