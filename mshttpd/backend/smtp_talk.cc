// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/smtp_talk.h"

#include <array>
#include <span>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::backend {

namespace {

/// RFC 5321 4.5.3.1.5 says 512 octets; some servers write more.
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxLines = 100;

/// The code of "250-text", "250 text" or "250"; 0 for anything else.
int codeOf(std::string_view line) {
  if (line.size() < 3 || !ascii::isDigit(line[0]) || !ascii::isDigit(line[1]) || !ascii::isDigit(line[2]))
    return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return 0;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  return code >= 200 && code < 600 ? code : 0;
}

}  // namespace

Result<std::string> SmtpTalk::line() {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string out = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (!out.empty() && out.back() == '\r') out.pop_back();
      return out;
    }
    if (buffer_.size() > kMaxLine)
      return makeError(Errc::Unavailable, wire_->peer() + ": not an SMTP server");
    std::array<char, 4096> window{};
    PH_TRY(const std::size_t got, wire_->read(std::span<char>(window)));
    if (got == 0) return makeError(Errc::Unavailable, wire_->peer() + ": the connection was closed");
    buffer_.append(window.data(), got);
  }
}

Result<SmtpReply> SmtpTalk::reply(std::chrono::milliseconds within) {
  wire_->arm(clock_.steady() + within);
  SmtpReply out;
  for (std::size_t lines = 0; lines < kMaxLines; ++lines) {
    PH_TRY(const std::string text, line());
    const int code = codeOf(text);
    if (code == 0 || (out.code != 0 && out.code != code))
      return makeError(Errc::Unavailable, wire_->peer() + ": not an SMTP server: " + ascii::printable(text));
    out.code = code;
    if (!out.text.empty()) out.text.push_back('\n');
    out.text.append(text);
    if (text.size() < 4 || text[3] == ' ') return out;
  }
  return makeError(Errc::Unavailable, wire_->peer() + ": an SMTP reply without an end");
}

Status SmtpTalk::say(std::string_view lines, std::chrono::milliseconds within) {
  wire_->arm(clock_.steady() + within);
  return wire_->write(lines);
}

Result<SmtpReply> SmtpTalk::ask(std::string_view command, std::chrono::milliseconds within) {
  PH_CHECK(say(std::string(command) + "\r\n", within));
  return reply(within);
}

SmtpExtensions parseExtensions(const SmtpReply& ehlo) {
  SmtpExtensions out;
  bool greeting = true;
  for (const std::string_view line : ascii::split(ehlo.text, '\n')) {
    if (greeting || line.size() < 5) {
      greeting = false;
      continue;
    }
    const std::string_view text = line.substr(4);
    // "AUTH=LOGIN" is an old server's "AUTH LOGIN".
    const std::size_t end = text.find_first_of(" =");
    const std::string key = ascii::toUpper(text.substr(0, end));
    if (out.size() < kMaxLines && end != std::string_view::npos)
      out[key] += " " + std::string(text.substr(end + 1));
    else if (out.size() < kMaxLines)
      out.emplace(key, "");
  }
  return out;
}

void DotStuffing::feed(View octets, Bytes& out) {
  for (const char c : octets) {
    if (lineStart_ && c == '.') out.push_back('.');
    lineStart_ = c == '\n' && last_ == '\r';
    last_ = c;
    out.push_back(c);
  }
}

void DotStuffing::finish(Bytes& out) {
  if (!lineStart_) out.append(last_ == '\r' ? "\n" : "\r\n");
  lineStart_ = true;
}

}  // namespace posthorn::mshttpd::backend
