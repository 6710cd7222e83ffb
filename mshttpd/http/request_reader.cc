// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/request_reader.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

// What the parser takes for impossible costs one connection, never the process.
#define BOOST_ENABLE_ASSERT_HANDLER 1
#define BOOST_BEAST_USE_STD_STRING_VIEW 1
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "common/base/ascii.h"

namespace boost {
void assertion_failed(const char* expression, const char*, const char*, long) {
  throw std::logic_error(expression);
}
void assertion_failed_msg(const char* expression, const char*, const char*, const char*, long) {
  throw std::logic_error(expression);
}
}  // namespace boost

namespace posthorn::mshttpd::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::string_view;
namespace verdict = boost::system::errc;

View viewOf(string_view text) {
  return {text.data(), text.size()};
}

// One body may use no more than this of chunk extensions and trailers, which nobody reads.
constexpr std::uint32_t kMostFraming = 64UL * 1024;

bool lists(View value, View word) {
  const auto words = ascii::words(value, ", \t");
  return std::any_of(words.begin(), words.end(), [&](View w) { return ascii::equal(w, word); });
}

// What a line of a head may not be, whatever a parser would make of it: folded, or holding a CR of its own.
bool plainLines(View text) {
  std::size_t at = 0;
  bool first = true;
  while (at < text.size()) {
    const std::size_t end = text.find("\r\n", at);
    if (end == View::npos) return false;
    const View line = text.substr(at, end - at);
    if (!first && !line.empty() && (line.front() == ' ' || line.front() == '\t')) return false;
    if (std::any_of(line.begin(), line.end(), [](char c) { return c != '\t' && ascii::isControl(c); }))
      return false;
    at = end + 2;
    first = false;
  }
  return true;
}

// RFC 9112 3.2: the forms that a server of its own is asked by. CONNECT's and OPTIONS' own forms are none of
// ours.
bool plainTarget(View target) {
  return !target.empty() && target.front() == '/' &&
         std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

View Head::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? View() : View(found->second);
}

Result<std::optional<std::size_t>> findHeadEnd(View bytes, const HeadLimits& limits, std::size_t& scanned) {
  std::size_t line = bytes.substr(0, scanned).rfind('\n');
  line = line == View::npos ? 0 : line + 1;
  for (std::size_t at = scanned; at < bytes.size(); ++at) {
    if (bytes[at] != '\n') continue;
    if (at + 1 - line > limits.line + 2) return makeError(Errc::Limit, "line of a head is too long");
    const bool empty = at == line || (at == line + 1 && bytes[line] == '\r');
    line = at + 1;
    if (!empty) continue;
    if (line > limits.whole) break;
    return std::optional(line);
  }
  scanned = bytes.size();
  if (bytes.size() - line > limits.line + 2) return makeError(Errc::Limit, "line of a head is too long");
  if (bytes.size() > limits.whole) return makeError(Errc::Limit, "head is too long");
  return std::optional<std::size_t>();
}

class RequestReader::Parser final : public beast::http::basic_parser<true> {
 public:
  explicit Parser(const HeadLimits& limits) : fields_(limits.fields) {
    header_limit(kMostFraming);
    body_limit(std::numeric_limits<std::uint64_t>::max());
    eager(true);
  }

  Head head;
  Error error;  // ours, when a callback refused
  Bytes* out = nullptr;
  std::uint64_t most = 0;

 private:
  void refuse(error_code& ec, Errc code, std::string text) {
    error = makeError(code, std::move(text));
    ec = verdict::make_error_code(verdict::bad_message);
  }

  void on_request_impl(beast::http::verb, string_view method, string_view target, int version,
                       error_code& ec) override {
    if (version != 11 && version != 10) return refuse(ec, Errc::Unsupported, "not HTTP/1.x");
    if (!plainTarget(viewOf(target))) return refuse(ec, Errc::Invalid, "not a path");
    head.method = viewOf(method);
    head.target = viewOf(target);
    head.http11 = version == 11;
  }

