// FakeJobs: a job service in memory. Every member is safe to call while a server runs on it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/schedule/job_service.h"

namespace millrace::test {

class FakeJobs : public engine::JobService {
 public:
  explicit FakeJobs(std::filesystem::path folder = {}) : folder_(std::move(folder)) {}

  // ---- what a test sets and asks ----
  // A running job without any event.
  void add(const std::string& id, engine::JobState state = engine::JobState::running);
  void set_state(const std::string& id, engine::JobState state);
  // Stores the event and tells it to those who subscribed.
  void announce(const std::string& id, const std::string& type, const std::string& data = "{}");
  // The final state and its event in one step, as the store writes them.
  void complete(const std::string& id);
  // The same while an event with a smaller number is still being written: nobody sees this one yet, until
  // show_hidden(). No other events in between.
  void complete_hidden(const std::string& id);
  void show_hidden();
  // The next calls that can fail, fail with this.
  void refuse_with(std::optional<engine::Status> status);
  // submit() throws: 1 a std::exception, 2 something else.
  void throw_at_submit(int kind);
  void set_not_ready(std::optional<engine::Status> status);
  // While held, inspect() and plan() wait.
  void hold_inspect();
  void release_inspect();
  void wait_until_inspecting(int calls);

  std::string last_spec() const;
  std::string last_key() const;
  engine::JobFilter last_filter() const;
  int submits() const;
  int listeners() const;

  // ---- JobService ----
  engine::Result<engine::Store::Submitted> submit(const std::string& spec, const std::string& key) override;
  engine::Result<nlohmann::ordered_json> plan(const std::string& spec) override;
  engine::Result<nlohmann::ordered_json> inspect(const engine::JobSpec& input) override;
  engine::Result<engine::Job> get(const std::string& id) override;
  engine::Result<engine::JobPage> list(const engine::JobFilter& filter) override;
  engine::Result<engine::Job> cancel(const std::string& id) override;
  engine::Result<engine::Job> cancel_output(const std::string& id, const std::string& name) override;
  engine::Result<engine::Job> retry(const std::string& id) override;
  engine::Result<engine::Job> pause(const std::string& id) override;
  engine::Result<engine::Job> resume(const std::string& id) override;
  engine::Status erase(const std::string& id) override;
  engine::Result<std::filesystem::path> folder(const std::string& id) override;
  engine::Result<std::vector<engine::Event>> events_after(std::uint64_t number, const std::string& job_id,
                                                          int limit) override;
  std::uint64_t last_event() const override;
  engine::Result<std::uint64_t> newest_event_of(const std::string& job_id) override;
  int subscribe(std::function<void(const engine::Event&)> listener) override;
  void unsubscribe(int subscription) override;
  engine::Result<engine::StoreCopy> back_up() override;
  nlohmann::ordered_json hardware() override;
  std::vector<engine::Metric> metrics() override;
  engine::Result<nlohmann::ordered_json> capacity(const std::string& profile) override;
  engine::Status ready() override;

 private:
  void announce_locked(const std::string& id, const std::string& type, const std::string& data);
  engine::Result<engine::Job> change(const std::string& id, engine::JobState to);
  engine::Result<nlohmann::ordered_json> look(const std::string& at);

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, engine::Job> jobs_;
  std::map<std::string, std::string> keys_;
  std::vector<engine::Event> events_;
  std::optional<engine::Event> hidden_;
  std::map<int, std::function<void(const engine::Event&)>> listeners_;
  int subscriptions_ = 0;
  int submits_ = 0;
  std::string last_spec_, last_key_;
  engine::JobFilter last_filter_;
  std::optional<engine::Status> refusal_, not_ready_;
  int throw_kind_ = 0;
  bool held_ = false;
  int inspecting_ = 0;
};

}  // namespace millrace::test
