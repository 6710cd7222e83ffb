// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "mshttpd/backend/mail_host.h"
#include "mshttpd/jmap/email_body.h"
#include "mshttpd/jmap/method.h"

// What blob ids say, and the one way from an id to octets:
//
//   M<email id>          a message as it is stored
//   P<email id>_1-2      part 1.2 of it, its transfer encoding undone
//   N<blob id>_1-2       part 1.2 of a message that is a blob itself: an upload, an attached message
//   anything else        an upload, http/uploads.h

namespace posthorn::mshttpd::jmap {

std::string messageBlobId(const backend::Id& email);
std::string partBlobId(const backend::Id& email, const PartNumber& part);

/// A part of a blob that Email/parse has read: P... where the blob is a stored message.
std::string innerBlobId(const std::string& blob, const PartNumber& part);

/// A blob that a message holds.
struct MailBlob {
  backend::Id email;
  PartNumber part;  ///< empty: the message
  bool operator==(const MailBlob&) const = default;
};
/// Nothing for an id that names no message and no part.
std::optional<MailBlob> parseMailBlobId(std::string_view id);

/// BODY[1.2].
imap::Section wholePart(const PartNumber& part);

/// Octets of a blob from its beginning, and how many they are; `type` is its media type as far as it is
/// known, else "application/octet-stream". NotFound: there is no such blob for this user. Job thread.
Result<backend::Source> openBlob(Call& call, const Call::Account& account, const std::string& id,
                                 std::uint64_t& size, std::string& type);

/// All of a blob, where that is no more than a message may be; else TooBig.
Result<Bytes> readBlob(Call& call, const Call::Account& account, const std::string& id);

/// All of a source; TooBig beyond `most` octets.
Result<Bytes> readAll(const backend::Source& source, std::uint64_t most);

}  // namespace posthorn::mshttpd::jmap
