// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/marked_text.h"

#include <algorithm>
#include <cstdint>

#include "common/base/utf8.h"
#include "common/mime/fold.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::string_view kOpen = "<mark>";
constexpr std::string_view kClose = "</mark>";
constexpr std::size_t kMaxMatches = 1000;
constexpr std::size_t kBefore = 60;  // octets of context in front of the first match

std::string_view entityOf(std::string_view character) {
  if (character == "&") return "&amp;";
  if (character == "<") return "&lt;";
  if (character == ">") return "&gt;";
  return character;
}

std::string_view firstCharacter(std::string_view text) {
  return text.substr(0, std::max<std::size_t>(utf8::characterLength(text), 1));
}

bool blank(std::string_view character) {
  return character.size() == 1 && static_cast<unsigned char>(character.front()) <= ' ';
}

/// Folded text, and for each octet of it where its character begins in the text; one more for the end.
struct Folded {
  explicit Folded(std::string_view utf8) {
    origin.reserve(utf8.size() + 1);
    for (std::size_t at = 0; at < utf8.size();) {
      const std::string_view one = firstCharacter(utf8.substr(at));
      mime::foldInto(one, text);
      origin.resize(text.size(), static_cast<std::uint32_t>(at));
      at += one.size();
    }
    origin.push_back(static_cast<std::uint32_t>(utf8.size()));
  }
  std::string text;
  std::vector<std::uint32_t> origin;
};

std::string oneBlank(std::string_view utf8) {
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::string_view one = firstCharacter(utf8.substr(at));
    at += one.size();
    if (!blank(one)) {
      out += one;
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Where to begin so that some words stand in front of `match`, as they are printed.
std::size_t beginOf(std::string_view text, std::size_t match) {
  std::size_t begin = match;
  std::size_t printed = 0;
  while (begin > 0) {
    std::size_t before = begin - 1;
    while (before > 0 && (static_cast<unsigned char>(text[before]) & 0xC0) == 0x80) --before;
    printed += entityOf(text.substr(before, begin - before)).size();
    if (printed > kBefore) break;
    begin = before;
  }
  if (begin == 0) return 0;
  const std::size_t word = text.find(' ', begin);
  return word != std::string_view::npos && word < match ? word + 1 : begin;
}

}  // namespace

TextMarker::TextMarker(const std::vector<std::string>& terms) {
  for (const std::string& term : terms) {
    std::string folded = mime::fold(oneBlank(term));
    if (!folded.empty()) terms_.push_back(std::move(folded));
  }
}

std::vector<TextMarker::Match> TextMarker::matches(std::string_view utf8) const {
  std::vector<Match> found;
  if (terms_.empty()) return found;
  const Folded folded(utf8);
  for (const std::string& term : terms_) {
    for (std::size_t at = folded.text.find(term); at != std::string::npos && found.size() < kMaxMatches;
         at = folded.text.find(term, at + term.size())) {
      std::size_t end = at + term.size();
      // A match that ends inside a folded character takes all of it.
      while (end < folded.text.size() && folded.origin[end] == folded.origin[end - 1]) ++end;
      found.push_back({folded.origin[at], folded.origin[end]});
    }
  }
  std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) { return a.begin < b.begin; });
  std::vector<Match> out;
  for (const Match& one : found) {
    if (!out.empty() && one.begin <= out.back().end) {
      out.back().end = std::max(out.back().end, one.end);
    } else {
      out.push_back(one);
    }
  }
  return out;
}

std::optional<std::string> TextMarker::whole(std::string_view utf8) const {
  const std::vector<Match> found = matches(utf8);
  if (found.empty()) return std::nullopt;
  std::string out;
  std::size_t next = 0;
  bool inside = false;
  for (std::size_t at = 0; at < utf8.size();) {
    if (!inside && next < found.size() && at == found[next].begin) {
      out += kOpen;
      inside = true;
    }
    const std::string_view one = firstCharacter(utf8.substr(at));
    out += entityOf(one);
    at += one.size();
    if (inside && at >= found[next].end) {
      out += kClose;
      inside = false;
      ++next;
    }
  }
  return out;
}

std::optional<std::string> TextMarker::around(std::string_view utf8, std::size_t most) const {
  const std::string text = oneBlank(utf8);
  const std::vector<Match> found = matches(text);
  if (found.empty()) return std::nullopt;
  std::string out;
  std::size_t next = 0;
  bool inside = false;
  for (std::size_t at = beginOf(text, found.front().begin); at < text.size();) {
    const std::string_view one = firstCharacter(std::string_view(text).substr(at));
    const bool opens = !inside && next < found.size() && at == found[next].begin;
    const std::size_t closing = inside || opens ? kClose.size() : 0;
    const std::size_t needs = (opens ? kOpen.size() : 0) + entityOf(one).size() + closing;
    if (out.size() + needs > most) break;
    if (opens) out += kOpen;
    inside = inside || opens;
    out += entityOf(one);
    at += one.size();
    if (!inside || at < found[next].end) continue;
    out += kClose;
    inside = false;
    ++next;
  }
  if (inside) out += kClose;
  return out;
}

}  // namespace posthorn::mshttpd::jmap
