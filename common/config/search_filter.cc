// SPDX-License-Identifier: Apache-2.0
#include "common/config/search_filter.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::config {
namespace {

constexpr std::size_t kMostFilter = 1000;
constexpr std::size_t kMostDepth = 20;

struct Scan {
  std::size_t depth = 0;
  bool inValue = false;
  bool namesUser = false;
  bool comparison = false;
  std::string trouble;
};

void scanPercent(Scan& scan, char code) {
  if (code == '%') return;
  if (code != 'U' && code != 'V' && code != 'o') {
    scan.trouble = code == '\0' ? "a % stands at the end"
                                : std::string("%") + code + " is not known: there are %U, %V, %o and %%";
  } else if (!scan.inValue) {
    scan.trouble = std::string("%") + code + " stands where no value is";
  }
  scan.namesUser = scan.namesUser || code == 'U' || code == 'o';
}

void scanSign(Scan& scan, char c) {
  if (c == '(') {
    if (scan.inValue || ++scan.depth > kMostDepth) scan.trouble = "a ( stands inside of a value or too deep";
  } else if (c == ')') {
    scan.inValue = false;
    if (scan.depth == 0) {
      scan.trouble = "there are more ) than (";
    } else {
      --scan.depth;
    }
  } else if (c == '=') {
    scan.inValue = scan.comparison = true;
  }
}

}  // namespace

std::string searchFilterTrouble(std::string_view filter) {
  if (filter.empty()) return "a search filter must not be empty";
  if (filter.size() > kMostFilter) return "a search filter has at most 1000 octets";
  Scan scan;
  for (std::size_t at = 0; at < filter.size() && scan.trouble.empty(); ++at) {
    const char c = filter[at];
    if (ascii::isControl(c)) return "a search filter has no control characters";
    if (c == '%') {
      ++at;
      scanPercent(scan, at < filter.size() ? filter[at] : '\0');
    } else {
      scanSign(scan, c);
    }
    if (scan.depth == 0 && c == ')' && at + 1 < filter.size() && scan.trouble.empty())
      return "something stands behind the last )";
  }
  if (!scan.trouble.empty()) return scan.trouble;
  if (scan.depth != 0) return "there are more ( than )";
  if (!scan.comparison) return "a search filter compares an attribute with a value";
  if (!scan.namesUser) return "neither %U nor %o stands in it, so it finds the same for everybody";
  return {};
}

std::string distinguishedNameTrouble(std::string_view dn) {
  constexpr std::size_t kMostDn = 1000;
  if (dn.size() > kMostDn) return "a distinguished name has at most 1000 octets";
  std::string component;
  const auto complete = [&component] {
    const std::size_t sign = component.find('=');
    const bool good = sign != std::string::npos && !ascii::trim(component.substr(0, sign)).empty() &&
                      !ascii::trim(component.substr(sign + 1)).empty();
    component.clear();
    return good;
  };
  for (std::size_t at = 0; at < dn.size(); ++at) {
    if (dn[at] == '\\' && at + 1 < dn.size()) {
      ++at;
      component += 'x';
    } else if (dn[at] == ',') {
      if (!complete()) return "a component is not NAME=VALUE";
    } else {
      component += dn[at];
    }
  }
  return complete() ? "" : "a component is not NAME=VALUE";
}

}  // namespace posthorn::config
