// Timeline makes one continuous clock out of packets' timestamps that jump, as those of spliced transport
// streams do. It sees the packets of all streams in the file's order, so that every reader of a file finds
// the same jumps and mends them alike: pictures and sound stay together. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace millrace::engine {

class Timeline {
 public:
  struct Packet {
    int stream = 0;
    bool picture = false;
    bool sound = false;               // neither: subtitles and data, which only follow
    std::optional<std::int64_t> dts;  // ticks
    std::int64_t duration = 0;        // ticks; 0: not known
  };
  struct Jump {
    std::int64_t at = 0;  // ticks, on the continuous clock
    std::int64_t by = 0;  // ticks
  };

  // What is to be added to this packet's timestamps, in ticks. A jump is a step back of more than 0.1 s in a
  // stream, or one forward of more than 10 s that the other streams do not show to be a gap.
  std::int64_t correction(const Packet& packet);
  const std::vector<Jump>& jumps() const { return jumps_; }
  // How many jumps a stream has gone over.
  std::size_t passed_by(int stream) const;

 private:
  // From a jump on: what is added to the timestamps after it.
  struct Epoch {
    std::int64_t offset = 0;
    bool by_pictures = false;  // the jump was seen between pictures, which then are evenly spaced
  };
  struct Stream {
    std::size_t epoch = 0;
    bool seen = false;
    std::int64_t last = 0;  // continuous
    std::int64_t next = 0;  // where the packet after the last is expected, continuous
    std::int64_t step = 0;  // between the last two; 0: not known
  };

  bool continues(const Stream& stream, int index, std::int64_t at) const;
  bool others_are_at(int index, std::int64_t at) const;
  void enter_next_epoch(Stream& stream, std::int64_t dts, bool picture);
  void note(Stream& stream, std::int64_t at, std::int64_t duration);

  std::vector<Epoch> epochs_{1};
  std::map<int, Stream> streams_;
  std::vector<Jump> jumps_;
};

}  // namespace millrace::engine
