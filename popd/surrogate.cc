// SPDX-License-Identifier: Apache-2.0
#include "popd/surrogate.h"

#include <algorithm>
#include <array>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/base/utf8.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

// RFC 2047 section 2: an encoded word has 75 characters at most; so many octets of text fit into one.
constexpr std::size_t kWordOctets = 45;
// RFC 6761: nobody has an address there.
constexpr View kNoAddress = "internationalized-address@removed.invalid";

bool isAscii(View text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

/// The text as encoded words, one behind the other on folded lines.
std::string encoded(View text) {
  const View charset = utf8::valid(text) ? "utf-8" : "unknown-8bit";
  std::string out;
  while (!text.empty()) {
    std::size_t take = 0;
    while (take < text.size()) {
      const std::size_t next = std::max<std::size_t>(1, utf8::characterLength(text.substr(take)));
      if (take + next > kWordOctets) break;
      take += next;
    }
    if (!out.empty()) out += "\r\n ";
    out.append("=?").append(charset).append("?B?").append(base64::encode(text.substr(0, take))).append("?=");
    text.remove_prefix(take);
  }
  return out;
}

std::string unfolded(View value) {
  std::string out;
  for (const char c : value)
    if (c != '\r' && c != '\n') out.push_back(c);
  return out;
}

std::string asText(View value) {
  const std::string whole = unfolded(value);
  return " " + encoded(ascii::trim(whole)) + "\r\n";
}

std::string masked(View value) {
  std::string out(value);
  for (char& c : out)
    if (static_cast<unsigned char>(c) > 0x7F) c = '_';
  return out;
}

/// The end of the quoted string or comment or address that begins `text`, behind its last character.
std::size_t endOf(View text, char close) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\' && close != '>') {
      ++at;
    } else if (text[at] == close) {
      return at + 1;
    }
  }
  return text.size();
}

std::string unquoted(View quoted) {
  std::string out;
  for (std::size_t at = 1; at < quoted.size(); ++at) {
    if (quoted[at] == '\\' && at + 1 < quoted.size())
      ++at;
    else if (quoted[at] == '"')
      break;
    out.push_back(quoted[at]);
  }
  return out;
}

bool isWord(char c) {
  return View(",;:\"(<> \t").find(c) == View::npos;
}

std::size_t wordLength(View text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), isWord) - text.begin());
}

/// How many octets of `text`, which begins with a word, are words that must be encoded together: blanks
/// between two encoded words would be lost.
std::size_t phraseLength(View text) {
  std::size_t length = wordLength(text);
  if (isAscii(text.substr(0, length))) return length;
  while (true) {
    const auto next = text.find_first_not_of(" \t", length);
    if (next == View::npos) return length;
    const View word = text.substr(next, wordLength(text.substr(next)));
    if (isAscii(word) || word.find('@') != View::npos) return length;
    length = next + word.size();
  }
}

/// A list of addresses, part by part: quoted strings, comments, <addresses>, words.
std::string asAddresses(View value) {
  const std::string whole = unfolded(value);
  std::string out;
  for (View rest = whole; !rest.empty();) {
    const char first = rest.front();
    std::size_t length = 1;
    if (first == '"') {
      length = endOf(rest, '"');
    } else if (first == '(') {
      length = endOf(rest, ')');
    } else if (first == '<') {
      length = endOf(rest, '>');
    } else if (isWord(first)) {
      length = phraseLength(rest);
    }
    const View part = rest.substr(0, length);
    rest.remove_prefix(length);
    if (isAscii(part)) {
      out.append(part);
      if (first == ',') out.append(rest.empty() || rest.front() == ' ' ? "\r\n" : "\r\n ");
    } else if (first == '<') {
      out.append("<").append(kNoAddress).append(">");
    } else if (first == '(') {
      out.append(masked(part));
    } else if (first == '"' && !rest.empty() && rest.front() == '@') {
      rest.remove_prefix(std::min(rest.find_first_of(",; \t"), rest.size()));
      out.append(kNoAddress);
    } else if (first != '"' && part.find('@') != View::npos) {
      out.append(kNoAddress);
    } else {
      out.append(encoded(first == '"' ? unquoted(part) : std::string(part)));
    }
  }
  return out + "\r\n";
}

