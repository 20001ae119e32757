#include "server/edge/event_stream.h"

#include <array>
#include <boost/asio/post.hpp>

#include "engine/base/log.h"
#include "server/edge/coroutine.h"
#include "server/events/sse.h"

namespace millrace::server {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int kEventsAPage = 200;

}  // namespace

// What ends a wait. Shared with handlers that may still be on their way when the stream is over.
struct EventStream::Signal {
  explicit Signal(const asio::any_io_executor& strand) : timer(strand) {}
  asio::steady_timer timer;
  bool over = false;                // the client is gone, or stop()
  bool live = false;                // an overflow now means a slow client
  std::array<char, 1024> unwanted;  // what the client still sends
};

EventStream::EventStream(Connection& connection, const EdgeServices& services, const EdgeLimits& limits,
                         std::string job_id, std::uint64_t after)
    : connection_(connection),
      services_(services),
      limits_(limits),
      job_id_(std::move(job_id)),
      seen_(std::min(after, services.jobs.last_event())),
      signal_(std::make_shared<Signal>(connection.socket().get_executor())) {}

void EventStream::stop() {
  signal_->over = true;
  signal_->timer.cancel();
  connection_.abort();
}

// A client has nothing to say here; its end of file, or an error, is the news that it left.
void EventStream::watch_for_goodbye() {
  connection_.socket().async_read_some(asio::buffer(signal_->unwanted),
                                       [this, signal = signal_](const error_code& error, std::size_t) {
                                         if (signal->over) return;
                                         if (error)
                                           stop();
                                         else
                                           watch_for_goodbye();
                                       });
}

asio::awaitable<void> EventStream::run() {
  std::weak_ptr<Signal> weak = signal_;
  const auto strand = connection_.socket().get_executor();
  // `this` lives while `over` is false; both are looked at on the strand only.
  queue_ = services_.events.listen(job_id_, limits_.event_queue_bytes, [this, weak, strand] {
    asio::post(strand, [this, weak] {
      const auto signal = weak.lock();
      if (!signal || signal->over) return;
      signal->timer.cancel();
      if (signal->live && queue_->overflowed()) {
        spdlog::info("a client that listens to events does not read; it is dropped");
        stop();
      }
    });
  });
  error_code ignored;
  connection_.socket().set_option(asio::socket_base::send_buffer_size(limits_.event_send_buffer_bytes),
                                  ignored);
  bool going = co_await connection_.write_bytes(event_stream_head() + ": events follow\n\n");
  if (going) watch_for_goodbye();
  while (going) {
    going = co_await catch_up();
    if (going) going = co_await go_live();
  }
  const bool was_over = signal_->over;
  signal_->over = true;
  queue_.reset();
  // What was written last must arrive before the socket is closed.
  if (!was_over) connection_.socket().cancel(ignored);
}

// An event that is not in a page yet, although the record shows its change already, comes live: it is told
// after it can be seen, and the queue listens.
bool EventStream::has_no_more() {
  if (job_id_.empty()) return false;
  const engine::Result<bool> nothing = nothing_left(services_.jobs, job_id_, seen_);
  return nothing.value_or(true);
}

asio::awaitable<bool> EventStream::catch_up() {
  signal_->live = false;
  for (;;) {
    const auto page = services_.jobs.events_after(seen_, job_id_, kEventsAPage);
    if (!page.ok()) {
      spdlog::error("events after {}: {}", seen_, to_string(page.status()));
      co_return false;
    }
    if (page->empty()) co_return !has_no_more();
    std::string text;
    for (const engine::Event& event : *page) text += sse_frame(event);
    seen_ = page->back().number;
    const bool written = co_await connection_.write_bytes(std::move(text));
    if (!written || signal_->over) co_return false;
  }
}

// True when events were lost while the store was read, and have to be read from there.
asio::awaitable<bool> EventStream::go_live() {
  if (queue_->overflowed()) {
    queue_->restart();
    co_return true;
  }
  signal_->live = true;
  while (!signal_->over) {
    std::string text;
    bool ends = false;
    for (const auto& frame : queue_->take()) {
      if (frame->number <= seen_) continue;
      seen_ = frame->number;
      text += frame->text;
      ends = ends || (!job_id_.empty() && frame->ends_job);
    }
    if (queue_->overflowed()) {
      spdlog::info("a client that listens to events does not read; it is dropped");
      stop();
      co_return false;
    }
    if (text.empty()) {
      error_code woken;
      signal_->timer.expires_after(limits_.heartbeat);
      co_await signal_->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      if (woken || signal_->over) continue;
      text = ": still here\n\n";
    }
    const bool written = co_await connection_.write_bytes(std::move(text));
    if (!written || ends) co_return false;
  }
  co_return false;
}

std::string event_stream_head() {
  return response_head(200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}, false);
}

engine::Result<bool> nothing_left(engine::JobService& jobs, const std::string& job_id, std::uint64_t after) {
  const auto job = jobs.get(job_id);
  if (!job.ok()) return job.status();
  if (!engine::is_final(job->state)) return false;
  const auto newest = jobs.newest_event_of(job_id);
  if (!newest.ok()) return newest.status();
  return *newest <= after;
}

}  // namespace millrace::server
