// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/imap/parse/scanner.h"
#include "common/imap/types/response.h"

/// The pieces of parseResponse(), from after a response's name to before the end of its line.
namespace posthorn::imap::responses {

/// [CODE ...] text
Status statusText(Scanner& in, ResponseCode& code, std::string& text);
/// `5 FETCH`, after its blank
Result<Response> fetch(Scanner& in, std::uint32_t number);
/// CAPABILITY, LIST and the others, from their name on; OtherData for the unknown.
Result<Response> untagged(Scanner& in);
/// QUOTA and QUOTAROOT, from after their names on.
Result<Response> quota(Scanner& in);
Result<Response> quotaRoot(Scanner& in);
/// ACL, LISTRIGHTS and MYRIGHTS, from after their names on.
Result<Response> acl(Scanner& in);
Result<Response> listRights(Scanner& in);
Result<Response> myRights(Scanner& in);
/// METADATA and JMAPACCESS, from after their names on.
Result<Response> metadata(Scanner& in);
Result<Response> jmapAccess(Scanner& in);
/// X-POSTHORN-JMAP: XAPPENDED and so on, from after their names on.
Result<Response> jmapAppended(Scanner& in);
Result<Response> jmapChanges(Scanner& in);
Result<Response> jmapMailbox(Scanner& in);
Result<Response> jmapMessage(Scanner& in);
Result<Response> jmapQuery(Scanner& in);
Result<Response> jmapThread(Scanner& in);
Result<Response> jmapUpdated(Scanner& in);
/// (UID 5 FLAGS ()), the items of FETCH
Result<std::vector<FetchItem>> fetchItems(Scanner& in);
/// NIL, a string, or a literal or literal8 of whatever octets.
Result<std::optional<std::string>> octets(Scanner& in);
/// A parenthesised value of bounded depth.
Result<Value> value(Scanner& in);
/// (word word), of flagWord()s
Result<std::vector<std::string>> wordList(Scanner& in);

}  // namespace posthorn::imap::responses
