// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/imap/types/response.h"
#include "common/mime/outline.h"

// A message's parts as JMAP shows them (RFC 8621 4.1.4), out of IMAP's BODYSTRUCTURE. Pure.

namespace posthorn::mshttpd::jmap {

/// The number of a part, as in BODY[1.2]; empty for a message that is a multipart.
using PartNumber = std::vector<std::uint32_t>;

/// One entity; parts of a message inside are not told (RFC 8621: "without recursing").
struct BodyPart {
  PartNumber number;
  std::string type;  ///< "text/plain", in lower case
  std::optional<std::string> charset;
  std::optional<std::string> name;         ///< decoded
  std::optional<std::string> disposition;  ///< in lower case
  std::optional<std::string> cid;          ///< without angle brackets
  std::optional<std::vector<std::string>> language;
  std::optional<std::string> location;
  mime::Encoding encoding = mime::Encoding::Identity;
  std::uint64_t octets = 0;     ///< as they stand in the message
  bool offersDownload = false;  ///< it, or a part inside, is an attachment as the store's search sees it
  std::vector<BodyPart> parts;  ///< of a multipart

  [[nodiscard]] bool multipart() const;
  [[nodiscard]] bool text() const;
};

/// "1.2": how parts are called to clients.
std::string partIdOf(const PartNumber& number);
/// The part of this number; null when there is none. A multipart, too.
const BodyPart* findPart(const BodyPart& root, const PartNumber& number);

/// Invalid when the value is no BODYSTRUCTURE.
Result<BodyPart> readBodyStructure(const imap::Value& value);

/// RFC 8621 4.1.4's flat lists, by the algorithm that it suggests. Pointers into `root`.
struct BodyLists {
  std::vector<const BodyPart*> text;
  std::vector<const BodyPart*> html;
  std::vector<const BodyPart*> attachments;
};
BodyLists flattenBody(const BodyPart& root);

}  // namespace posthorn::mshttpd::jmap
