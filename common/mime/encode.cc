// SPDX-License-Identifier: Apache-2.0
#include "common/mime/encode.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/base/utf8.h"

namespace posthorn::mime {

namespace {

constexpr View kHex = "0123456789ABCDEF";

/// Leaves room for a field's name of 12 on the first line.
constexpr std::size_t kWordText = 52;

/// A word without a blank that is longer than this is cut by encoding it: it could not be folded.
constexpr std::size_t kLongestWord = 900;

/// A quoted parameter up to this stands on one line with its name.
constexpr std::size_t kPlainParameter = 60;

/// Octets of one piece of a parameter (RFC 2231 3), escaped: with name and number on one line.
constexpr std::size_t kParameterPiece = 50;

void escapeOctet(char mark, char c, Bytes& out) {
  const auto octet = static_cast<unsigned char>(c);
  out.push_back(mark);
  out.push_back(kHex[octet >> 4U]);
  out.push_back(kHex[octet & 15U]);
}

bool isPrintable(char c) {
  return c >= 0x20 && c < 0x7F;
}

/// Whether the octets can stand in a header without being taken for something else.
bool plainText(View text) {
  if (!std::all_of(text.begin(), text.end(), isPrintable)) return false;
  if (text.empty()) return true;
  if (text.front() == ' ' || text.back() == ' ' || text.find("=?") != View::npos) return false;
  const auto words = ascii::words(text);
  return std::all_of(words.begin(), words.end(), [](View word) { return word.size() <= kLongestWord; });
}

/// The set that RFC 2047 5 (3) allows everywhere, phrases included.
bool plainInWord(char c) {
  return ascii::isAlpha(c) || ascii::isDigit(c) || View("!*+-/").find(c) != View::npos;
}

void appendQ(View character, Bytes& out) {
  for (const char c : character) {
    if (c == ' ')
      out.push_back('_');
    else if (plainInWord(c))
      out.push_back(c);
    else
      escapeOctet('=', c, out);
  }
}

std::size_t lengthQ(View text) {
  std::size_t length = 0;
  for (const char c : text) length += c == ' ' || plainInWord(c) ? 1 : 3;
  return length;
}

/// The next characters of which an encoded word can be made; never half a character (RFC 2047 5).
View takeForWord(View& text, bool base64) {
  std::size_t octets = 0;
  std::size_t length = 0;
  while (octets < text.size()) {
    const std::size_t character = std::max<std::size_t>(1, utf8::characterLength(text.substr(octets)));
    const std::size_t more =
        base64 ? (octets + character + 2) / 3 * 4 - length : lengthQ(text.substr(octets, character));
    if (length + more > kWordText) break;
    length += more;
    octets += character;
  }
  const View taken = text.substr(0, octets);
  text.remove_prefix(octets);
  return taken;
}

Bytes encodeWords(View text) {
  const bool base64 = lengthQ(text) > text.size() * 4 / 3 + 4;
  Bytes out;
  while (!text.empty()) {
    if (!out.empty()) out.push_back(' ');
    const View taken = takeForWord(text, base64);
    out.append(base64 ? "=?utf-8?b?" : "=?utf-8?q?");
    if (base64)
      out.append(base64::encode(taken));
    else
      appendQ(taken, out);
    out.append("?=");
  }
  return out;
}

bool isToken(View text) {
  constexpr View kSpecials = "()<>@,;:\\\"/[]?= ";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return isPrintable(c) && kSpecials.find(c) == View::npos;
  });
}

/// RFC 2231 7: attribute-char.
bool plainInParameter(char c) {
  return isPrintable(c) && View("*'%()<>@,;:\\\"/[]?= ").find(c) == View::npos;
}

Bytes extendedParameter(View name, View value) {
  Bytes escaped;
  std::vector<std::size_t> cuts;
  std::size_t begin = 0;
  for (const char c : value) {
    if (escaped.size() - begin + 3 > kParameterPiece) {
      cuts.push_back(escaped.size());
      begin = escaped.size();
    }
    if (plainInParameter(c))
      escaped.push_back(c);
    else
      escapeOctet('%', c, escaped);
  }
  if (cuts.empty()) return Bytes(name) + "*=utf-8''" + escaped;
  cuts.push_back(escaped.size());
  Bytes out;
  begin = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    if (i > 0) out.append("; ");
    out.append(name).append("*" + std::to_string(i) + "*=");
    if (i == 0) out.append("utf-8''");
    out.append(escaped, begin, cuts[i] - begin);
    begin = cuts[i];
  }
  return out;
}

}  // namespace

Bytes encodeText(View utf8) {
  return plainText(utf8) ? Bytes(utf8) : encodeWords(utf8);
}

bool isAtomCharacter(char c) {
  return ascii::isAlpha(c) || ascii::isDigit(c) ||
         (c != '\0' && View("!#$%&'*+-/=?^_`{|}~").find(c) != View::npos);
}

bool isDotAtom(View text) {
  const auto words = ascii::split(text, '.');
  return std::all_of(words.begin(), words.end(), [](View word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), isAtomCharacter);
  });
}

Bytes quoteString(View text) {
  Bytes out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(ascii::isControl(c) ? ' ' : c);
  }
  return out + "\"";
}

