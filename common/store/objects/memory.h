// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/locked.h"
#include "common/store/types.h"

namespace posthorn::store::objects {

/// What never changes of a message in its mailbox, and every question about an account needs.
struct Fact {
  Id128 emailId;
  std::uint64_t threadId = 0;
  std::int64_t received = 0;  ///< seconds since 1970
  std::uint32_t size = 0;
  Uid uid = 0;
  bool shared = false;  ///< it may have copies; of a message that was copied only the copies need say so
};
using Facts = std::vector<Fact>;  ///< of one mailbox, by UID
using Ids = std::vector<Id128>;

/// What a process remembers of accounts that were asked about, so that it does not read them again for the
/// next page: the facts of mailboxes, the answers to queries, the counts of mailboxes. Bounded; what was not
/// used for longest goes first. Entries are named by what they were read from, so that a stale one is never
/// found. Any thread.
class Memory {
 public:
  static constexpr std::size_t kMost = std::size_t{64} * 1024 * 1024;  ///< octets

  template <typename T>
  [[nodiscard]] std::shared_ptr<const T> find(const std::string& name) const {
    return std::static_pointer_cast<const T>(findAny(name));
  }
  template <typename T>
  void keep(const std::string& name, std::shared_ptr<const T> value, std::size_t octets) const {
    keepAny(name, std::move(value), octets);
  }

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const void> value;
    std::size_t octets = 0;
  };
  struct Kept {
    std::list<Entry> entries;  // the latest first
    std::map<std::string, std::list<Entry>::iterator, std::less<>> byName;
    std::size_t octets = 0;
  };

  std::shared_ptr<const void> findAny(const std::string& name) const;
  void keepAny(const std::string& name, std::shared_ptr<const void> value, std::size_t octets) const;

  mutable Locked<Kept> kept_;
};

}  // namespace posthorn::store::objects
