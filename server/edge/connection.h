// Connection is one client's socket with its deadlines, and how answers are written to it. Belongs to one
// strand.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstdint>
#include <string>

#include "engine/base/unique_fd.h"
#include "server/edge/edge_config.h"
#include "server/edge/watchdog.h"
#include "server/http/message.h"

namespace millrace::server {

// How an answer goes out.
struct WriteMode {
  bool head_only = false;  // a HEAD request: every header, no body
  bool keep_alive = false;
};

class Connection {
 public:
  // The socket's executor is the strand.
  Connection(boost::asio::ip::tcp::socket socket, const EdgeLimits& limits);

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  boost::beast::flat_buffer& buffer() { return buffer_; }
  Watchdog& watchdog() { return watchdog_; }

  // Each returns false when the client is gone or did not read in time; the connection is of no use then.
  boost::asio::awaitable<bool> write_bytes(std::string bytes);
  boost::asio::awaitable<bool> write_reply(Reply reply, WriteMode mode);
  // The head with the given headers, then `length` bytes of the file from `offset` on. False also when the
  // file turns out shorter: the client was promised more.
  boost::asio::awaitable<bool> write_file(int status, Headers headers, engine::UniqueFd file,
                                          std::uint64_t offset, std::uint64_t length, WriteMode mode);

  // Says goodbye so that what was written arrives: what the client still sends is read and thrown away for a
  // while. A socket closed over unread bytes would take the answer down with it.
  boost::asio::awaitable<void> linger();

  // From the strand: whatever waits on the socket now, and later, fails.
  void abort();

 private:
  boost::asio::awaitable<bool> send_range(int file, std::uint64_t offset, std::uint64_t length);

  boost::asio::ip::tcp::socket socket_;
  const EdgeLimits& limits_;
  boost::beast::flat_buffer buffer_;
  Watchdog watchdog_;  // cancels what waits on the socket
};

// "HTTP/1.1 200 OK\r\n...\r\n\r\n" with Date, Connection and the given headers.
std::string response_head(int status, const Headers& headers, bool keep_alive);

}  // namespace millrace::server
