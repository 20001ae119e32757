#include "engine/schedule/run_control.h"

namespace millrace::engine {

void RunControl::stop() { stop_.request_stop(); }

void RunControl::pause() { pause_.request_stop(); }

bool RunControl::leave_out(const std::string& output) {
  std::stop_source source(std::nostopstate);
  {
    const std::lock_guard lock(mutex_);
    if (left_out_.contains(output)) return true;
    if (closed_) return false;
    left_out_.insert(output);
    source = outputs_[output];
  }
  source.request_stop();  // without the lock: whoever hears of it asks what is left out
  return true;
}

std::stop_token RunControl::left_out(const std::string& output) {
  const std::lock_guard lock(mutex_);
  return outputs_[output].get_token();
}

std::set<std::string> RunControl::left_out() const {
  const std::lock_guard lock(mutex_);
  return left_out_;
}

std::set<std::string> RunControl::close_outputs() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  return left_out_;
}

}  // namespace millrace::engine
