// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mshttpd/jmap/kept_objects.h"

// EmailSubmission (RFC 8621 7). A submission is final when it is made: what the MTA has taken cannot be
// called back. Records of the last ones are kept at the back end, in /private/vendor/posthorn/submissions: at
// most a hundred, for at most thirty days, and no more than the entry holds; RFC 8621 7 lets a server destroy
// them at any time. Destroying a record changes nothing about the mail.

namespace posthorn::mshttpd::jmap {

inline constexpr std::int64_t kSubmissionSeconds = 30LL * 24 * 3600;

Result<KeptObjects> readSubmissions(backend::MailHost& host);
/// Whoever writes takes out what is too old.
void dropOldSubmissions(KeptObjects& kept, Wall now);

/// All properties of one.
Json submissionObject(const std::string& id, const Json& kept);

}  // namespace posthorn::mshttpd::jmap