bool isOneOf(View name, std::initializer_list<View> names) {
  return std::any_of(names.begin(), names.end(), [&](View other) { return ascii::equal(name, other); });
}

/// One field with its folded lines, not all of it ASCII.
std::string asciiField(View field) {
  const auto colon = field.find(':');
  if (colon == View::npos || !isAscii(field.substr(0, colon))) return masked(field);
  View name = field.substr(0, colon);
  if (ascii::startsWith(name, "Resent-")) name.remove_prefix(7);
  const View value = field.substr(colon + 1);
  const std::string head(field.substr(0, colon + 1));
  if (isOneOf(name, {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Disposition-Notification-To"}))
    return head + asAddresses(value);
  // Their structure is what readers need: nothing is put in.
  if (isOneOf(name, {"Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Content-ID",
                     "Message-ID", "In-Reply-To", "References", "Received", "Return-Path", "Delivered-To",
                     "Date", "MIME-Version", "DKIM-Signature", "Authentication-Results"}))
    return head + masked(value);
  return head + asText(value);
}

/// The end of the field that begins `header`: behind its last folded line.
std::size_t fieldLength(View header) {
  for (std::size_t at = 0; at < header.size();) {
    const auto newline = header.find('\n', at);
    if (newline == View::npos) break;
    at = newline + 1;
    if (at < header.size() && header[at] != ' ' && header[at] != '\t') return at;
  }
  return header.size();
}

std::string stuffed(View lines) {
  std::string out;
  bool atStart = true;
  for (const char c : lines) {
    if (atStart && c == '.') out.push_back('.');
    out.push_back(c);
    atStart = c == '\n';
  }
  return out;
}

Result<Opening> openAsIs(const Maildrop& box, store::MessageBody body, std::optional<std::uint32_t> lines,
                         std::string (*text)(std::uint64_t octets)) {
  Opening opening;
  opening.head = text(body.size);
  opening.transfer = std::make_unique<MessageTransfer>(std::move(body), lines);
  PH_TRY(opening.first, opening.transfer->more(box));
  return opening;
}

}  // namespace

std::string asciiHeader(View header) {
  std::string out;
  while (!header.empty()) {
    const View field = header.substr(0, fieldLength(header));
    header.remove_prefix(field.size());
    if (isAscii(field))
      out.append(field);
    else
      out.append(asciiField(field));
  }
  return out;
}

Result<Opening> openMessage(const Maildrop& box, store::MessageBody body, std::optional<std::uint32_t> lines,
                            std::string (*text)(std::uint64_t octets)) {
  if (box.utf8() || !body.eightBit) return openAsIs(box, std::move(body), lines, text);
  std::string header(std::min<std::size_t>(body.headerLength, kMaxSurrogateHeader + 1), '\0');
  PH_TRY(const std::size_t got, body.slice.read(0, header.data(), header.size()));
  header.resize(got);
  if (got == body.headerLength && isAscii(header)) return openAsIs(box, std::move(body), lines, text);
  const bool whole =
      got == body.headerLength && View(header).substr(got - std::min<std::size_t>(got, 2)) == "\r\n";
  if (!whole) {
    Opening refusal;
    refusal.head = errReply("[UTF8]", "The message has a header that needs UTF8 mode");
    return refusal;
  }
  // What follows is a message whose header is the empty line alone. A header without one stands alone.
  const bool hasEnd = got >= 4 && View(header).substr(got - 4) == "\r\n\r\n";
  const std::uint32_t kept = body.headerLength - (hasEnd ? 2 : 0);
  const std::string surrogate = asciiHeader(View(header).substr(0, kept));
  body.slice.offset += body.slice.fd >= 0 ? kept : 0;
  if (body.slice.fd < 0) body.slice.memory.remove_prefix(kept);
  body.slice.length -= kept;
  body.size -= kept;
  body.headerLength -= kept;
  const std::uint64_t octets = surrogate.size() + body.size;
  PH_TRY(Opening opening, openAsIs(box, std::move(body), lines, text));
  opening.head = text(octets);
  opening.first.pieces.insert(opening.first.pieces.begin(), net::Piece(stuffed(surrogate)));
  return opening;
}

}  // namespace posthorn::popd
