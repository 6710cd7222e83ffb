// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/target.h"

#include <optional>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "common/base/utf8.h"

namespace posthorn::mshttpd::http {
namespace {

int hexDigit(char c) {
  if (ascii::isDigit(c)) return c - '0';
  const char low = ascii::lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// Nothing when a % is no code, or what comes out is not text.
std::optional<std::string> decoded(View text, bool plusIsBlank) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plusIsBlank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size() || hexDigit(text[i + 1]) < 0 || hexDigit(text[i + 2]) < 0) return std::nullopt;
      out += static_cast<char>(hexDigit(text[i + 1]) * 16 + hexDigit(text[i + 2]));
      i += 2;
    }
  }
  if (out.find('\0') != std::string::npos || !utf8::valid(out)) return std::nullopt;
  return out;
}

}  // namespace

Result<Parameters> parseForm(View text) {
  Parameters found;
  if (text.empty()) return found;
  const auto pieces = ascii::split(text, '&');
  if (pieces.size() > kMostParameters) return makeError(Errc::Limit, "too many parameters");
  for (const View piece : pieces) {
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    const auto name = decoded(piece.substr(0, equals), true);
    const auto value = equals == View::npos ? std::optional<std::string>(std::string())
                                            : decoded(piece.substr(equals + 1), true);
    if (!name || !value) return makeError(Errc::Invalid, "a parameter that cannot be decoded");
    found.try_emplace(*name, *value);
  }
  return found;
}

Result<Target> parseTarget(View text) {
  Target target;
  const std::size_t question = text.find('?');
  const View path = text.substr(0, question);
  if (path.empty() || path.front() != '/') return makeError(Errc::Invalid, "not a path");
  const auto pieces = ascii::split(path.substr(1), '/');
  if (pieces.size() > kMostSegments) return makeError(Errc::Invalid, "too many segments");
  for (const View piece : pieces) {
    auto segment = decoded(piece, false);
    if (!segment || *segment == "." || *segment == "..")
      return makeError(Errc::Invalid, "a segment that is none");
    target.path += '/' + *segment;
    target.segments.push_back(std::move(*segment));
  }
  if (question != View::npos) {
    PH_TRY(target.query, parseForm(text.substr(question + 1)));
  }
  return target;
}

bool fits(View pattern, const std::vector<std::string>& segments, Parameters& values) {
  const auto parts = ascii::split(pattern.substr(1), '/');
  if (parts.size() != segments.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!parts[i].starts_with('{') && parts[i] != segments[i]) return false;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].starts_with('{'))
      values.insert_or_assign(std::string(parts[i].substr(1, parts[i].size() - 2)), segments[i]);
  return true;
}

std::string percentEncoded(View text) {
  constexpr View kPlain = "-._~";
  std::string out;
  for (const char c : text) {
    if (ascii::isAlpha(c) || ascii::isDigit(c) || kPlain.find(c) != View::npos) {
      out += c;
    } else {
      out += '%' + ascii::toUpper(toHex(View(&c, 1)));
    }
  }
  return out;
}

}  // namespace posthorn::mshttpd::http
