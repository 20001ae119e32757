#include "engine/schedule/calibration_book.h"

#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"
#include "engine/base/log.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {
namespace {

constexpr const char* kFamily = "calibration";
constexpr const char* kKey = "cpu";
constexpr double kWeightOfARun = 0.2;
// Below it, what comes but once a job weighs too much.
constexpr double kLeastSeconds = 5;

Result<Calibration> read(const std::string& text, const std::string& fingerprint) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("calibration") || !json.contains("fingerprint"))
    return Status(Code::corrupt_input, "it is damaged");
  if (json["fingerprint"] != fingerprint)
    return Status(Code::invalid_argument, "it is of another machine, driver or version of the program");
  const auto& inner = json["calibration"];
  Result<CostModel> model = cost_model_from_json(inner);
  if (!model.ok()) return model.status();
  Calibration calibration;
  calibration.model = std::move(*model);
  if (const auto at = inner.find("measured"); at != inner.end() && at->is_number_integer())
    calibration.measured = at->get<std::int64_t>();
  if (const auto runs = inner.find("learned_runs"); runs != inner.end() && runs->is_number_integer())
    calibration.learned_runs = runs->get<std::int64_t>();
  return calibration;
}

}  // namespace

std::string fingerprint_of(const hw::Inventory& machine) {
  nlohmann::ordered_json print = {{"versions", versions()},
                                  {"cpu", machine.cpu.model},
                                  {"cores", hw::core_budget(machine.cpu)},
                                  {"simd", machine.cpu.simd}};
  for (const hw::GpuFacts& gpu : machine.gpus) print["gpus"].push_back({gpu.name, gpu.driver});
  return json_text(print);
}

nlohmann::ordered_json to_json(const Calibration& calibration) {
  nlohmann::ordered_json json = {
      {"measured", nullptr}, {"learned_runs", calibration.learned_runs}, {"note", calibration.note}};
  if (calibration.measured > 0) json["measured"] = calibration.measured;
  json.update(to_json(calibration.model));
  return json;
}

CalibrationBook::CalibrationBook(Store& store, const hw::Inventory& machine)
    : store_(store), fingerprint_(fingerprint_of(machine)) {
  const Result<std::string> text = store_.get_value(kFamily, kKey);
  if (text.status().code() == Code::not_found) return;
  Result<Calibration> kept = text.ok() ? read(*text, fingerprint_) : text.status();
  if (kept.ok()) {
    calibration_ = std::move(*kept);
    return;
  }
  calibration_.note = "the calibration in the store is not used: " + kept.status().message();
  spdlog::warn("{}", calibration_.note);
}

Calibration CalibrationBook::get() const {
  const std::lock_guard lock(mutex_);
  return calibration_;
}

Status CalibrationBook::put(const CostModel& model, std::int64_t now_milliseconds) {
  const std::lock_guard lock(mutex_);
  calibration_ = {model, now_milliseconds, 0, ""};
  return write();
}

Status CalibrationBook::learn(const Plan& plan, double media_seconds, double cpu_seconds) {
  const std::lock_guard lock(mutex_);
  if (media_seconds < kLeastSeconds ||
      !engine::learn(calibration_.model, plan, media_seconds, cpu_seconds, kWeightOfARun))
    return {};
  ++calibration_.learned_runs;
  return write();
}

Status CalibrationBook::write() {
  const nlohmann::ordered_json json = {{"fingerprint", fingerprint_}, {"calibration", to_json(calibration_)}};
  return store_.put_value(kFamily, kKey, json_text(json));
}

}  // namespace millrace::engine
