// SlotLedger grants device capacity as leases that give it back at the end of their scope.
// Safe to call from any thread. Never grants more than its budget, and never blocks on another's lease.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hw/slots.h"

namespace millrace::hw {

// One line of a ledger.
struct Grant {
  std::uint64_t id = 0;  // counts up from 1 in the order of granting; never used twice
  std::string holder;    // who asked, for people: "job 01J... range 0-12"
  Demand demand;
};

struct LedgerState;

// Granted capacity. Moves, does not copy; a moved-from or released lease holds nothing.
// May outlive its ledger, and may be released in any thread; one lease belongs to one thread at a time.
class Lease {
 public:
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;  // gives back what it held before
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  bool held() const { return state_ != nullptr; }
  std::uint64_t id() const { return id_; }
  const Demand& demand() const { return demand_; }

  // Gives the capacity back now. A second call does nothing.
  void release();

 private:
  friend class SlotLedger;
  Lease(std::shared_ptr<LedgerState> state, std::uint64_t id, const Demand& demand);

  std::shared_ptr<LedgerState> state_;
  std::uint64_t id_ = 0;
  Demand demand_;
};

class SlotLedger {
 public:
  explicit SlotLedger(const Budget& total);

  // The lease, or nothing where the demand does not fit into what is free now, or is below zero anywhere.
  [[nodiscard]] std::optional<Lease> try_acquire(const Demand& demand, std::string holder = {});

  Budget total() const;
  Demand in_use() const;
  Budget free() const;

  // What is granted now, oldest first.
  std::vector<Grant> grants() const;

 private:
  std::shared_ptr<LedgerState> state_;
};

}  // namespace millrace::hw
