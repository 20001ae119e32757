#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

namespace millrace::test {
namespace {

constexpr std::size_t kLongest = 1 << 20;
constexpr std::array<std::string_view, 14> kNumbers{"0",          "-1",    "1e308",  "-1e-300",
                                                    "2147483648", "65536", "0.0001", "9223372036854775807",
                                                    "4294967295", "1e999", "null",   "99999999999999999999",
                                                    "\"\"",       "[]"};
constexpr std::array<std::string_view, 8> kBytes{std::string_view("\0\0\0\0", 4),
                                                 "\xff\xff\xff\xff",
                                                 "\x7f\xff\xff\xff",
                                                 std::string_view("\x80\0\0\0", 4),
                                                 std::string_view("\0\0\0\1", 4),
                                                 "\xc3\x28",
                                                 "\n",
                                                 "\""};

class Mutation {
 public:
  Mutation(const std::vector<std::string>& seeds, std::uint64_t number)
      : seeds_(seeds), random_(number), text_(seeds[number % seeds.size()]) {}

  std::string run() {
    for (std::size_t left = 1 + below(4); left > 0; --left) change();
    return std::move(text_);
  }

 private:
  // Not a distribution of the standard library: those differ from one to another.
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }
  std::size_t place() { return below(text_.size() + 1); }
  std::size_t piece(std::size_t from) {
    return std::min(text_.size() - from, below(8) == 0 ? below(text_.size()) : below(32));
  }

  void change() {
    switch (below(8)) {
      case 0:
        if (!text_.empty()) text_[below(text_.size())] ^= static_cast<char>(1U << below(8));
        break;
      case 1:
        if (!text_.empty()) text_[below(text_.size())] = static_cast<char>(random_());
        break;
      case 2:
        put(place(), 4, kBytes[below(kBytes.size())]);
        break;
      case 3:
        change_number();
        break;
      case 4: {
        const std::size_t from = place();
        text_.erase(from, piece(from));
        break;
      }
      case 5: {
        const std::size_t from = place();
        const std::string copy = text_.substr(from, piece(from));
        if (text_.size() + copy.size() <= kLongest) text_.insert(place(), copy);
        break;
      }
      case 6:
        text_.resize(place());
        break;
      default: {
        const std::string& other = seeds_[below(seeds_.size())];
        const std::size_t from = below(other.size() + 1);
        put(place(), 0, std::string_view(other).substr(from, below(64)));
      }
    }
  }

  void put(std::size_t at, std::size_t instead_of, std::string_view bytes) {
    text_.replace(at, instead_of, bytes);
  }

  // A number written in decimal digits, where there is one behind a place chosen by chance.
  void change_number() {
    constexpr std::string_view kDigits = "0123456789";
    const std::size_t from = text_.find_first_of(kDigits, place());
    if (from == std::string::npos) return;
    const std::size_t end = std::min(text_.find_first_not_of("0123456789.eE", from), text_.size());
    put(from, end - from, kNumbers[below(kNumbers.size())]);
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_;
  std::string text_;
};

}  // namespace

std::string mutated(const std::vector<std::string>& seeds, std::uint64_t number) {
  return Mutation(seeds, number).run();
}

}  // namespace millrace::test