Bytes encodePhrase(View utf8) {
  if (!plainText(utf8)) return encodeWords(utf8);
  const auto words = ascii::split(utf8, ' ');
  const bool atoms = !utf8.empty() && std::all_of(words.begin(), words.end(), [](View word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), isAtomCharacter);
  });
  return atoms ? Bytes(utf8) : quoteString(utf8);
}

Bytes encodeParameter(View name, View utf8) {
  if (utf8.size() <= kPlainParameter) {
    if (isToken(utf8)) return Bytes(name) + "=" + Bytes(utf8);
    if (plainText(utf8)) return Bytes(name) + "=" + quoteString(utf8);
  }
  return extendedParameter(name, utf8);
}

Bytes foldField(View name, View value) {
  Bytes out = Bytes(name) + ":";
  std::size_t column = out.size();
  // Each piece is blanks and the word behind them; a line ends before the blanks.
  Bytes rest = " " + Bytes(value);
  const View text = rest;
  std::size_t at = 0;
  bool first = true;
  while (at < text.size()) {
    const std::size_t word = std::min(text.find_first_not_of(" \t", at), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t", word), text.size());
    const View piece = text.substr(at, end - at);
    // No line of blanks alone (RFC 5322 3.2.2): the last ones stay where they are.
    if (!first && word < text.size() && column + piece.size() > kWantedLine) {
      out.append("\r\n");
      column = 0;
    }
    out.append(piece);
    column += piece.size();
    at = end;
    first = false;
  }
  return out + "\r\n";
}

Bytes printDate(const SentDate& date) {
  constexpr std::array<View, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::array<View, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t local = date.seconds + date.zoneMinutes * 60;
  std::int64_t days = local / kDay;
  std::int64_t second = local % kDay;
  if (second < 0) {
    second += kDay;
    --days;
  }
  // Howard Hinnant's civil_from_days.
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t ofEra = shifted - era * 146'097;
  const std::int64_t yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36'524 - ofEra / 146'096) / 365;
  const std::int64_t ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const std::int64_t month = (5 * ofYear + 2) / 153;
  const std::int64_t day = ofYear - (153 * month + 2) / 5 + 1;
  const std::int64_t civil = month < 10 ? month + 3 : month - 9;
  const std::int64_t year = yearOfEra + era * 400 + (civil <= 2 ? 1 : 0);

  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const auto zone = static_cast<std::int64_t>(date.zoneMinutes < 0 ? -date.zoneMinutes : date.zoneMinutes);
  Bytes digits = std::to_string(std::max<std::int64_t>(0, year));
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return Bytes(kDays[static_cast<std::size_t>(((days % 7) + 7) % 7)]) + ", " + std::to_string(day) + " " +
         Bytes(kMonths[static_cast<std::size_t>(civil - 1)]) + " " + digits + " " + two(second / 3600) + ":" +
         two(second / 60 % 60) + ":" + two(second % 60) + (date.zoneMinutes < 0 ? " -" : " +") +
         two(zone / 60) + two(zone % 60);
}

Bytes encodeQuotedPrintable(View text) {
  constexpr std::size_t kLine = 76;
  Bytes out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t column = 0;
  const auto put = [&](View piece) {
    if (column + piece.size() > kLine - 1) {  // the soft end's "=" stands on the line, too
      out.append("=\r\n");
      column = 0;
    }
    out.append(piece);
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const View rest = text.substr(i);
    if (rest.substr(0, 2) == "\r\n") {
      out.append("\r\n");
      column = 0;
      ++i;
      continue;
    }
    const bool lineEnds = rest.size() == 1 || rest.substr(1, 2) == "\r\n";
    const bool trailing = (c == ' ' || c == '\t') && lineEnds;
    const bool hazard = column == 0 && (rest.substr(0, 5) == "From " || (c == '.' && lineEnds));
    if ((isPrintable(c) || c == '\t') && c != '=' && !trailing && !hazard) {
      put({&text[i], 1});
      continue;
    }
    Bytes escaped;
    escapeOctet('=', c, escaped);
    put(escaped);
  }
  return out;
}

namespace {
constexpr std::size_t kOctetsOfLine = 57;  // 76 characters
}

void Base64Lines::feed(View octets, Bytes& out) {
  if (!pending_.empty()) {
    const View head = octets.substr(0, kOctetsOfLine - pending_.size());
    pending_.append(head);
    octets.remove_prefix(head.size());
    if (pending_.size() < kOctetsOfLine) return;
    out.append(base64::encode(pending_)).append("\r\n");
    pending_.clear();
  }
  while (octets.size() >= kOctetsOfLine) {
    out.append(base64::encode(octets.substr(0, kOctetsOfLine))).append("\r\n");
    octets.remove_prefix(kOctetsOfLine);
  }
  pending_.assign(octets);
}

void Base64Lines::finish(Bytes& out) {
  if (!pending_.empty()) out.append(base64::encode(pending_)).append("\r\n");
  pending_.clear();
}

std::uint64_t Base64Lines::size(std::uint64_t octets) {
  const std::uint64_t last = octets % kOctetsOfLine;
  return octets / kOctetsOfLine * 78 + (last == 0 ? 0 : (last + 2) / 3 * 4 + 2);
}

}  // namespace posthorn::mime
