// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/base/bytes.h"
#include "common/imap/print/text.h"
#include "common/imap/types/fetch.h"

namespace posthorn::imap {

/// The name under which `attribute` is answered: `BODY[HEADER.FIELDS (DATE)]<0>`, `RFC822.TEXT`,
/// `BINARY[1]<5>`. PEEK, LAZY and the length of a partial are not part of it.
void putFetchLabel(std::string& out, const FetchAttribute& attribute, PrintOptions options = {});
/// As a client asks for it: `BODY.PEEK[1]<0.100>`, `PREVIEW (LAZY)`.
void putFetchAttribute(std::string& out, const FetchAttribute& attribute, PrintOptions options = {});

/// Writes one FETCH response piece by piece into `out`, which may be sent and emptied between the calls.
///
///   FetchWriter fetch(out, number);
///   fetch.number("UID", uid);
///   fetch.flags(system, [&](ListWriter& list) { for (...) list.word(keyword); });
///   fetch.literal(attribute, octets);   the caller then appends or streams so many octets
///   fetch.end();
class FetchWriter {
 public:
  FetchWriter(std::string& out, std::uint32_t number);
  /// A response of another name with the same items: `head` ends with a blank.
  FetchWriter(std::string& out, View head);

  /// UID, RFC822.SIZE
  void number(View label, std::uint64_t value);
  /// MODSEQ (5), EMAILID (x), THREADID (x): a value in parentheses.
  void modseq(std::uint64_t value);
  void id(View label, View value);
  template <typename Keywords>
  void flags(SystemFlags system, Keywords&& keywords) {
    item() += "FLAGS ";
    ListWriter list(out_);
    putSystemFlags(list, system);
    keywords(list);
    list.end();
  }
  void flags(const Flags& flags);
  /// INTERNALDATE, SAVEDATE
  void date(View label, const DateTime& value);
  /// `label` and a value that is in wire form already: ENVELOPE, BODYSTRUCTURE, NIL.
  void wire(View label, View value);
  /// A label and an nstring.
  void text(const FetchAttribute& attribute, const std::optional<std::string>& value,
            PrintOptions options = {});
  /// The label and the mark of a literal (literal8 for BINARY with a NUL, by `binary`); so many octets have
  /// to follow before anything else.
  void literal(const FetchAttribute& attribute, std::uint64_t octets, bool binary = false);
  /// The label and NIL: the part is not there.
  void nil(const FetchAttribute& attribute);
  /// BINARY.SIZE[1] 5
  void size(const FetchAttribute& attribute, std::uint64_t octets);
  /// Where the next item goes, for whatever is not above.
  std::string& item();
  /// `)` and CRLF.
  void end();

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace posthorn::imap
