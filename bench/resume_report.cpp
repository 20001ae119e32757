#include "bench/resume_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kMostRecoverySeconds = 2;

std::string text_of(const std::vector<double>& seconds) {
  if (seconds.empty()) return "none";
  const Spread spread = spread_of(seconds);
  return fmt::format("{:.2f} s ({:.2f}..{:.2f}) of {}", spread.median, spread.least, spread.most,
                     seconds.size());
}

nlohmann::ordered_json json_of(const std::vector<double>& seconds) {
  const Spread spread = spread_of(seconds);
  return {{"count", seconds.size()},
          {"median", spread.median},
          {"least", spread.least},
          {"most", spread.most},
          {"each", seconds}};
}

Target within(std::string what, const std::vector<double>& seconds) {
  Target target{std::move(what), fmt::format("under {:.0f} s", kMostRecoverySeconds), {}, {}};
  target.verdict = Verdict::not_measured;
  if (seconds.empty()) return target;
  const double most = spread_of(seconds).most;
  target.measured = fmt::format("{:.2f} s at most", most);
  target.verdict = most < kMostRecoverySeconds ? Verdict::met : Verdict::not_met;
  return target;
}

}  // namespace

std::vector<Target> judge(const ResumeReport& report) {
  const ServedBooks& books = report.books;
  if (report.kills() == 0) return {};
  std::vector<Target> targets = judge(books, report.orphans, report.receipts_wrong);
  targets.push_back({"finished picture segments encoded again",
                     fmt::format("at most one a kill, {}", report.kills()),
                     fmt::format("{} of {}", books.segments_twice, books.segments),
                     books.segments_twice <= report.kills() ? Verdict::met : Verdict::not_met});
  // The next segment holds the time of its own encode: a figure of the machine as much as of the recovery.
  targets.push_back(within("daemon killed: from the kill until a job runs again", report.running));
  targets.push_back(
      within("worker killed: from the kill to the next finished segment", report.worker_segment));
  return targets;
}

std::string figures_text(const ResumeReport& report) {
  const ServedBooks& books = report.books;
  std::string text = fmt::format(
      "{} kills in {:.0f} s: {} of a worker, {} of the daemon (seed {})\n"
      "{} jobs, {} completed; {} lost, {} doubled\n"
      "{} picture segments booked, {} of them again; {} sound segments again (a sound cut off starts over)\n"
      "Orphans: {} processes, {} folders; the store has {} findings; {} receipts do not hold\n"
      "Median (least..most), from the kill on\n"
      "  daemon killed: ready after {}, a job runs again after {}, next segment finished after {}\n"
      "  worker killed: next segment finished after {}\n",
      report.kills(), report.wall_seconds, report.worker_kills, report.daemon_kills, report.seed, books.jobs,
      books.completed, books.lost, books.doubled, books.segments, books.segments_twice, books.sounds_twice,
      report.orphans, books.stray_folders, books.findings, report.receipts_wrong, text_of(report.ready),
      text_of(report.running), text_of(report.daemon_segment), text_of(report.worker_segment));
  text += wrong_text(books);
  return text + "\n" + targets_text(report.targets);
}

nlohmann::ordered_json to_json(const ResumeReport& report) {
  const ServedBooks& books = report.books;
  return {{"environment", environment_json(report.environment)},
          {"seed", report.seed},
          {"worker_kills", report.worker_kills},
          {"daemon_kills", report.daemon_kills},
          {"wall_seconds", report.wall_seconds},
          {"jobs", books.jobs},
          {"completed", books.completed},
          {"lost", books.lost},
          {"doubled", books.doubled},
          {"segments", books.segments},
          {"segments_encoded_twice", books.segments_twice},
          {"sound_segments_encoded_twice", books.sounds_twice},
          {"orphan_processes", report.orphans},
          {"orphan_folders", books.stray_folders},
          {"store_findings", books.findings},
          {"receipts_wrong", report.receipts_wrong},
          {"ready_seconds", json_of(report.ready)},
          {"running_seconds", json_of(report.running)},
          {"segment_after_daemon_kill_seconds", json_of(report.daemon_segment)},
          {"segment_after_worker_kill_seconds", json_of(report.worker_segment)},
          {"wrong", books.wrong},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
