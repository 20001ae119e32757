#include "bench/machine_load.h"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "hw/text_file.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kNoticeableCores = 0.05;

double ticks_per_second() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

// Of the line "cpu" in /proc/stat: all but idle and waiting; guests are counted in user already (proc(5)).
double busy_seconds(const fs::path& proc) {
  const auto line = hw::read_line((proc / "stat").string());
  if (!line) return 0;
  const std::vector<std::string_view> words = hw::words(*line);
  double ticks = 0;
  for (std::size_t i = 1; i < std::min<std::size_t>(words.size(), 9); ++i)
    if (i != 4 && i != 5) ticks += static_cast<double>(hw::parse_number<std::int64_t>(words[i]).value_or(0));
  return ticks / ticks_per_second();
}

// Packages are intel-rapl:0, intel-rapl:1 ...; their parts have a second colon.
std::map<std::string, double> package_joules(const fs::path& sys) {
  std::map<std::string, double> joules;
  const fs::path folder = sys / "class/powercap";
  for (const std::string& name : hw::list_names(folder.string())) {
    if (!name.starts_with("intel-rapl:") || std::count(name.begin(), name.end(), ':') != 1) continue;
    const auto text = hw::read_line((folder / name / "energy_uj").string());
    const auto energy = text ? hw::parse_number<std::uint64_t>(*text) : std::nullopt;
    if (energy) joules[name] = static_cast<double>(*energy) * 1e-6;
  }
  return joules;
}

// The time that some task waited, of /proc/pressure/io: "some avg10=0.00 ... total=MICROSECONDS".
std::optional<double> stalled_seconds(const fs::path& proc) {
  const auto line = hw::read_line((proc / "pressure/io").string());
  if (!line) return std::nullopt;
  const std::size_t total = line->rfind("total=");
  if (total == std::string::npos) return std::nullopt;
  const auto microseconds = hw::parse_number<std::int64_t>(std::string_view(*line).substr(total + 6));
  if (!microseconds) return std::nullopt;
  return static_cast<double>(*microseconds) * 1e-6;
}

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// As the frequency driver says; a guest without one has the figures of /proc/cpuinfo.
std::optional<double> megahertz_now(const fs::path& proc, const fs::path& sys) {
  std::vector<double> each;
  const fs::path folder = sys / "devices/system/cpu";
  for (const std::string& name : hw::list_names(folder.string())) {
    const auto text = hw::read_line((folder / name / "cpufreq/scaling_cur_freq").string());
    const auto kilohertz = text ? hw::parse_number<std::int64_t>(*text) : std::nullopt;
    if (kilohertz) each.push_back(static_cast<double>(*kilohertz) * 1e-3);
  }
  if (!each.empty()) return mean(each);
  const auto text = hw::read_text((proc / "cpuinfo").string());
  for (const std::string_view line : hw::split(text ? std::string_view(*text) : std::string_view(), '\n')) {
    const auto value = hw::field(line, "cpu MHz");
    if (const auto megahertz = value ? hw::parse_number<double>(*value) : std::nullopt)
      each.push_back(*megahertz);
  }
  return mean(each);
}

}  // namespace

LoadMeter::LoadMeter(pid_t own, fs::path proc, fs::path sys)
    : own_(own), proc_(std::move(proc)), sys_(std::move(sys)), tree_(proc_) {}

std::vector<pid_t> LoadMeter::own_processes() const {
  std::vector<pid_t> processes = tree_.descendants(own_);
  processes.push_back(own_);
  return processes;
}

LoadMeter::Counts LoadMeter::counts(double seconds, const std::map<pid_t, ProcessTime>& times) const {
  Counts counts;
  counts.seconds = seconds;
  for (const pid_t process : own_processes()) {
    const auto found = times.find(process);
    if (found == times.end()) continue;
    const std::int64_t ticks = found->second.own_ticks + found->second.children_ticks;
    counts.own += static_cast<double>(ticks) / ticks_per_second();
  }
  counts.busy = busy_seconds(proc_);
  counts.joules = package_joules(sys_);
  counts.stalled = stalled_seconds(proc_);
  return counts;
}

LoadSample LoadMeter::look(double seconds) {
  const Counts now = counts(seconds, tree_.times());
  LoadSample sample;
  sample.seconds = seconds;
  sample.memory_bytes = tree_.memory_below(own_).bytes;
  sample.megahertz = megahertz_now(proc_, sys_);
  const std::optional<Counts> before = std::exchange(before_, now);
  if (!before || now.seconds <= before->seconds) return sample;
  const double passed = now.seconds - before->seconds;
  // A child that ends between two reads is missed once and found with its parent the next time.
  sample.own_cores = std::max(0.0, now.own - before->own) / passed;
  sample.other_cores = std::max(0.0, (now.busy - before->busy) / passed - sample.own_cores);
  double joules = 0;
  bool wrapped = now.joules.empty();
  for (const auto& [name, energy] : now.joules) {
    const auto was = before->joules.find(name);
    wrapped = wrapped || was == before->joules.end() || was->second > energy;
    if (!wrapped) joules += energy - was->second;
  }
  if (!wrapped) sample.watts = joules / passed;
  if (now.stalled && before->stalled)
    sample.disk_stalls = std::clamp((*now.stalled - *before->stalled) / passed, 0.0, 1.0);
  return sample;
}

std::vector<OtherProcess> LoadMeter::others(double seconds) {
  const std::vector<pid_t> processes = own_processes();
  const std::set<pid_t> own(processes.begin(), processes.end());
  std::map<pid_t, ProcessTime> now = tree_.times();
  std::map<std::string, double> by_name;
  const double passed = (seconds - others_since_) * ticks_per_second();
  const bool is_first = others_before_.empty() || passed <= 0;
  for (const auto& [process, time] : now) {
    if (is_first || own.contains(process)) continue;
    const auto before = others_before_.find(process);
    const std::int64_t ticks =
        time.own_ticks - (before == others_before_.end() ? 0 : before->second.own_ticks);
    by_name[time.name] += std::max(0.0, static_cast<double>(ticks) / passed);
  }
  others_before_ = std::move(now);
  others_since_ = seconds;
  std::vector<OtherProcess> others;
  for (const auto& [name, cores] : by_name)
    if (cores >= kNoticeableCores) others.push_back({name, cores});
  std::sort(others.begin(), others.end(),
            [](const OtherProcess& a, const OtherProcess& b) { return a.cores > b.cores; });
  return others;
}

}  // namespace millrace::bench
