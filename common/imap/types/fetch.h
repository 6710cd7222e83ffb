// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/imap/types/sequence_set.h"

namespace posthorn::imap {

/// What stands in the brackets of BODY[...] and BINARY[...].
struct Section {
  enum class Text : std::uint8_t {
    Whole,            ///< the part (or message) itself
    Header,           ///< HEADER: of the message or of a message/rfc822 part
    HeaderFields,     ///< HEADER.FIELDS (...)
    HeaderFieldsNot,  ///< HEADER.FIELDS.NOT (...)
    Text,             ///< TEXT
    Mime,             ///< MIME: a part's own header; never without `part`
  };
  std::vector<std::uint32_t> part;  ///< 1.2.3; empty for the message as a whole
  Text text = Text::Whole;
  std::vector<std::string> fields;  ///< for the two HEADER.FIELDS: at least one, in the client's spelling
  bool operator==(const Section&) const = default;
};

/// <offset.octets>; the end may lie beyond the text.
struct Partial {
  std::uint64_t offset = 0;
  std::uint64_t octets = 0;  ///< never 0
  bool operator==(const Partial&) const = default;
};

/// One data item to fetch. ALL, FAST and FULL come as the items they stand for.
struct FetchAttribute {
  enum class Kind : std::uint8_t {
    Uid,
    Flags,
    InternalDate,
    Rfc822Size,
    Envelope,
    Body,           ///< BODY: BODYSTRUCTURE without extension data
    BodyStructure,  ///< BODYSTRUCTURE
    BodySection,    ///< BODY[section]<partial>, with `peek` BODY.PEEK
    Rfc822,         ///< as BODY[], answered as RFC822
    Rfc822Header,   ///< as BODY.PEEK[HEADER], answered as RFC822.HEADER
    Rfc822Text,     ///< as BODY[TEXT], answered as RFC822.TEXT
    Binary,         ///< BINARY[part]<partial> (RFC 3516), with `peek` BINARY.PEEK
    BinarySize,     ///< BINARY.SIZE[part]
    Modseq,         ///< RFC 7162
    EmailId,        ///< RFC 8474
    ThreadId,       ///< RFC 8474
    Preview,        ///< RFC 8970, with `lazy` PREVIEW (LAZY)
    SaveDate,       ///< RFC 8514
  };
  Kind kind = Kind::Uid;
  bool peek = false;  ///< BodySection, Binary: does not set \Seen
  bool lazy = false;  ///< Preview
  Section section;    ///< BodySection; its `part` alone for Binary and BinarySize
  std::optional<Partial> partial;
  bool operator==(const FetchAttribute&) const = default;
};

/// Whether fetching it sets \Seen (RFC 9051 §6.4.5, RFC 3516 §4.2).
bool setsSeen(const FetchAttribute& attribute);

/// FETCH and UID FETCH. UID in UID FETCH is not added here.
struct FetchArgs {
  SequenceSet set;
  std::vector<FetchAttribute> attributes;     ///< at least one, in the client's order, repetitions kept
  std::optional<std::uint64_t> changedSince;  ///< RFC 7162 §3.1.4.1
  bool vanished = false;                      ///< RFC 7162 §3.2.6: only with UID and changedSince
  bool operator==(const FetchArgs&) const = default;
};

}  // namespace posthorn::imap
