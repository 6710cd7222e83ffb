// SPDX-License-Identifier: Apache-2.0
#include "common/mime/header.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/mime/lexer.h"

namespace posthorn::mime {

Bytes unfold(View value) {
  Bytes out;
  const View trimmed = ascii::trim(value);
  out.reserve(trimmed.size());
  for (std::size_t i = 0; i < trimmed.size(); ++i) {
    const char c = trimmed[i];
    const bool lineEnd = c == '\n' || (c == '\r' && trimmed.substr(i + 1, 1) == "\n");
    if (!lineEnd) out.push_back(c == '\r' ? ' ' : c);
  }
  return out;
}

std::optional<Field> splitField(View field) {
  const std::size_t colon = field.find(':');
  if (colon == View::npos || isBlank(field.front())) return std::nullopt;
  View name = field.substr(0, colon);
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  // A blank or a control inside is no name (RFC 5322 2.2): "From x Mon 10:00" of an mbox, for example.
  if (name.empty() ||
      std::any_of(name.begin(), name.end(), [](char c) { return ascii::isControl(c) || c == ' '; }))
    return std::nullopt;
  return Field{name, field.substr(colon + 1)};
}

namespace {

constexpr std::size_t kMaxNameBlanks = 256;

/// The length of the line that `text` begins with, its end included.
std::size_t lineLength(View text) {
  return std::min(text.find('\n'), text.size() - 1) + 1;
}

bool emptyLine(View line) {
  return line == "\r\n" || line == "\n";
}

View withoutLineEnd(View text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<Field> headerFields(View header) {
  std::vector<Field> fields;
  while (!header.empty()) {
    std::size_t length = lineLength(header);
    if (emptyLine(header.substr(0, length))) break;
    while (length < header.size() && (header[length] == ' ' || header[length] == '\t'))
      length += lineLength(header.substr(length));
    if (const auto field = splitField(withoutLineEnd(header.substr(0, length)))) fields.push_back(*field);
    header.remove_prefix(length);
  }
  return fields;
}

std::optional<View> findField(View header, View name) {
  for (const Field& field : headerFields(header)) {
    if (ascii::equal(field.name, name)) return field.value;
  }
  return std::nullopt;
}

HeaderFilter::HeaderFilter(std::vector<Bytes> names, FieldChoice choice)
    : names_(std::move(names)), choice_(choice), keep_(choice == FieldChoice::Not) {
  for (Bytes& name : names_) {
    name = ascii::toLower(name);
    longest_ = std::max(longest_, name.size());
  }
  std::sort(names_.begin(), names_.end());
}

bool HeaderFilter::listed(View name) const {
  return std::binary_search(names_.begin(), names_.end(), ascii::toLower(name));
}

void HeaderFilter::feed(View octets, Bytes& out) {
  while (!octets.empty()) {
    if (state_ == State::LineStart) {
      atLineStart(octets, out);
    } else if (state_ == State::Name) {
      inName(octets, out);
    } else {
      const std::size_t length = lineLength(octets);
      if (state_ == State::Keep) out.append(octets.substr(0, length));
      if (octets[length - 1] == '\n') state_ = State::LineStart;
      octets.remove_prefix(length);
    }
  }
}

void HeaderFilter::atLineStart(View& octets, Bytes& out) {
  const char c = octets.front();
  if (pending_.empty() && (c == ' ' || c == '\t')) {
    state_ = keep_ ? State::Keep : State::Skip;
    return;
  }
  if (c == '\r' && pending_.empty()) {
    pending_.push_back(c);
    octets.remove_prefix(1);
    return;
  }
  if (c == '\n') {  // the empty line
    out.append(pending_).push_back(c);
    pending_.clear();
    octets.remove_prefix(1);
    keep_ = false;
    return;
  }
  state_ = State::Name;
}

void HeaderFilter::inName(View& octets, Bytes& out) {
  while (!octets.empty()) {
    const char c = octets.front();
    if (c == '\n') {
      decide(false, out);
      return;
    }
    if (c == ':') {
      const Bytes name = pending_ + ":";
      const auto field = splitField(name);
      decide(field && listed(field->name), out);
      return;
    }
    pending_.push_back(c);
    octets.remove_prefix(1);
    // Longer than every name of the list, blanks behind it included: decided without gathering more.
    const bool blank = c == ' ' || c == '\t';
    if (pending_.size() > longest_ + (blank ? kMaxNameBlanks : 0)) {
      decide(false, out);
      return;
    }
  }
}

void HeaderFilter::decide(bool isListed, Bytes& out) {
  keep_ = isListed == (choice_ == FieldChoice::Only);
  if (keep_) out.append(pending_);
  pending_.clear();
  state_ = keep_ ? State::Keep : State::Skip;
}

void HeaderFilter::finish(Bytes& out) {
  if (!pending_.empty()) decide(false, out);
  state_ = State::LineStart;
}

Bytes filterHeader(View header, std::vector<Bytes> names, FieldChoice choice) {
  HeaderFilter filter(std::move(names), choice);
  Bytes out;
  filter.feed(header, out);
  filter.finish(out);
  return out;
}

}  // namespace posthorn::mime
