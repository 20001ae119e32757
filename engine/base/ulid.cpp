#include "engine/base/ulid.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <mutex>

namespace millrace::engine {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kLength = 26;

std::int64_t milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string text_of(std::int64_t time, std::string_view random) {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(time >> (8 * (5 - i)));
  for (std::size_t i = 0; i < 10; ++i)
    bytes[6 + i] = i < random.size() ? static_cast<unsigned char>(random[i]) : 0;
  // 128 bits as 26 digits of 5 bits: the first digit holds only three.
  std::string text(kLength, '0');
  unsigned buffer = 0;
  int bits = 2;
  std::size_t place = 0;
  for (const unsigned char byte : bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text[place++] = kDigits[(buffer >> bits) & 31U];
    }
    buffer &= (1U << bits) - 1U;
  }
  return text;
}

// Adds one to the ten bytes; false when they were all full.
bool increment(std::string& bytes) {
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    *byte = static_cast<char>(static_cast<unsigned char>(*byte) + 1U);
    if (*byte != 0) return true;
  }
  return false;
}

void fill(std::string& bytes) {
  bytes.resize(10);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), 10) != 1) std::abort();
}

}  // namespace

std::string new_ulid() {
  static std::mutex mutex;
  static std::int64_t last = 0;
  static std::string random;
  const std::lock_guard lock(mutex);
  const std::int64_t now = milliseconds(std::chrono::system_clock::now());
  if (now > last || random.empty()) {
    last = std::max(now, last);
    fill(random);
  } else if (!increment(random)) {
    ++last;
    fill(random);
  }
  return text_of(last, random);
}

std::string ulid_at(std::chrono::system_clock::time_point time, std::string_view ten_bytes) {
  return text_of(milliseconds(time), ten_bytes);
}

std::int64_t time_of_ulid(std::string_view text) {
  if (!is_ulid(text)) return 0;
  std::int64_t time = 0;  // the first ten digits are two empty bits and its 48
  for (const char digit : text.substr(0, 10))
    time = time * 32 + static_cast<std::int64_t>(kDigits.find(digit));
  return time;
}

bool is_ulid(std::string_view text) {
  return text.size() == kLength && text[0] <= '7' && std::all_of(text.begin(), text.end(), [](char c) {
           return kDigits.find(c) != std::string_view::npos;
         });
}

}  // namespace millrace::engine
