// SPDX-License-Identifier: Apache-2.0
#include "common/config/item.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/config/access_rules.h"
#include "common/config/network.h"
#include "common/config/text.h"

namespace posthorn::config {

namespace {

bool isWordCharacter(char c) {
  return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_' || c == '.';
}

bool isWord(std::string_view text) {
  return text.size() <= 255 && text.front() != '-' && std::all_of(text.begin(), text.end(), isWordCharacter);
}

/// Letters, digits and hyphens between dots; bytes over 0x7F pass, for names in UTF-8.
bool isDomain(std::string_view text) {
  if (text.size() > 253) return false;
  const auto labels = ascii::split(text, '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) {
             return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_' ||
                    static_cast<unsigned char>(c) >= 0x80;
           });
  });
}

bool isHost(std::string_view text) {
  return isDomain(text) || parseAddress(text).has_value();
}

bool isPort(std::string_view text) {
  const auto port = parseInt(text);
  return port && *port >= 1 && *port <= 65535;
}

bool isHostPort(std::string_view text) {
  if (isHost(text)) return true;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !isPort(text.substr(colon + 1))) return false;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return parseAddress(host.substr(1, host.size() - 2)).has_value();
  }
  return isDomain(host);
}

bool isFolder(std::string_view text) {
  constexpr std::string_view kUses = "\\All|\\Archive|\\Drafts|\\Flagged|\\Important|\\Junk|\\Sent|\\Trash";
  const std::size_t sign = text.rfind('=');
  if (sign == 0) return false;
  return sign == std::string_view::npos || pickAllowed(kUses, text.substr(sign + 1)).has_value();
}

bool isExpire(std::string_view text) {
  if (sameText(text, "NEVER")) return true;
  const auto words = ascii::words(text);
  if (words.empty() || words.size() > 2) return false;
  const auto days = ascii::number(words[0]);
  return days && *days <= 36500 && (words.size() == 1 || sameText(words[1], "USER"));
}

}  // namespace

bool fits(Item item, std::string_view text) {
  switch (item) {
    case Item::Host:
      return isHost(text);
    case Item::HostPort:
      return isHostPort(text);
    case Item::Address:
      return parseAddress(text).has_value();
    case Item::Network:
      return parseNetwork(text).has_value();
    case Item::Domain:
      return isDomain(text);
    case Item::Word:
      return isWord(text);
    case Item::UserId:
      return text.find_first_of(" \"\\") == std::string_view::npos;
    case Item::AccessRules:
      return AccessRules::parse(text).ok();
    case Item::ConnLimit:
      return parseConnLimit(text).has_value();
    case Item::Folder:
      return isFolder(text);
    case Item::Expire:
      return isExpire(text);
    case Item::Filter:
    case Item::Text:
      break;
  }
  return true;
}

std::string_view describe(Item item) {
  switch (item) {
    case Item::Host:
      return "a host name or address";
    case Item::HostPort:
      return "a host name or address, with :port if it is not the usual one";
    case Item::Address:
      return "an IPv4 or IPv6 address";
    case Item::Network:
      return "an address or a network (10.0.0.0/8)";
    case Item::Domain:
      return "a domain name";
    case Item::Word:
      return "a name of letters, digits, '-', '_' and '.'";
    case Item::UserId:
      return "a login name without blanks, quotes and backslashes";
    case Item::Filter:
      return "an access filter";
    case Item::AccessRules:
      return "rules like +192.168.0.1|255.255.255.0;-192.168.0.17|255.255.255.255";
    case Item::ConnLimit:
      return "a limit like 10.0.0.0|255.0.0.0:20, 10.0.0.0/8:20 or [2001:db8::]/32:20";
    case Item::Folder:
      return "a folder like Sent=\\Sent";
    case Item::Expire:
      return "NEVER, or a number of days";
    case Item::Text:
      break;
  }
  return "a text of one line";
}

}  // namespace posthorn::config
