// CapacitySearch finds the most streams that hold, in few rounds: one stream first, then a guess, then in
// growing steps away from it until two rounds enclose the answer, then halving what is between. Pure.
#pragma once

#include <optional>

namespace millrace::bench {

class CapacitySearch {
 public:
  // Never asks for more than `most` streams.
  explicit CapacitySearch(int most) : most_(most) {}

  // Where to look after the round of one stream; held within 2 and `most`.
  void guess(int streams);
  // How many streams the next round has; nothing: the answer is known.
  std::optional<int> next() const;
  // What a round of so many streams showed.
  void add(int streams, bool holds);

  // The most that held; 0: not even one did, or none was tried.
  int holds() const { return holds_; }
  // The fewest that did not; nothing: every round held.
  std::optional<int> fails() const { return fails_; }
  bool found() const { return !next(); }

 private:
  const int most_;
  int guess_ = 2;
  int step_ = 1;  // from the last round to the next, while one side is open
  int holds_ = 0;
  std::optional<int> fails_;
};

}  // namespace millrace::bench
