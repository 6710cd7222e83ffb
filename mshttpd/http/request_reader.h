// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::mshttpd::http {

/// The head of a request (RFC 9112). Two that could be read in two ways are refused (no obsolete folding, no
/// second Content-Length, Host or Transfer-Encoding, no coding but chunked, no bare CR or LF), so that
/// nothing can be smuggled past a proxy before us.
struct Head {
  std::string method;
  std::string target;                          ///< as sent: "/path?query"
  std::map<std::string, std::string> headers;  ///< names in lower case; twice the same: joined by ", "
  bool http11 = true;
  bool keepAlive = true;
  bool expectContinue = false;
  bool chunked = false;
  std::optional<std::uint64_t> length;

  [[nodiscard]] bool hasBody() const { return chunked || length.value_or(0) > 0; }
  [[nodiscard]] View header(const std::string& name) const;
};

struct HeadLimits {
  std::size_t line = 16UL * 1024;
  std::size_t whole = 32UL * 1024;
  std::size_t fields = 100;
};

/// Where a head ends (behind its empty line) in what has come; nothing while it has not. Errc::Limit when a
/// line or the whole is too long. `scanned`: how far an earlier call with a shorter `bytes` has looked. Pure.
Result<std::optional<std::size_t>> findHeadEnd(View bytes, const HeadLimits& limits, std::size_t& scanned);

/// Reads one request: its head, then its body from pieces of any size. Bytes of the next request are never
/// taken. Pure.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;

  /// `text` is a whole head. Errc::Invalid; Limit: too many fields; Unsupported: not HTTP/1.x, or a transfer
  /// coding that we do not know.
  Result<Head> head(View text, const HeadLimits& limits);

  /// Takes what it can of `bytes`, appends the payload to `out`; returns how many bytes it has taken, 0 when
  /// it needs more of them at once. Errc::Invalid: what came is no chunked body. Errc::TooBig: the payload
  /// passes `most`.
  Result<std::size_t> body(View bytes, std::uint64_t most, Bytes& out);
  /// The request is whole.
  [[nodiscard]] bool done() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace posthorn::mshttpd::http
