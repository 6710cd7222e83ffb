// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/capabilities.h"

#include <algorithm>
#include <iterator>

#include "mshttpd/jmap/mailbox_wish.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr unsigned kMaxBlobSources = 64;  // RFC 9404 4.1: at least these

Json none(const Limits&) {
  return Json::object();
}
Json noneOfAccount(const Limits&, const Caller&, const AccountView&) {
  return Json::object();
}

/// RFC 8620 2.
Json core(const Limits& limits) {
  return {{"maxSizeUpload", limits.maxSizeUpload},
          {"maxConcurrentUpload", limits.maxConcurrentUpload},
          {"maxSizeRequest", limits.maxSizeRequest},
          {"maxConcurrentRequests", limits.maxConcurrentRequests},
          {"maxCallsInRequest", limits.maxCallsInRequest},
          {"maxObjectsInGet", limits.maxObjectsInGet},
          {"maxObjectsInSet", limits.maxObjectsInSet},
          {"collationAlgorithms", {"i;ascii-casemap", "i;unicode-casemap"}}};
}

/// RFC 8621 1.3.1.
Json mail(const Limits& limits, const Caller&, const AccountView& account) {
  return {{"maxMailboxesPerEmail", nullptr},
          {"maxMailboxDepth", limits.maxMailboxDepth},
          {"maxSizeMailboxName", kMaxMailboxName},
          {"maxSizeAttachmentsPerEmail", limits.maxSizeAttachmentsPerEmail},
          {"emailQuerySortOptions",
           {"receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword", "allInThreadHaveKeyword",
            "someInThreadHaveKeyword"}},
          {"mayCreateTopLevelMailbox", account.own}};
}

/// RFC 8621 1.3.2: nothing is held back before it goes out. No extension is promised: what the MTA offers is
/// known only while it is spoken to, and the session must neither wait for it nor differ from worker to
/// worker. The parameters of DSN are passed where it offers them, and refused where it does not.
Json submission(const Limits&, const Caller&, const AccountView&) {
  return {{"maxDelayedSend", 0}, {"submissionExtensions", Json::object()}};
}

/// RFC 9404 3.1.
Json blob(const Limits& limits, const Caller&, const AccountView&) {
  return {{"maxSizeBlobSet", limits.maxSizeUpload},
          {"maxDataSources", kMaxBlobSources},
          {"supportedTypeNames", {"Email", "Mailbox", "Thread"}},
          {"supportedDigestAlgorithms", {"sha", "sha-256"}}};
}

/// RFC 9670 1.5.1. The people of the directory are told in the caller's own account.
Json principals(const Limits&, const Caller& caller, const AccountView& account) {
  return {{"currentUserPrincipalId", account.own ? Json(accountId(caller.user)) : Json(nullptr)}};
}

constexpr CapabilitySpec kCapabilities[] = {
    {kCore, core, nullptr, true},        {kMail, none, mail, true}, {kSubmission, none, submission, false},
    {kQuota, none, noneOfAccount, true}, {kBlob, none, blob, true}, {kPrincipals, none, principals, false},
};

}  // namespace

std::span<const CapabilitySpec> capabilityTable() {
  return kCapabilities;
}

bool isCapability(std::string_view uri) {
  return std::any_of(std::begin(kCapabilities), std::end(kCapabilities),
                     [uri](const CapabilitySpec& row) { return row.uri == uri; });
}

}  // namespace posthorn::mshttpd::jmap
