// SPDX-License-Identifier: Apache-2.0
#include "common/net/output_queue.h"

#include <algorithm>
#include <utility>

#include "common/base/assert.h"

namespace posthorn::net {

namespace {
// Texts up to this size are joined with the one before, so that a burst of short replies is few pieces.
constexpr std::size_t kJoin = 4096;
}  // namespace

std::uint64_t OutputQueue::sizeOf(const Item& item) {
  if (const auto* text = std::get_if<Text>(&item)) return text->text.size() - text->offset;
  if (const auto* slice = std::get_if<Slice>(&item)) return slice->text.size();
  return std::get_if<FileRange>(&item)->length;
}

void OutputQueue::addCopy(std::string_view text) {
  if (text.empty()) return;
  auto* last = empty() ? nullptr : std::get_if<Text>(&items_.back());
  if (last != nullptr && last->text.size() + text.size() <= kJoin) {
    last->text.append(text);
    bytes_ += text.size();
    memory_ += text.size();
    return;
  }
  items_.emplace_back(Text{.text = std::string(text)});
  bytes_ += text.size();
  memory_ += text.size();
}

void OutputQueue::add(std::string text) {
  if (text.size() <= kJoin / 4) {
    addCopy(text);
    return;
  }
  bytes_ += text.size();
  memory_ += text.size();
  items_.emplace_back(Text{.text = std::move(text)});
}

void OutputQueue::addView(std::string_view text, std::shared_ptr<const void> pin) {
  if (text.empty()) return;
  bytes_ += text.size();
  memory_ += text.size();
  items_.emplace_back(Slice{.text = text, .pin = std::move(pin)});
}

void OutputQueue::addFile(FileRange range) {
  if (range.length == 0) return;
  bytes_ += range.length;
  items_.emplace_back(std::move(range));
}

const FileRange* OutputQueue::frontFile() const {
  return empty() ? nullptr : std::get_if<FileRange>(&items_[head_]);
}

std::size_t OutputQueue::frontTexts(iovec* vectors, std::size_t most) const {
  std::size_t count = 0;
  for (std::size_t i = head_; i < items_.size() && count < most; ++i) {
    std::string_view bytes;
    if (const auto* text = std::get_if<Text>(&items_[i])) {
      bytes = std::string_view(text->text).substr(text->offset);
    } else if (const auto* slice = std::get_if<Slice>(&items_[i])) {
      bytes = slice->text;
    } else {
      break;
    }
    vectors[count++] = {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  }
  return count;
}

bool OutputQueue::fileFollows() const {
  for (std::size_t i = head_; i < items_.size(); ++i)
    if (std::holds_alternative<FileRange>(items_[i])) return i > head_;
  return false;
}

void OutputQueue::sent(std::uint64_t count) {
  PH_ASSERT(count <= bytes_);
  bytes_ -= count;
  while (count > 0) {
    Item& item = items_[head_];
    const std::uint64_t size = sizeOf(item);
    const std::uint64_t part = std::min(size, count);
    count -= part;
    if (!std::holds_alternative<FileRange>(item)) memory_ -= part;
    if (part == size) {
      dropFront();
      continue;
    }
    if (auto* text = std::get_if<Text>(&item)) {
      text->offset += part;
    } else if (auto* slice = std::get_if<Slice>(&item)) {
      slice->text.remove_prefix(part);
    } else {
      auto& file = std::get<FileRange>(item);
      file.offset += part;
      file.length -= part;
    }
  }
}

void OutputQueue::dropFront() {
  items_[head_++] = Text{};  // gives its memory or its pin back now
  if (empty()) {
    clear();
  } else if (head_ >= 64 && head_ * 2 >= items_.size()) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

void OutputQueue::clear() {
  std::vector<Item>().swap(items_);
  head_ = 0;
  bytes_ = 0;
  memory_ = 0;
}

}  // namespace posthorn::net
