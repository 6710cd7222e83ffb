// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/imap/types/date.h"
#include "common/imap/types/flags.h"
#include "common/imap/types/sequence_set.h"

// The words that responses and commands are made of. Everything appends to `out`; nothing fails.

namespace posthorn::imap {

/// How the peer takes text.
struct PrintOptions {
  bool utf8 = false;         ///< UTF8=ACCEPT or IMAP4rev2 is enabled: UTF-8 in quoted strings and in names
  bool literalPlus = false;  ///< literals as {n+}: only from a client
};

void putNumber(std::string& out, std::uint64_t number);
/// `text` between quotes. It has neither NUL nor line ends.
void putQuoted(std::string& out, View text);
/// `{n}` CRLF: the octets are the caller's to send.
void putLiteralMark(std::string& out, std::uint64_t octets, PrintOptions options = {});
/// Quoted where that is allowed and short, else a literal. A NUL goes as it is: replace it before.
void putString(std::string& out, View text, PrintOptions options = {});
/// NIL or a string.
void putNstring(std::string& out, const std::optional<std::string>& text, PrintOptions options = {});
/// As putNstring(), and as a literal8 where NUL is in it.
void putOctets(std::string& out, const std::optional<std::string>& text, PrintOptions options = {});
/// An atom where that is possible, else a string.
void putAstring(std::string& out, View text, PrintOptions options = {});
/// A mailbox name, from UTF-8: an astring in modified UTF-7, or UTF-8 as it is.
void putMailbox(std::string& out, View utf8, PrintOptions options = {});

/// 1,3:5,7:* or $. An empty set prints nothing.
void putSequenceSet(std::string& out, const SequenceSet& set);
void putRanges(std::string& out, const std::vector<SequenceRange>& ranges);

/// "17-Jul-1996 02:44:25 -0700" with the quotes, the day with a blank in front if need be.
void putDateTime(std::string& out, const DateTime& moment);
/// 1-Feb-1994
void putDate(std::string& out, const Date& date);

/// (\Seen $Forwarded)
void putFlags(std::string& out, const Flags& flags);

/// Writes `(a b c)`: the parentheses and the blanks between what the caller puts.
///
///   ListWriter list(out);
///   list.next() += "UIDNEXT 4";
///   list.word("UNSEEN");
///   list.end();
class ListWriter {
 public:
  explicit ListWriter(std::string& out) : out_(out) { out_.push_back('('); }
  /// Where the next element goes.
  std::string& next() {
    if (!first_) out_.push_back(' ');
    first_ = false;
    return out_;
  }
  void word(View text) { next().append(text); }
  void end() { out_.push_back(')'); }

 private:
  std::string& out_;
  bool first_ = true;
};

/// The flags of `system` into a list, in the order of their bits.
void putSystemFlags(ListWriter& list, SystemFlags system);

/// Writes numbers as they come as a sequence set: ascending neighbours become ranges. No allocation but that
/// of `out`.
///
///   SetWriter set(out);
///   for (uid : uids) set.add(uid);
///   set.end();
class SetWriter {
 public:
  explicit SetWriter(std::string& out) : out_(out) {}
  void add(std::uint32_t number) { add(number, number); }
  void add(std::uint32_t first, std::uint32_t last);
  void end();
  [[nodiscard]] bool empty() const { return empty_ && first_ == 0; }

 private:
  void flush();
  std::string& out_;
  std::uint32_t first_ = 0;  // of the range that may still grow; 0 is none
  std::uint32_t last_ = 0;
  bool empty_ = true;  // nothing is written yet
};

}  // namespace posthorn::imap
