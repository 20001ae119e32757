#include "hw/slot_ledger.h"

#include <map>
#include <mutex>
#include <utility>

namespace millrace::hw {

struct LedgerState {
  explicit LedgerState(const Budget& budget) : total(budget) {}

  // The caller holds the mutex. Never below zero, because in_use never passes total.
  Budget free() const {
    Budget left = total;
    for (const Resource& each : kResources) left.*each.amount -= in_use.*each.amount;
    return left;
  }

  const Budget total;
  mutable std::mutex mutex;
  Demand in_use;
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, Grant> grants;
};

Lease::Lease(std::shared_ptr<LedgerState> state, std::uint64_t id, const Demand& demand)
    : state_(std::move(state)), id_(id), demand_(demand) {}

Lease::Lease(Lease&& other) noexcept
    : state_(std::move(other.state_)),
      id_(std::exchange(other.id_, 0)),
      demand_(std::exchange(other.demand_, Demand{})) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    state_ = std::move(other.state_);
    id_ = std::exchange(other.id_, 0);
    demand_ = std::exchange(other.demand_, Demand{});
  }
  return *this;
}

Lease::~Lease() { release(); }

void Lease::release() {
  const std::shared_ptr<LedgerState> state = std::exchange(state_, nullptr);
  if (!state) return;
  const std::lock_guard lock(state->mutex);
  state->grants.erase(id_);
  for (const Resource& each : kResources) state->in_use.*each.amount -= demand_.*each.amount;
  id_ = 0;
  demand_ = {};
}

SlotLedger::SlotLedger(const Budget& total) : state_(std::make_shared<LedgerState>(total)) {}

std::optional<Lease> SlotLedger::try_acquire(const Demand& demand, std::string holder) {
  const std::lock_guard lock(state_->mutex);
  // Compared with what is free, not summed with what is in use: a sum could overflow.
  const Budget free = state_->free();
  for (const Resource& each : kResources)
    if (demand.*each.amount < 0 || demand.*each.amount > free.*each.amount) return std::nullopt;
  const std::uint64_t id = state_->last_id + 1;
  state_->grants.emplace(id, Grant{id, std::move(holder), demand});
  state_->last_id = id;
  for (const Resource& each : kResources) state_->in_use.*each.amount += demand.*each.amount;
  return Lease(state_, id, demand);
}

Budget SlotLedger::total() const { return state_->total; }

Demand SlotLedger::in_use() const {
  const std::lock_guard lock(state_->mutex);
  return state_->in_use;
}

Budget SlotLedger::free() const {
  const std::lock_guard lock(state_->mutex);
  return state_->free();
}

std::vector<Grant> SlotLedger::grants() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Grant> listed;
  for (const auto& [id, grant] : state_->grants) listed.push_back(grant);
  return listed;
}

}  // namespace millrace::hw
