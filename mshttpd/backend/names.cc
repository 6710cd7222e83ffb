// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/names.h"

#include <algorithm>

namespace posthorn::mshttpd::backend {
namespace {

/// What a '/' inside of a level becomes where '/' divides levels: FRACTION SLASH looks like it.
constexpr std::string_view kSlash = "\u2044";

void replace(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

bool isInbox(std::string_view name) {
  return name == "INBOX";
}

}  // namespace

std::optional<Names> Names::of(const imap::NamespaceData& spaces, const std::string& owner) {
  Names names;
  if (!owner.empty()) {
    if (spaces.others.empty()) return std::nullopt;
    const auto& space = spaces.others.front();
    names.delimiter_ = space.delimiter.value_or('/');
    names.root_ = space.prefix + owner;
    names.prefix_ = names.root_ + names.delimiter_;
    names.inbox_ = names.prefix_ + "INBOX";
    return names;
  }
  if (!spaces.personal.empty()) {
    names.delimiter_ = spaces.personal.front().delimiter.value_or('/');
    names.prefix_ = spaces.personal.front().prefix;
  }
  for (const auto* list : {&spaces.others, &spaces.shared})
    for (const auto& space : *list)
      if (!space.prefix.empty()) names.foreign_.push_back(space.prefix);
  return names;
}

std::optional<std::string> Names::toServer(const std::string& name) const {
  if (isInbox(name)) return inbox_;
  std::string text = name;
  if (delimiter_ != '/') {
    if (text.find(delimiter_) != std::string::npos) return std::nullopt;
    std::replace(text.begin(), text.end(), '/', delimiter_);
    replace(text, kSlash, "/");
  }
  // Below INBOX there is no prefix where the prefix is not INBOX's own.
  if (text.starts_with(std::string("INBOX") + delimiter_) && root_.empty()) return text;
  return prefix_ + text;
}

std::optional<std::string> Names::fromServer(const std::string& name) const {
  // Where an owner's name alone is a mailbox, it is his INBOX.
  if (name == inbox_ || (!root_.empty() && name == root_)) return "INBOX";
  for (const std::string& other : foreign_)
    if (name.starts_with(other) || name + delimiter_ == other) return std::nullopt;
  std::string text = name;
  if (!prefix_.empty() && text.starts_with(prefix_))
    text.erase(0, prefix_.size());
  else if (!root_.empty())
    return std::nullopt;
  if (text.empty()) return std::nullopt;
  if (delimiter_ != '/') {
    replace(text, "/", kSlash);
    std::replace(text.begin(), text.end(), delimiter_, '/');
  }
  return text;
}

std::vector<std::string> Names::patterns() const {
  if (root_.empty()) return {"*"};
  return {root_, prefix_ + "*"};
}

std::string Names::inbox() const {
  return inbox_;
}

}  // namespace posthorn::mshttpd::backend
