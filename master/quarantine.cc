// SPDX-License-Identifier: Apache-2.0
#include "master/quarantine.h"

#include <algorithm>

namespace posthorn::master {

void Quarantine::forget(Steady now) {
  std::erase_if(entries_,
                [now](const auto& e) { return !e.second.refused && e.second.last + kMemory < now; });
  if (entries_.size() < kMaxRemembered) return;
  const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.refused, a.second.last) < std::pair(b.second.refused, b.second.last);
  });
  entries_.erase(oldest);
}

std::vector<std::string> Quarantine::onCrash(std::span<const stats::AccountView> accounts, Steady now) {
  // Several jobs of one account in one crash are one crash.
  std::map<std::uint64_t, std::string> distinct;
  for (const auto& account : accounts) distinct.emplace(account.hash, account.name);
  std::vector<std::string> refused;
  for (const auto& [hash, name] : distinct) {
    forget(now);
    Entry& entry = entries_[hash];
    entry.name = name;
    entry.last = now;
    if (++entry.crashes < kCrashes || entry.refused) continue;
    const auto full = static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [](const auto& e) { return e.second.refused; }));
    if (full >= stats::kMaxQuarantined) continue;
    entry.refused = true;
    refused.push_back(name);
  }
  return refused;
}

std::size_t Quarantine::release(const std::string& account) {
  return std::erase_if(entries_, [&account](const auto& e) { return e.second.name == account; });
}

std::size_t Quarantine::releaseAll() {
  const std::size_t count = refused().size();
  entries_.clear();
  return count;
}

std::vector<std::uint64_t> Quarantine::hashes() const {
  std::vector<std::uint64_t> hashes;
  for (const auto& [hash, entry] : entries_)
    if (entry.refused) hashes.push_back(hash);
  return hashes;
}

std::vector<Quarantine::Entry> Quarantine::refused() const {
  std::vector<Entry> refused;
  for (const auto& [hash, entry] : entries_)
    if (entry.refused) refused.push_back(entry);
  return refused;
}

}  // namespace posthorn::master
