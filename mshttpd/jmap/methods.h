// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/jmap/method.h"

// The methods of method_table.cc, each in the file of its object.

namespace posthorn::mshttpd::jmap {

// core.cc (RFC 8620 4)
Answer coreEcho(Call& call, const Json& args);

// blob_*.cc (RFC 8620 6.3, RFC 9404)
Answer blobCopy(Call& call, const Json& args);
Answer blobGet(Call& call, const Json& args);
Answer blobLookup(Call& call, const Json& args);
Answer blobUpload(Call& call, const Json& args);

// email_get.cc, email_parse.cc, email_query.cc (RFC 8621 4)
Answer emailGet(Call& call, const Json& args);
Answer emailParse(Call& call, const Json& args);
Answer emailQuery(Call& call, const Json& args);
Answer emailQueryChanges(Call& call, const Json& args);

// changes.cc
Answer emailChanges(Call& call, const Json& args);
Answer mailboxChanges(Call& call, const Json& args);
Answer threadChanges(Call& call, const Json& args);

// mailbox_*.cc (RFC 8621 2)
Answer mailboxGet(Call& call, const Json& args);
Answer mailboxQuery(Call& call, const Json& args);
Answer mailboxQueryChanges(Call& call, const Json& args);
Answer mailboxSet(Call& call, const Json& args);

// quota.cc (RFC 9425)
Answer quotaChanges(Call& call, const Json& args);
Answer quotaGet(Call& call, const Json& args);
Answer quotaQuery(Call& call, const Json& args);
Answer quotaQueryChanges(Call& call, const Json& args);

// search_snippet.cc (RFC 8621 5)
Answer searchSnippetGet(Call& call, const Json& args);

// thread.cc (RFC 8621 3)
Answer threadGet(Call& call, const Json& args);

// email_set.cc, email_import.cc, email_copy.cc (RFC 8621 4.6 to 4.8)
Answer emailCopy(Call& call, const Json& args);
Answer emailImport(Call& call, const Json& args);
Answer emailSet(Call& call, const Json& args);

// identity.cc (RFC 8621 6)
Answer identityChanges(Call& call, const Json& args);
Answer identityGet(Call& call, const Json& args);
Answer identitySet(Call& call, const Json& args);

// submission_get.cc, submission_set.cc (RFC 8621 7)
Answer submissionChanges(Call& call, const Json& args);
Answer submissionGet(Call& call, const Json& args);
Answer submissionQuery(Call& call, const Json& args);
Answer submissionQueryChanges(Call& call, const Json& args);
Answer submissionSet(Call& call, const Json& args);

// principal.cc (RFC 9670 2)
Answer principalChanges(Call& call, const Json& args);
Answer principalGet(Call& call, const Json& args);
Answer principalQuery(Call& call, const Json& args);
Answer principalQueryChanges(Call& call, const Json& args);
Answer principalSet(Call& call, const Json& args);

// share_notification.cc (RFC 9670 3)
Answer shareNotificationChanges(Call& call, const Json& args);
Answer shareNotificationGet(Call& call, const Json& args);
Answer shareNotificationQuery(Call& call, const Json& args);
Answer shareNotificationQueryChanges(Call& call, const Json& args);
Answer shareNotificationSet(Call& call, const Json& args);

}  // namespace posthorn::mshttpd::jmap
