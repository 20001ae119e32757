#include "tests/support/short_promise.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <vector>

namespace millrace::test {
namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string big_endian(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(bits >> shift & 0xff);
  return bytes;
}

std::uint32_t big_endian_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

// Where the boxes of this kind begin, among those that lie in no other.
std::vector<std::size_t> boxes(const std::string& bytes, const std::string& kind) {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += big_endian_at(bytes, at)) {
    if (big_endian_at(bytes, at) < 8) throw std::runtime_error("a box without a length");
    if (bytes.compare(at + 4, 4, kind) == 0) found.push_back(at);
  }
  return found;
}

}  // namespace

void promise_seconds(const std::filesystem::path& file, double seconds) {
  using std::string_literals::operator""s;
  std::string bytes = bytes_of(file);
  const bool flv = bytes.starts_with("FLV");
  // A script value's name and kind; Matroska's Segment Duration with its size.
  const std::string mark = flv ? "duration\0"s : "\x44\x89\x88"s;
  const auto at = bytes.find(mark);
  if (at == std::string::npos) throw std::runtime_error(file.native() + " promises no length");
  bytes.replace(at + mark.size(), 8, big_endian(flv ? seconds : seconds * 1000));
  const std::string tag =
      fmt::format("00:{:02}:{:012.9f}", static_cast<int>(seconds) / 60, std::fmod(seconds, 60));
  if (!flv) bytes = std::regex_replace(bytes, std::regex(R"(00:\d\d:\d\d\.\d{9})"), tag);
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string playlist_of_fragments(const std::filesystem::path& file, double seconds) {
  const std::string bytes = bytes_of(file);
  std::vector<std::size_t> edges = boxes(bytes, "moof");
  if (edges.empty()) throw std::runtime_error(file.native() + " has no fragments");
  const auto index = boxes(bytes, "mfra");
  edges.push_back(index.empty() ? bytes.size() : index.front());
  const std::string name = file.filename().native();
  std::string text = fmt::format("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-MAP:URI=\"{}\",BYTERANGE=\"{}@0\"\n",
                                 name, edges.front());
  for (std::size_t i = 0; i + 1 < edges.size(); ++i)
    text += fmt::format("#EXTINF:{:.6f},\n#EXT-X-BYTERANGE:{}@{}\n{}\n", seconds, edges[i + 1] - edges[i],
                        edges[i], name);
  return text + "#EXT-X-ENDLIST\n";
}

}  // namespace millrace::test
