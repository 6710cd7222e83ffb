// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/imap/types/fetch.h"
#include "common/imap/types/response.h"
#include "mshttpd/jmap/email_body.h"

// FETCH items that tell of body parts, and where they are in what came. Pure.

namespace posthorn::mshttpd::jmap {

/// The first of a kind, or the one that was asked for so; null: it did not come.
const imap::FetchItem* findItem(const std::vector<imap::FetchItem>& items, imap::FetchAttribute::Kind kind);
const imap::FetchItem* findItem(const std::vector<imap::FetchItem>& items,
                                const imap::FetchAttribute& wanted);

imap::FetchAttribute partItem(imap::FetchAttribute::Kind kind, const PartNumber& part,
                              imap::Section::Text text = imap::Section::Text::Whole);
/// The header of a part; a message's own header is that of its root.
imap::FetchAttribute headerOf(const BodyPart& part, const BodyPart& root);
/// The content of a part, decoded where that can be done.
imap::FetchAttribute valueOf(const BodyPart& part);

/// Whether its size is another one once it is decoded.
bool encoded(const BodyPart& part);

}  // namespace posthorn::mshttpd::jmap
