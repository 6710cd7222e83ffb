// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/imap/types/metadata.h"
#include "common/store/annotations.h"
#include "imapd/access.h"
#include "imapd/answer.h"
#include "imapd/mail.h"

// METADATA (RFC 5464) over the store's annotations. The server's own entries, those of the empty mailbox
// name, are the user's account's; under /shared/ nobody has set any there, and no client may. All of it is
// for jobs.

namespace posthorn::imapd {

/// Where entries belong: the user's account, or a mailbox that he may read.
struct AnnotatedPlace {
  std::optional<Found> box;  ///< nothing: the account
};
Result<AnnotatedPlace> annotatedPlace(const Mail& mail, const std::string& mailbox);

/// All of the place's, sorted.
Result<std::vector<store::Annotation>> annotationsOf(const Mail& mail, const AnnotatedPlace& place);

/// Makes all changes or none. RFC 5464 4.3: what an error means to the client.
Answer annotate(Mail& mail, const std::string& mailbox, std::span<const store::AnnotationChange> changes);

/// The METADATA responses without values (RFC 5464 4.4.2): what others have changed of the account and its
/// mailboxes since the session looked last. Nothing unless the client has enabled it.
Status tellMetadata(Mail& mail, std::string& out);

}  // namespace posthorn::imapd
