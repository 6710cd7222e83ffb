// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "imapd/mail.h"

namespace posthorn::imapd {

/// The account's only quota root: all of its mailboxes, those to come too, belong to it.
std::string quotaRootOf(const Mail& mail);
/// NotFound for any other, whether or not there is such a user.
Status ownRoot(const Mail& mail, std::string_view root);
/// The QUOTA response (RFC 9208 4.2.1). Job.
Status putQuotaOf(std::string& out, const Mail& mail);

// Remarks beside an answer: what cannot be found out is not said, and fails nothing.

/// Once a session: the ALERT to a user who is at or over store.quotawarn. Job.
void putQuotaAlert(std::string& out, Mail& mail);
/// After messages were added: that a limit is passed although nothing was refused (RFC 9208 4.3.1). Job.
void putSoftOverQuota(std::string& out, const Mail& mail);

}  // namespace posthorn::imapd
