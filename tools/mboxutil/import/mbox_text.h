// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/types.h"
#include "tools/mboxutil/import/source.h"

namespace posthorn::migrate {

/// How lines of a text that begin with "From " are written in an mbox.
enum class Quoting : std::uint8_t {
  None,  ///< as they are: what Dovecot and UW imapd show; Content-Length says where a message ends (mboxcl2)
  Rd,    ///< ">" before "From ", ">From " and so on (mboxrd): one is taken away
  O,     ///< ">" before "From " alone (mboxo): taken away
};
/// "auto" and "cl2" are None.
Result<Quoting> parseQuoting(const std::string& word);

/// What a server keeps of a message in header fields of it, which clients are not shown.
struct MboxMarks {
  std::string status;                   ///< Status, X-Status
  std::string keywords;                 ///< X-Keywords
  std::optional<std::uint32_t> uid;     ///< X-UID
  std::string base;                     ///< X-IMAPbase or X-IMAP: UIDVALIDITY, last UID, keywords
  bool internal = false;                ///< X-IMAP: a message that holds the base alone
  std::optional<std::uint64_t> length;  ///< Content-Length
  [[nodiscard]] store::SystemFlags flags() const;
  /// Status has no O: no client was told of it.
  [[nodiscard]] bool recent() const;
};

/// Turns a message of an mbox, from behind its From line on, into what clients see, in pieces of any size:
/// the fields above and their continuations are taken out, quoted lines are unquoted. One thread.
class MboxText {
 public:
  MboxText(Quoting quoting, TextSink sink) : quoting_(quoting), sink_(std::move(sink)) {}

  Status feed(View part);
  /// The last line has no end.
  Status finish();

  [[nodiscard]] bool headerEnded() const { return !header_; }
  /// Octets of the header with the empty line behind it, as they are in the mbox. Of use once headerEnded().
  [[nodiscard]] std::uint64_t headerLength() const { return headerLength_; }
  /// Complete when the header has ended, or after finish().
  [[nodiscard]] const MboxMarks& marks() const { return marks_; }

 private:
  Status line(View begin);
  Status pass(View text);
  void takeField();

  Quoting quoting_;
  TextSink sink_;
  MboxMarks marks_;
  bool header_ = true;
  std::uint64_t headerLength_ = 0;
  std::string held_;     ///< the beginning of a line, until what it is can be told
  bool inLine_ = false;  ///< the rest of a line whose beginning was dealt with
  bool hiding_ = false;  ///< of this line, and in the header of those that continue it
  std::string field_;    ///< the hidden field so far
};

}  // namespace posthorn::migrate
