// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/trace.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

namespace posthorn::deliver {
namespace {

constexpr std::size_t kMostSender = 512;

/// An address inside of a field: as it is when that is fit to be there (RFC 6532 allows UTF-8).
std::string shown(std::string_view text) {
  const bool plain = text.size() <= kMostSender && utf8::valid(text) &&
                     std::none_of(text.begin(), text.end(), ascii::isControl);
  return plain ? std::string(text) : ascii::printable(text);
}

/// Text of a stranger inside of a field: nothing that could begin another field, nothing that a comment
/// would take for its end.
std::string tame(std::string_view text) {
  std::string made = ascii::printable(text, 300);
  for (char& c : made)
    if (c == '(' || c == ')' || c == ';' || c == '\\') c = '?';
  return made;
}

}  // namespace

std::optional<std::string> returnPath(std::string_view sender) {
  if (sender.size() >= 2 && sender.front() == '<' && sender.back() == '>')
    sender = sender.substr(1, sender.size() - 2);
  // A quoted local part may have blanks and angle brackets.
  const bool quoted = sender.size() > 1 && sender.front() == '"';
  const bool plain = std::none_of(sender.begin(), sender.end(), [quoted](char c) {
    return ascii::isControl(c) || (!quoted && (c == ' ' || c == '<' || c == '>'));
  });
  if (!plain || sender.size() > kMostSender) return std::nullopt;
  return std::string(sender);
}

std::string traceFields(const std::optional<std::string>& sender, std::string_view recipient) {
  std::string fields;
  if (sender) fields += "Return-Path: <" + *sender + ">\r\n";
  return fields + "Delivered-To: " + shown(recipient) + "\r\n";
}

std::string receivedField(const Hop& hop, Wall when) {
  const std::string where = hop.address.empty() ? "unix" : "[" + std::string(hop.address) + "]";
  std::string field = "Received: from " + tame(hop.from) + " (" + where + ")\r\n";
  field += "\tby " + std::string(hop.by) + " (Posthorn) with " + std::string(hop.with) + " id " +
           std::string(hop.id) + "\r\n";
  field += "\tfor <" + shown(hop.recipient) + ">;\r\n";
  return field + "\t" + fieldDate(when) + "\r\n";
}

}  // namespace posthorn::deliver
