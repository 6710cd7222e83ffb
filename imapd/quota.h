// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "imapd/mail.h"

namespace posthorn::imapd {

/// An account's only quota root: all of its mailboxes, those to come too, belong to it.
std::string quotaRootOf(const store::AccountHandle& account);
/// The account of a quota root: the user's own, or that of one who lets him read a mailbox (RFC 9208 6).
/// NotFound for any other, whether or not there is such a user. Job.
Result<store::AccountHandle> accountOfRoot(const Mail& mail, std::string_view root);
/// The QUOTA response (RFC 9208 4.2.1). Job.
Status putQuotaOf(std::string& out, const store::AccountHandle& account, bool utf8);

// Remarks beside an answer: what cannot be found out is not said, and fails nothing.

/// Once a session: the ALERT to a user who is at or over store.quotawarn. Job.
void putQuotaAlert(std::string& out, Mail& mail);
/// After messages were added: that a limit is passed although nothing was refused (RFC 9208 4.3.1). Job.
void putSoftOverQuota(std::string& out, const store::AccountHandle& account);

}  // namespace posthorn::imapd
