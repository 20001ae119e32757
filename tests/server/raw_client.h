// RawClient: a client that sends exactly the bytes it is told and reads what comes. Every wait ends after 20
// s as a failure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/unique_fd.h"

namespace millrace::test {

struct Answer {
  int status = 0;                              // 0: the connection ended before a head was whole
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  bool whole = false;  // as long as Content-Length said

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class RawClient {
 public:
  // `receive_buffer`: of the socket, for clients that are to be slow; 0: the system's.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);

  // False when the server took no more.
  bool send(std::string_view bytes);
  // The next answer; interim ones (100) count. Without Content-Length: until the end. `head_only`: to a HEAD.
  Answer read_answer(bool head_only = false);
  // Up to and with `mark`, or to the end.
  std::string read_until(std::string_view mark);
  // True when something, or the end, can be read within so many milliseconds.
  bool readable(int milliseconds);
  // True when the server closes; what comes before is thrown away.
  bool closed_by_server();
  // No more bytes will come from here; the answer can still be read.
  void finish_sending();
  // Closes without saying goodbye (RST).
  void reset();

  // One exchange: "GET /x" with the headers given as lines with \r\n. Host and Content-Length are put in.
  Answer ask(std::string_view method, std::string_view target, std::string_view headers = "",
             std::string_view body = "");

 private:
  bool fill();  // false at the end

  engine::UniqueFd socket_;
  std::string buffer_;
};

// Asks on a connection of its own.
Answer ask_once(std::uint16_t port, std::string_view method, std::string_view target,
                std::string_view headers = "", std::string_view body = "");

}  // namespace millrace::test
