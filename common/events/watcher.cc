// SPDX-License-Identifier: Apache-2.0
#include "common/events/watcher.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <unistd.h>

namespace posthorn::events {

struct Interest::Entry {
  Watcher* watcher = nullptr;  ///< null once the watcher or the interest is gone
  std::uint32_t bucket = 0;
  std::function<void()> onChange;
};

Interest& Interest::operator=(Interest&& other) noexcept {
  if (this != &other) {
    reset();
    entry_ = std::move(other.entry_);
  }
  return *this;
}

void Interest::reset() {
  const auto entry = std::exchange(entry_, nullptr);
  if (!entry || entry->watcher == nullptr) return;
  std::exchange(entry->watcher, nullptr)->forget(*entry);
}

Watcher::Watcher(net::Loop& loop, std::shared_ptr<const Area> area, std::optional<std::size_t> slot)
    : loop_(loop), area_(std::move(area)), slot_(slot), poll_(loop, [this] { onPoll(); }) {
  loop_.assertHere();
  if (!area_) {
    area_ = Area::privateToProcess();
    slot_ = 0;
  }
  if (!slot_) {
    poll();
    return;
  }
  wake_ = std::make_unique<net::Watch>(loop_, area_->wakeFd(*slot_), net::Ready::Read, [this] { onWake(); });
  wake_->enable();
}

Watcher::~Watcher() {
  loop_.assertHere();
  for (const auto& [bucket, entries] : buckets_) {
    if (slot_) area_->dropInterest(*slot_, bucket);
    for (const auto& entry : entries) entry->watcher = nullptr;
  }
}

Interest Watcher::watch(View account, std::function<void()> onChange) {
  loop_.assertHere();
  auto entry = std::make_shared<Interest::Entry>();
  entry->watcher = this;
  entry->bucket = area_->bucketOf(account);
  entry->onChange = std::move(onChange);
  Entries& entries = buckets_[entry->bucket];
  entries.push_back(entry);
  ++watched_;
  if (slot_ && entries.size() == 1) area_->addInterest(*slot_, entry->bucket);
  if (polling_ && !poll_.running()) poll_.start(kPoll);
  return Interest(std::move(entry));
}

void Watcher::forget(const Interest::Entry& entry) {
  loop_.assertHere();
  const auto found = buckets_.find(entry.bucket);
  Entries& entries = found->second;
  const auto place =
      std::find_if(entries.begin(), entries.end(), [&entry](const auto& one) { return one.get() == &entry; });
  std::iter_swap(place, entries.end() - 1);
  entries.pop_back();
  --watched_;
  if (!entries.empty()) return;
  buckets_.erase(found);
  if (slot_) area_->dropInterest(*slot_, entry.bucket);
}

void Watcher::onWake() {
  std::uint64_t count = 0;
  while (::read(area_->wakeFd(*slot_), &count, sizeof count) < 0 && errno == EINTR) {
  }
  look();
}

void Watcher::look() {
  loop_.assertHere();
  if (!slot_) return;
  dirty_.clear();
  area_->takeDirty(*slot_, dirty_);
  // All are collected first: a callback may open and close interests, and what it changes itself is heard in
  // the next turn.
  Entries called;
  for (const std::uint32_t bucket : dirty_) {
    const auto found = buckets_.find(bucket);
    if (found != buckets_.end()) called.insert(called.end(), found->second.begin(), found->second.end());
  }
  call(called);
}

void Watcher::call(const Entries& entries) {
  for (const auto& entry : entries) {
    if (entry->watcher == nullptr) continue;
    loop_.guard([&entry] { entry->onChange(); }, [] {});
  }
}

void Watcher::poll() {
  loop_.assertHere();
  if (std::exchange(polling_, true)) return;
  if (watched_ != 0) poll_.start(kPoll);
}

void Watcher::onPoll() {
  // Without sessions nothing wakes the worker; watch() starts it again.
  if (watched_ == 0) return;
  poll_.start(kPoll);
  Entries all;
  for (const auto& [bucket, entries] : buckets_) all.insert(all.end(), entries.begin(), entries.end());
  call(all);
}

}  // namespace posthorn::events
