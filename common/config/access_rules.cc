// SPDX-License-Identifier: Apache-2.0
#include "common/config/access_rules.h"

#include <algorithm>
#include <string>

#include "common/base/ascii.h"
#include "common/config/network.h"

namespace posthorn::config {
namespace {

constexpr std::size_t kMostRules = 1000;

std::string named(std::string_view text, std::size_t number) {
  return "rule " + std::to_string(number) + " ('" + ascii::printable(text, 60) + "')";
}

Error wrong(std::string_view text, std::size_t number, std::string_view why) {
  return makeError(Errc::Invalid, named(text, number) + " " + std::string(why));
}

bool isV4(std::string_view text) {
  return text.find(':') == std::string_view::npos && parseAddress(text).has_value();
}

/// What an operator meant who wrote a ';' before the mask.
std::string withMask(std::string_view rule) {
  return "'" + std::string(rule) + "|255.255.255.255'";
}

}  // namespace

Result<AccessRules::Rule> AccessRules::parseRule(std::string_view text, std::size_t number) {
  if (text.empty())
    return makeError(Errc::Invalid, "rule " + std::to_string(number) + " is empty: remove one ';'");
  if (text.front() != '+' && text.front() != '-') {
    if (isV4(text))
      return wrong(text, number,
                   "has no + or - in front; if it is the mask of the rule before, write '|' and not ';' "
                   "between them");
    return wrong(text, number, "must begin with + (may) or - (may not)");
  }
  const std::string_view place = text.substr(1);
  const std::size_t cut = place.find_first_of("|/");
  const std::string_view host = ascii::trim(place.substr(0, cut));
  if (!parseAddress(host))
    return wrong(text, number, "needs an address behind its sign: +ADDRESS|MASK or +ADDRESS/PREFIX");
  if (cut == std::string_view::npos) {
    if (isV4(host)) return wrong(text, number, "has no mask: for this one host write " + withMask(text));
    return wrong(text, number,
                 "has no prefix length: for this one host write '" + std::string(text) + "/128'");
  }
  if (place[cut] == '|' && !isV4(host))
    return wrong(text, number, "is an IPv6 address, which takes /PREFIX and not |MASK");
  const std::string whole = std::string(host) + place[cut] + std::string(ascii::trim(place.substr(cut + 1)));
  const auto network = parseNetwork(whole);
  if (!network)
    return wrong(text, number,
                 place[cut] == '|' ? "needs a mask without holes behind its '|', like 255.255.255.0"
                                   : "needs a prefix length behind its '/', at most 32 (IPv6: 128)");
  return Rule{text.front() == '+', network->address, network->prefix};
}

Result<AccessRules> AccessRules::parse(std::string_view text) {
  AccessRules made;
  text = ascii::trim(text);
  if (text.empty()) return made;
  const auto rules = ascii::split(text, ';');
  if (rules.size() > kMostRules) return makeError(Errc::Limit, "there are more than 1000 rules");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    PH_TRY(Rule rule, parseRule(ascii::trim(rules[i]), i + 1));
    made.rules_.push_back(rule);
  }
  return made;
}

bool AccessRules::allow(const std::array<std::uint8_t, 16>& client) const {
  const auto last = std::find_if(rules_.rbegin(), rules_.rend(), [&client](const Rule& rule) {
    return Network{rule.address, rule.prefix}.contains(client);
  });
  return last != rules_.rend() && last->allow;
}

bool AccessRules::open() const {
  const bool refuses =
      std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return !rule.allow; });
  // 96: all of IPv4.
  return !refuses && std::any_of(rules_.begin(), rules_.end(),
                                 [](const Rule& rule) { return rule.prefix == 0 || rule.prefix == 96; });
}

}  // namespace posthorn::config
