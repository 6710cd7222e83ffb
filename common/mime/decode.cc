// SPDX-License-Identifier: Apache-2.0
#include "common/mime/decode.h"

#include <algorithm>
#include <array>

#include "common/base/ascii.h"

namespace posthorn::mime {

namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> base64Digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  constexpr View kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}
constexpr auto kDigits = base64Digits();

/// 0 to 15; lower case is read although RFC 2045 6.7 (1) does not allow it to be written.
int hexDigit(char c) {
  if (ascii::isDigit(c)) return c - '0';
  const char lower = ascii::lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// More blanks than this at the end of a line are content: RFC 2045 6.7 (5) ends lines at 76.
constexpr std::size_t kMaxHeldBlanks = 1000;

}  // namespace

void TransferDecoder::feed(View octets, Bytes& out) {
  switch (encoding_) {
    case Encoding::Base64:
      feedBase64(octets, out);
      return;
    case Encoding::QuotedPrintable:
      feedQuoted(octets, out);
      return;
    default:
      out.append(octets);
  }
}

void TransferDecoder::finish(Bytes& out) {
  // Blanks at the end of a quoted-printable text are transport padding, "=" there a soft line end.
  if (quoted_ == Quoted::EscapeDigit) release(true, out);
  if (digits_ > 0 && !padded_) damaged_ = true;
  held_.clear();
  digits_ = 0;
  quoted_ = Quoted::Text;
}

void TransferDecoder::feedBase64(View octets, Bytes& out) {
  out.reserve(out.size() + octets.size() / 4 * 3 + 3);
  for (const char c : octets) {
    if (c == '=') {
      // The rest of the four is padding; further text begins anew, as parts that were joined unread do.
      padded_ = true;
      digits_ = 0;
      continue;
    }
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) {
      if (c != '\r' && c != '\n' && c != ' ' && c != '\t') damaged_ = true;
      continue;
    }
    if (padded_) {
      padded_ = false;
      damaged_ = true;
    }
    bits_ = bits_ << 6 | digit;
    ++digits_;
    if (digits_ > 1) out.push_back(static_cast<char>(bits_ >> (6 - 2 * (digits_ - 1)) & 0xFF));
    if (digits_ == 4) digits_ = 0;
  }
}

void TransferDecoder::feedQuoted(View octets, Bytes& out) {
  while (!octets.empty()) {
    if (quoted_ == Quoted::Text) {
      const std::size_t plain = std::min(octets.find_first_of("= \t\r"), octets.size());
      out.append(octets.substr(0, plain));
      octets.remove_prefix(plain);
      if (octets.empty()) return;
    }
    if (quotedOctet(octets.front(), out)) octets.remove_prefix(1);
  }
}

bool TransferDecoder::hold(char c, Quoted next) {
  held_.push_back(c);
  quoted_ = next;
  return true;
}

/// What is held was text after all; the octet in hand is looked at again.
bool TransferDecoder::release(bool damage, Bytes& out) {
  damaged_ = damaged_ || damage;
  out.append(held_);
  held_.clear();
  quoted_ = Quoted::Text;
  return false;
}

/// True when `c` has been taken.
bool TransferDecoder::quotedOctet(char c, Bytes& out) {
  const bool blank = c == ' ' || c == '\t' || c == '\r';
  const bool room = held_.size() < kMaxHeldBlanks;
  switch (quoted_) {
    case Quoted::Text:
      return hold(c, c == '=' ? Quoted::Escape : Quoted::Blanks);
    case Quoted::Blanks:
      if (blank && room) return hold(c, Quoted::Blanks);
      if (c != '\n') return release(false, out);
      out.append(held_.back() == '\r' ? "\r\n" : "\n");
      break;
    case Quoted::Escape:
      if (hexDigit(c) >= 0) return hold(c, Quoted::EscapeDigit);
      if (blank) return hold(c, Quoted::SoftEnd);
      if (c != '\n') return release(true, out);
      break;
    case Quoted::EscapeDigit:
      if (hexDigit(c) < 0) return release(true, out);
      out.push_back(static_cast<char>(hexDigit(held_.back()) * 16 + hexDigit(c)));
      break;
    case Quoted::SoftEnd:
      if (blank && room) return hold(c, Quoted::SoftEnd);
      if (c != '\n') return release(true, out);
      break;
  }
  held_.clear();
  quoted_ = Quoted::Text;
  return true;
}

}  // namespace posthorn::mime
