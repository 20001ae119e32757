// Bytes like those of a seed, but wrong somewhere. Pure: the same number gives the same bytes on every
// machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::test {

// Seed number % seeds.size(), with one to four changes: bits, numbers at their limits, pieces doubled, taken
// out, cut off or taken from another seed. `seeds` is not empty.
std::string mutated(const std::vector<std::string>& seeds, std::uint64_t number);

}  // namespace millrace::test
