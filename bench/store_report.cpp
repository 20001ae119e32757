#include "bench/store_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/report_json.h"
#include "bench/report_text.h"

namespace millrace::bench {
namespace {

constexpr double kLeastSubmissions = 2000;  // a second
constexpr double kMostPageMilliseconds = 5;

std::string text_of(const Times& times) {
  return fmt::format("{:.2f} ms median, {:.2f} ms p99, {:.2f} ms most, of {}", times.median, times.p99,
                     times.most, times.count);
}

nlohmann::ordered_json json_of(const Times& times) {
  return {{"count", times.count}, {"median", times.median}, {"p99", times.p99}, {"most", times.most}};
}

}  // namespace

double StoreReport::submissions_per_second() const { return seconds > 0 ? submissions / seconds : 0; }

std::vector<Target> judge(const StoreReport& report) {
  Target rate;
  rate.what = fmt::format("durable submissions with {} clients", report.clients);
  rate.limit = fmt::format("at least {:.0f} a second", kLeastSubmissions);
  if (report.submissions_per_second() > 0) {
    rate.measured = fmt::format(
        "{:.0f} a second, {:.1f} for each fdatasync that the disk does alone",
        report.submissions_per_second(),
        report.syncs_per_second > 0 ? report.submissions_per_second() / report.syncs_per_second : 0.0);
    rate.verdict = report.submissions_per_second() >= kLeastSubmissions ? Verdict::met : Verdict::not_met;
  }
  Target list;
  list.what = "a page of jobs in one state, 99 of 100";
  list.limit = fmt::format("under {:.0f} ms", kMostPageMilliseconds);
  const auto slowest =
      std::max_element(report.lists.begin(), report.lists.end(),
                       [](const auto& one, const auto& other) { return one.page.p99 < other.page.p99; });
  if (slowest != report.lists.end()) {
    list.measured =
        fmt::format("{:.2f} ms ({}, {} jobs a page)", slowest->page.p99, slowest->state, report.page);
    list.verdict = slowest->page.p99 < kMostPageMilliseconds ? Verdict::met : Verdict::not_met;
  }
  return {rate, list};
}

std::string figures_text(const StoreReport& report) {
  std::string text = fmt::format(
      "Disk alone: {:.0f} times a second 2 kB and fdatasync, by one writer\n"
      "Submissions, each synced before it returns: {} by {} clients in {:.2f} s: {:.0f} a second; {}\n",
      report.syncs_per_second, report.submissions, report.clients, report.seconds,
      report.submissions_per_second(), text_of(report.submission));
  int jobs = 0;
  for (const ListFigures& each : report.lists) jobs += each.jobs;
  text +=
      fmt::format("A store of {} jobs: {:.0f} MB, filled in {:.1f} s, opened in {:.0f} ms\n", jobs,
                  static_cast<double>(report.bytes) * 1e-6, report.fill_seconds, report.open_milliseconds);
  for (const ListFigures& each : report.lists)
    text += fmt::format("{:<10} {} jobs, {} a page: {}\n", each.state, each.jobs, report.page,
                        text_of(each.page));
  return text + "\n" + targets_text(report.targets);
}

nlohmann::ordered_json to_json(const StoreReport& report) {
  nlohmann::ordered_json lists = nlohmann::ordered_json::array();
  for (const ListFigures& each : report.lists)
    lists.push_back({{"state", each.state}, {"jobs", each.jobs}, {"page_milliseconds", json_of(each.page)}});
  return {{"environment", environment_json(report.environment)},
          {"clients", report.clients},
          {"submissions", report.submissions},
          {"syncs_per_second", report.syncs_per_second},
          {"seconds", report.seconds},
          {"submissions_per_second", report.submissions_per_second()},
          {"submission_milliseconds", json_of(report.submission)},
          {"jobs_a_page", report.page},
          {"fill_seconds", report.fill_seconds},
          {"open_milliseconds", report.open_milliseconds},
          {"bytes", report.bytes},
          {"lists", lists},
          {"targets", targets_json(report.targets)}};
}

}  // namespace millrace::bench
