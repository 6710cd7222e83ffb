// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/request.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"

namespace posthorn::mshttpd {
namespace {

// RFC 9110 §5.6.2.
bool isToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || kOthers.find(c) != std::string_view::npos;
  });
}

bool hasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c != '\t' && ascii::isControl(c); });
}

bool lists(std::string_view value, std::string_view word) {
  const auto words = ascii::words(value, ", \t");
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return ascii::equal(w, word); });
}

}  // namespace

Result<bool> RequestHead::take(std::string_view line) {
  if (!started_) {
    // RFC 9112 §2.2: an empty line before the request is ignored.
    if (line.empty()) return false;
    PH_CHECK(requestLine(line));
    started_ = true;
    return false;
  }
  if (!line.empty()) {
    PH_CHECK(field(line));
    return false;
  }
  if (http11_ && !sawHost_) return makeError(Errc::Invalid, "no Host field");
  return true;
}

Request RequestHead::finish() {
  Request done = std::move(request_);
  *this = RequestHead();
  return done;
}

Status RequestHead::requestLine(std::string_view line) {
  const auto words = ascii::split(line, ' ');
  if (words.size() != 3 || !isToken(words[0]) || words[1].empty() || hasControl(words[1]))
    return makeError(Errc::Invalid, "not a request line");
  if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0")
    return makeError(ascii::startsWith(words[2], "HTTP/") ? Errc::Unsupported : Errc::Invalid,
                     "not HTTP/1.x");
  http11_ = words[2] == "HTTP/1.1";
  request_.method = words[0];
  request_.path = words[1].substr(0, words[1].find_first_of("?#"));
  request_.keepAlive = http11_;
  return okStatus();
}

Status RequestHead::field(std::string_view line) {
  if (++fields_ > kMaxFields) return makeError(Errc::Limit, "too many header fields");
  const std::size_t colon = line.find(':');
  // A blank before the colon, or a folded line, lets two servers read two different requests (RFC 9112 §5.1).
  if (colon == std::string_view::npos || !isToken(line.substr(0, colon)) || hasControl(line))
    return makeError(Errc::Invalid, "not a header field");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = ascii::trim(line.substr(colon + 1));
  if (ascii::equal(name, "Host")) {
    if (std::exchange(sawHost_, true)) return makeError(Errc::Invalid, "two Host fields");
  } else if (ascii::equal(name, "Connection")) {
    if (lists(value, "close")) request_.keepAlive = false;
  } else if (ascii::equal(name, "Transfer-Encoding")) {
    request_.hasBody = true;
  } else if (ascii::equal(name, "Content-Length")) {
    const auto length = ascii::number(value);
    if (!length) return makeError(Errc::Invalid, "not a length");
    request_.hasBody = request_.hasBody || *length > 0;
  }
  return okStatus();
}

}  // namespace posthorn::mshttpd
