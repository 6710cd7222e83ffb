// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "common/net/address.h"
#include "common/stats/scoreboard.h"

namespace posthorn::net {

/// Counts one connection of an address in the scoreboard for as long as it lives. Loop thread.
class AddressTicket {
 public:
  AddressTicket() = default;
  AddressTicket(stats::Slot slot, const Address& address) : slot_(std::move(slot)), address_(address.text()) {
    if (!slot_->countAddress(address_)) slot_.reset();
  }
  AddressTicket(AddressTicket&& other) noexcept
      : slot_(std::exchange(other.slot_, std::nullopt)), address_(std::move(other.address_)) {}
  AddressTicket& operator=(AddressTicket&& other) noexcept {
    if (this != &other) {
      reset();
      slot_ = std::exchange(other.slot_, std::nullopt);
      address_ = std::move(other.address_);
    }
    return *this;
  }
  AddressTicket(const AddressTicket&) = delete;
  AddressTicket& operator=(const AddressTicket&) = delete;
  ~AddressTicket() { reset(); }

  void reset() {
    if (slot_) slot_->uncountAddress(address_);
    slot_.reset();
  }

 private:
  std::optional<stats::Slot> slot_;
  std::string address_;
};

}  // namespace posthorn::net
