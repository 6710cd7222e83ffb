// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/metadata.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::imap {

bool isMetadataName(std::string_view name) {
  const auto odd = [](char c) {
    return ascii::isControl(c) || static_cast<unsigned char>(c) >= 0x80 || c == '*' || c == '%';
  };
  if (name.empty() || name.front() != '/' || name.back() == '/') return false;
  if (name.find("//") != std::string_view::npos || std::any_of(name.begin(), name.end(), odd)) return false;
  const auto components = std::count(name.begin(), name.end(), '/');
  const std::string lower = ascii::toLower(name);
  for (const std::string_view scope : {"/private/", "/shared/"}) {
    if (!lower.starts_with(scope)) continue;
    const std::string_view rest = std::string_view(lower).substr(scope.size());
    const bool vendor = rest == "vendor" || rest.starts_with("vendor/");
    return components >= (vendor ? 4 : 2);
  }
  return false;
}

}  // namespace posthorn::imap
