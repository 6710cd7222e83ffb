// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/mbox_text.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/base/ascii.h"

namespace posthorn::migrate {

namespace {

// Beginnings of lines are held up to here: longer than every field name and every row of quotes that counts.
constexpr std::size_t kHeld = 64;
// What is kept of a hidden field; 64 keywords of the largest size fit.
constexpr std::size_t kField = std::size_t{16} * 1024;

constexpr std::array<View, 7> kHidden = {"Content-Length", "Status",   "X-IMAP", "X-IMAPbase",
                                         "X-Keywords",     "X-Status", "X-UID"};

bool isHidden(View line) {
  const auto colon = line.find(':');
  if (colon == View::npos) return false;
  const View name = ascii::trim(line.substr(0, colon));
  return std::any_of(kHidden.begin(), kHidden.end(), [&](View hidden) { return ascii::equal(hidden, name); });
}

bool isEmptyLine(View line) {
  return line == "\n" || line == "\r\n";
}

}  // namespace

Result<Quoting> parseQuoting(const std::string& word) {
  if (word == "auto" || word == "cl2") return Quoting::None;
  if (word == "rd") return Quoting::Rd;
  if (word == "o") return Quoting::O;
  return makeError(Errc::Invalid, "--mbox is rd, o or cl2");
}

store::SystemFlags MboxMarks::flags() const {
  unsigned flags = 0;
  for (const char letter : status) {
    if (letter == 'R') flags |= store::kSeen;
    if (letter == 'A') flags |= store::kAnswered;
    if (letter == 'F') flags |= store::kFlagged;
    if (letter == 'T') flags |= store::kDraft;
    if (letter == 'D') flags |= store::kDeleted;
  }
  return static_cast<store::SystemFlags>(flags);
}

bool MboxMarks::recent() const {
  return status.find('O') == std::string::npos;
}

Status MboxText::feed(View part) {
  while (!part.empty()) {
    const auto end = part.find('\n');
    const bool ended = end != View::npos;
    const View piece = part.substr(0, ended ? end + 1 : end);
    part.remove_prefix(piece.size());
    if (header_) headerLength_ += piece.size();
    if (inLine_) {
      PH_CHECK(pass(piece));
    } else {
      held_.append(piece);
      if (!ended && held_.size() < kHeld) continue;  // what it is cannot be told yet
      const std::string begin = std::exchange(held_, {});
      PH_CHECK(line(begin));
    }
    inLine_ = !ended;
  }
  return {};
}

Status MboxText::finish() {
  const std::string begin = std::exchange(held_, {});
  if (!begin.empty()) PH_CHECK(line(begin));
  takeField();
  return {};
}

/// The beginning of a line, all of it when it is short.
Status MboxText::line(View begin) {
  if (header_) {
    if (isEmptyLine(begin)) {
      takeField();
      header_ = hiding_ = false;
      return pass(begin);
    }
    if (begin.front() != ' ' && begin.front() != '\t') {
      takeField();
      hiding_ = isHidden(begin);
    }
    return pass(begin);
  }
  const auto quotes = std::min(begin.find_first_not_of('>'), begin.size());
  const bool quoted = quoting_ == Quoting::Rd ? quotes > 0 : quoting_ == Quoting::O && quotes == 1;
  if (quoted && begin.substr(quotes, 5) == "From ") begin.remove_prefix(1);
  return pass(begin);
}

Status MboxText::pass(View text) {
  if (!hiding_) return sink_(text);
  field_.append(text.substr(0, kField - std::min(kField, field_.size())));
  return {};
}

/// The hidden field has ended.
void MboxText::takeField() {
  if (field_.empty()) return;
  std::replace_if(field_.begin(), field_.end(), ascii::isControl, ' ');
  const auto colon = field_.find(':');
  const View name = ascii::trim(View(field_).substr(0, colon));
  const std::string value(ascii::trim(View(field_).substr(colon + 1)));
  const auto number = ascii::number(value);
  if (ascii::equal(name, "Status") || ascii::equal(name, "X-Status")) marks_.status += value.substr(0, kHeld);
  if (ascii::equal(name, "X-Keywords")) marks_.keywords = value;
  if (ascii::equal(name, "X-UID") && number && *number < std::numeric_limits<std::uint32_t>::max())
    marks_.uid = static_cast<std::uint32_t>(*number);
  if (ascii::equal(name, "Content-Length")) marks_.length = number;
  if (ascii::equal(name, "X-IMAPbase") || ascii::equal(name, "X-IMAP")) marks_.base = value;
  if (ascii::equal(name, "X-IMAP")) marks_.internal = true;
  field_.clear();
}

}  // namespace posthorn::migrate