  void on_field_impl(beast::http::field, string_view name, string_view value, error_code& ec) override {
    if (whole_) return;  // a trailer: nobody reads it
    if (++count_ > fields_) return refuse(ec, Errc::Limit, "too many header fields");
    std::string key = ascii::toLower(viewOf(name));
    const auto [at, isNew] = head.headers.try_emplace(std::move(key), viewOf(value));
    if (isNew) return;
    const std::string& known = at->first;
    if (known == "host" || known == "content-length" || known == "transfer-encoding" ||
        known == "authorization")
      return refuse(ec, Errc::Invalid, "twice: " + known);
    at->second += known == "cookie" ? "; " : ", ";
    at->second += viewOf(value);
  }

  void on_header_impl(error_code& ec) override {
    whole_ = true;
    const auto length = head.headers.find("content-length");
    const auto coding = head.headers.find("transfer-encoding");
    if (head.http11 && !head.headers.contains("host")) return refuse(ec, Errc::Invalid, "no Host field");
    if (coding != head.headers.end()) {
      if (!head.http11 || length != head.headers.end())
        return refuse(ec, Errc::Invalid, "a transfer coding where none may be");
      if (!ascii::equal(coding->second, "chunked")) return refuse(ec, Errc::Unsupported, "transfer coding");
      head.chunked = true;
    }
    if (length != head.headers.end()) {
      head.length = ascii::number(length->second);
      if (!head.length) return refuse(ec, Errc::Invalid, "not a length");
    }
    head.keepAlive = head.http11 && !lists(head.header("connection"), "close");
    head.expectContinue = head.http11 && ascii::equal(head.header("expect"), "100-continue");
  }

  std::size_t take(string_view body, error_code& ec) {
    if (body.size() > most - std::min<std::uint64_t>(most, taken_)) {
      refuse(ec, Errc::TooBig, "body is too large");
      return 0;
    }
    taken_ += body.size();
    out->append(body.data(), body.size());
    return body.size();
  }

  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& ec) override { return take(body, ec); }
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) override {
    if (size > most - std::min<std::uint64_t>(most, taken_)) refuse(ec, Errc::TooBig, "body is too large");
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override {
    return take(body, ec);
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}

  const std::size_t fields_;
  std::size_t count_ = 0;
  std::uint64_t taken_ = 0;
  bool whole_ = false;
};

RequestReader::RequestReader() = default;
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

namespace {

template <typename Parser>
Error whyNot(Parser& parser, const error_code& ec) {
  if (ec == verdict::bad_message && !parser.error.text.empty()) return parser.error;
  return makeError(ec == beast::http::error::bad_version ? Errc::Unsupported : Errc::Invalid, ec.message());
}

}  // namespace

Result<Head> RequestReader::head(View text, const HeadLimits& limits) {
  if (!plainLines(text)) return makeError(Errc::Invalid, "folded or damaged lines");
  parser_ = std::make_unique<Parser>(limits);
  Bytes none;
  parser_->out = &none;
  error_code ec;
  std::size_t used = 0;
  try {
    used = parser_->put(boost::asio::const_buffer(text.data(), text.size()), ec);
  } catch (const std::logic_error& e) {
    return makeError(Errc::Invalid, e.what());
  }
  if (ec && ec != beast::http::error::need_more) return whyNot(*parser_, ec);
  if (used != text.size() || !parser_->is_header_done())
    return makeError(Errc::Invalid, "not the head of a request");
  return parser_->head;
}

Result<std::size_t> RequestReader::body(View bytes, std::uint64_t most, Bytes& out) {
  // Of a chunked body that is not whole at least its end, "0 CRLF CRLF", is still to come; Beast 1.74 cannot
  // go on with less of that.
  constexpr std::size_t kLeastChunked = 5;
  if (parser_->head.chunked && bytes.size() < kLeastChunked) return std::size_t{0};
  parser_->out = &out;
  parser_->most = most;
  error_code ec;
  std::size_t used = 0;
  try {
    used = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
  } catch (const std::logic_error& e) {
    return makeError(Errc::Invalid, e.what());
  }
  if (ec == beast::http::error::need_more) return used;
  if (ec) return whyNot(*parser_, ec);
  return used;
}

bool RequestReader::done() const {
  return parser_ && parser_->is_done();
}

}  // namespace posthorn::mshttpd::http
