// Watchdog calls back once when its time is over before it was disarmed. Belongs to one strand, which also
// runs the callback.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace millrace::server {

class Watchdog {
 public:
  Watchdog(const boost::asio::any_io_executor& strand, std::function<void()> on_expiry)
      : state_(std::make_shared<State>(strand, std::move(on_expiry))) {}
  ~Watchdog() {
    state_->on_expiry = nullptr;
    state_->timer.cancel();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // From now; takes the place of the deadline before.
  void arm(std::chrono::milliseconds time) {
    state_->timer.expires_after(time);
    const unsigned generation = ++state_->generation;
    state_->timer.async_wait([state = state_, generation](const boost::system::error_code& error) {
      // A wait that ran out just before it was cancelled still comes here, without an error.
      if (error || generation != state->generation || !state->on_expiry) return;
      state->expired = true;
      state->on_expiry();
    });
  }
  void disarm() {
    ++state_->generation;
    state_->timer.cancel();
  }
  bool expired() const { return state_->expired; }

 private:
  struct State {
    State(const boost::asio::any_io_executor& strand, std::function<void()> callback)
        : timer(strand), on_expiry(std::move(callback)) {}
    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    unsigned generation = 0;
    bool expired = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace millrace::server
