// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

// clang-format off
constexpr MethodSpec kMethods[] = {
    {"Blob/copy", kCore, blobCopy},
    {"Blob/get", kBlob, blobGet},
    {"Blob/lookup", kBlob, blobLookup},
    {"Blob/upload", kBlob, blobUpload},
    {"Core/echo", kCore, coreEcho},
    {"Email/changes", kMail, emailChanges},
    {"Email/copy", kMail, emailCopy},
    {"Email/get", kMail, emailGet},
    {"Email/import", kMail, emailImport},
    {"Email/parse", kMail, emailParse},
    {"Email/query", kMail, emailQuery},
    {"Email/queryChanges", kMail, emailQueryChanges},
    {"Email/set", kMail, emailSet},
    {"EmailSubmission/changes", kSubmission, submissionChanges},
    {"EmailSubmission/get", kSubmission, submissionGet},
    {"EmailSubmission/query", kSubmission, submissionQuery},
    {"EmailSubmission/queryChanges", kSubmission, submissionQueryChanges},
    {"EmailSubmission/set", kSubmission, submissionSet},
    {"Identity/changes", kSubmission, identityChanges},
    {"Identity/get", kSubmission, identityGet},
    {"Identity/set", kSubmission, identitySet},
    {"Mailbox/changes", kMail, mailboxChanges},
    {"Mailbox/get", kMail, mailboxGet},
    {"Mailbox/query", kMail, mailboxQuery},
    {"Mailbox/queryChanges", kMail, mailboxQueryChanges},
    {"Mailbox/set", kMail, mailboxSet},
    {"Principal/changes", kPrincipals, principalChanges},
    {"Principal/get", kPrincipals, principalGet},
    {"Principal/query", kPrincipals, principalQuery},
    {"Principal/queryChanges", kPrincipals, principalQueryChanges},
    {"Principal/set", kPrincipals, principalSet},
    {"Quota/changes", kQuota, quotaChanges},
    {"Quota/get", kQuota, quotaGet},
    {"Quota/query", kQuota, quotaQuery},
    {"Quota/queryChanges", kQuota, quotaQueryChanges},
    {"SearchSnippet/get", kMail, searchSnippetGet},
    {"ShareNotification/changes", kPrincipals, shareNotificationChanges},
    {"ShareNotification/get", kPrincipals, shareNotificationGet},
    {"ShareNotification/query", kPrincipals, shareNotificationQuery},
    {"ShareNotification/queryChanges", kPrincipals, shareNotificationQueryChanges},
    {"ShareNotification/set", kPrincipals, shareNotificationSet},
    {"Thread/changes", kMail, threadChanges},
    {"Thread/get", kMail, threadGet},
};
// clang-format on

constexpr bool sorted() {
  for (std::size_t i = 1; i < std::size(kMethods); ++i)
    if (kMethods[i - 1].name >= kMethods[i].name) return false;
  return true;
}
static_assert(sorted(), "the table is searched by halves");

}  // namespace

std::span<const MethodSpec> methodTable() {
  return kMethods;
}

const MethodSpec* findMethod(std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(kMethods), std::end(kMethods), name,
                       [](const MethodSpec& row, std::string_view wanted) { return row.name < wanted; });
  return found != std::end(kMethods) && found->name == name ? found : nullptr;
}

}  // namespace posthorn::mshttpd::jmap
