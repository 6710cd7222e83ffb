// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/imap/types/response.h"
#include "common/mime/address.h"
#include "mshttpd/jmap/written_header.h"

// Header fields as JSON (RFC 8621 4.1.2, 4.1.3). Pure; broken fields give what can be read of them.

namespace posthorn::mshttpd::jmap {

/// The value of one field, as it stands behind the colon, in a form.
Json headerForm(View value, HeaderForm form);

/// What a property that names a field is for this header block: of the last such field, or of all.
Json headerProperty(View header, const HeaderProperty& property);

/// [{"name": ..., "value": ...}, ...] in the order of the header; at most 10,000 of them.
Json allHeaders(View header);

/// [{"name", "email"}, ...]; the names are octets of a header.
Json addressesJson(const std::vector<mime::Address>& addresses);

/// IMAP's ENVELOPE as the value of a property that it can answer: from, to, cc, bcc, subject, sentAt,
/// messageId, inReplyTo. It cannot tell a missing Sender or Reply-To from one that repeats From; and of a
/// field of addresses that stands twice, against RFC 5322 3.6, it has all addresses and not only those of the
/// last one: nobody can hide a sender from one reader and show him to another.
bool envelopeHas(std::string_view property);
Json envelopeProperty(const imap::Value& envelope, std::string_view property);

}  // namespace posthorn::mshttpd::jmap
