// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/path.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "tools/deliver/lmtp/parse/command_line.h"

namespace posthorn::deliver::lmtp {
namespace {

bool isHigh(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// atext of RFC 5322 §3.2.3, and the dot.
bool isAtom(char c) {
  return ascii::isAlpha(c) || ascii::isDigit(c) || isHigh(c) ||
         View("!#$%&'*+-/=?^_`{|}~.").find(c) != View::npos;
}

bool isDomain(View domain) {
  if (domain.empty()) return false;
  if (domain.front() == '[' && domain.back() == ']' && domain.size() > 2)
    domain = domain.substr(1, domain.size() - 2);
  return std::all_of(domain.begin(), domain.end(), [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || isHigh(c) || c == '-' || c == '.' || c == ':' ||
           c == '_';
  });
}

/// The closing bracket of a path that begins at 0; npos when there is none. Brackets in quotes do not count.
std::size_t closing(View text) {
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[i] == '>' || text[i] == '<')) {
      return text[i] == '>' ? i : View::npos;
    }
  }
  return View::npos;
}

/// "@one,@two:" before the address: accepted and ignored, as RFC 5321 appendix C has it.
View withoutRoute(View path) {
  if (!path.starts_with('@')) return path;
  const std::size_t colon = path.find(':');
  return colon == View::npos ? path : path.substr(colon + 1);
}

/// The octets of a quoted string; Invalid when it is none.
Result<std::string> unquoted(View text) {
  std::string made;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '"') return misfit("Bad quoted string in address");
    if (text[i] == '\\' && ++i + 1 >= text.size()) return misfit("Bad quoted string in address");
    made.push_back(text[i]);
  }
  return made;
}

Result<std::string> localPart(View local) {
  if (local.size() >= 2 && local.front() == '"' && local.back() == '"') return unquoted(local);
  if (local.empty() || !std::all_of(local.begin(), local.end(), isAtom))
    return misfit("Bad local part in address");
  return std::string(local);
}

/// Where the domain's @ stands: behind the closing quote of a quoted local part, else the last one.
std::size_t atSign(View address) {
  return address.rfind('@');
}

Result<Path> addressOf(View address) {
  Path path;
  path.text = std::string(address);
  path.utf8 = std::any_of(address.begin(), address.end(), isHigh);
  if (path.utf8 && !utf8::valid(address)) return misfit("Address is not UTF-8");
  const std::size_t at = atSign(address);
  PH_TRY(const std::string local, localPart(address.substr(0, at)));
  path.lookup = local;
  if (at == View::npos) return path;
  const View domain = address.substr(at + 1);
  if (!isDomain(domain)) return misfit("Bad domain in address");
  path.lookup.append("@").append(domain);
  return path;
}

}  // namespace

Result<Path> takePath(View word, View& rest) {
  if (!ascii::startsWith(rest, word)) return misfit("Path expected");
  View text = rest.substr(word.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (!text.starts_with('<')) return misfit("Path in angle brackets expected");
  const std::size_t end = closing(text);
  if (end == View::npos) return misfit("Unbalanced angle brackets");
  if (end + 1 > kMaxPath) return misfit("Path too long");
  rest = text.substr(end + 1);
  const View inside = text.substr(1, end - 1);
  if (inside.empty()) return Path{};
  const View address = withoutRoute(inside);
  if (address.empty()) return misfit("Address expected");
  return addressOf(address);
}

}  // namespace posthorn::deliver::lmtp
