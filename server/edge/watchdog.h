// Watchdog calls back when its time is over before it was disarmed, and then again and again until it is: an
// operation of several steps that is between two of them does not notice that it was cancelled, and begins
// the next. Belongs to one strand, which also runs the callback.
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
    state_->expired = false;
    ++state_->generation;
    wait(state_, time);
  }
  void disarm() {
    ++state_->generation;
    state_->timer.cancel();
  }
  // Whether the last deadline was missed.
  bool expired() const { return state_->expired; }

 private:
  static constexpr std::chrono::milliseconds kAgain{10};

  struct State {
    State(const boost::asio::any_io_executor& strand, std::function<void()> callback)
        : timer(strand), on_expiry(std::move(callback)) {}
    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    unsigned generation = 0;
    bool expired = false;
  };

  static void wait(const std::shared_ptr<State>& state, std::chrono::milliseconds time) {
    state->timer.expires_after(time);
    const unsigned generation = state->generation;
    state->timer.async_wait([state, generation](const boost::system::error_code& error) {
      // A wait that ran out just before it was cancelled still comes here, without an error.
      if (error || generation != state->generation || !state->on_expiry) return;
      state->expired = true;
      state->on_expiry();
      if (generation == state->generation) wait(state, kAgain);
    });
  }

  std::shared_ptr<State> state_;
};

}  // namespace millrace::server
