// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/dn.h"

#include "common/auth/ldap/filter.h"
#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

// Where the first component ends: an unescaped comma, or the end.
std::size_t componentEnd(std::string_view dn) {
  bool quoted = false;
  for (std::size_t at = 0; at < dn.size(); ++at) {
    if (dn[at] == '\\') {
      ++at;
    } else if (dn[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && (dn[at] == ',' || dn[at] == ';')) {
      return at;
    }
  }
  return dn.size();
}

// A blank that is escaped belongs to the value.
std::string_view trimComponent(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ' && (text.size() < 2 || text[text.size() - 2] != '\\'))
    text.remove_suffix(1);
  return text;
}

std::string normalComponent(std::string_view component) {
  const std::size_t sign = component.find('=');
  if (sign == std::string_view::npos) return ascii::toLower(trimComponent(component));
  return ascii::toLower(trimComponent(component.substr(0, sign))) + "=" +
         ascii::toLower(trimComponent(component.substr(sign + 1)));
}

}  // namespace

std::string escapeDnValue(std::string_view value) {
  constexpr std::string_view kSpecial = "\"+,;<>=\\";
  std::string out;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    const bool edge = (at == 0 && (c == ' ' || c == '#')) || (at + 1 == value.size() && c == ' ');
    if (ascii::isControl(c)) {
      appendHex(out, c);
    } else {
      if (edge || kSpecial.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string domainDn(std::string_view domain, std::string_view root) {
  std::string out;
  for (const std::string_view label : ascii::split(domain, '.'))
    out.append("dc=").append(escapeDnValue(label)).append(",");
  return out.append(root);
}

std::optional<std::string> domainOfDn(std::string_view dn, std::string_view root) {
  constexpr std::string_view kType = "dc=";
  const std::string above = normalDn(root);
  std::string rest = normalDn(dn);
  std::string out;
  while (rest != above) {
    const std::size_t end = componentEnd(rest);
    if (!ascii::startsWith(rest, kType) || end == rest.size()) return std::nullopt;
    out.append(out.empty() ? "" : ".").append(rest, kType.size(), end - kType.size());
    rest.erase(0, end + 1);
  }
  if (out.empty() || out.find('\\') != std::string::npos) return std::nullopt;
  return out;
}

std::optional<std::string> parentDn(std::string_view dn) {
  const std::size_t end = componentEnd(dn);
  if (end == dn.size()) return std::nullopt;
  std::string parent(trimComponent(dn.substr(end + 1)));
  if (parent.empty()) return std::nullopt;
  return parent;
}

std::string normalDn(std::string_view dn) {
  std::string out;
  while (true) {
    const std::size_t end = componentEnd(dn);
    out += normalComponent(dn.substr(0, end));
    if (end == dn.size()) return out;
    out += ',';
    dn.remove_prefix(end + 1);
  }
}

bool isUnder(std::string_view dn, std::string_view ancestor) {
  const std::string above = normalDn(ancestor);
  if (above.empty()) return true;
  std::string at = normalDn(dn);
  while (at != above) {
    const std::size_t end = componentEnd(at);
    if (end == at.size()) return false;
    at.erase(0, end + 1);
  }
  return true;
}

}  // namespace posthorn::auth::ldap
