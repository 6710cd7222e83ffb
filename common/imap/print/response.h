// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/imap/print/text.h"
#include "common/imap/types/response.h"

// Whole responses, each with its CRLF. FETCH has a writer of its own: print/fetch.h.

namespace posthorn::imap {

/// `a1 OK [READ-WRITE] text`. Control characters of `text` become blanks; an empty one becomes the
/// condition's usual word, since the grammar wants some.
void putStatus(std::string& out, View tag, Condition condition, const ResponseCode& code, View text);
inline void putStatus(std::string& out, View tag, Condition condition, View text) {
  putStatus(out, tag, condition, ResponseCode{}, text);
}
/// `[UIDNEXT 4]`; nothing for Kind::None.
void putCode(std::string& out, const ResponseCode& code);

/// `+ text`
void putContinue(std::string& out, View text);

/// `* 5 EXISTS`
void putNumberData(std::string& out, NumberData::Kind kind, std::uint32_t number);
/// `* VANISHED (EARLIER) 1:5`; nothing for no UIDs.
void putVanished(std::string& out, const std::vector<SequenceRange>& uids, bool earlier);
/// `* SEARCH 1 2 (MODSEQ 5)`, `* SORT 2 1`
void putSearch(std::string& out, const SearchData& data);
void putEsearch(std::string& out, const EsearchData& data);
void putThread(std::string& out, const ThreadData& data);

/// CAPABILITY and ENABLED
void putCapability(std::string& out, const CapabilityData& data);
void putFlagsData(std::string& out, const FlagsData& data);
void putList(std::string& out, const ListData& data, PrintOptions options = {});
void putStatusData(std::string& out, const StatusData& data, PrintOptions options = {});
void putNamespace(std::string& out, const NamespaceData& data, PrintOptions options = {});
void putId(std::string& out, const IdData& data, PrintOptions options = {});

/// `* QUOTA user/anna (STORAGE 10 512)` and `* QUOTAROOT INBOX user/anna` (RFC 9208)
void putQuota(std::string& out, const QuotaData& data, PrintOptions options = {});
void putQuotaRoot(std::string& out, const QuotaRootData& data, PrintOptions options = {});

/// `* ACL INBOX bob lrs`, `* LISTRIGHTS INBOX bob "" l r s` and `* MYRIGHTS INBOX lrs` (RFC 4314)
void putAcl(std::string& out, const AclData& data, PrintOptions options = {});
void putListRights(std::string& out, const ListRightsData& data, PrintOptions options = {});
void putMyRights(std::string& out, const MyRightsData& data, PrintOptions options = {});

/// `* METADATA "" (/private/comment "x")`, or without values the names of what was changed (RFC 5464)
void putMetadata(std::string& out, const MetadataData& data, PrintOptions options = {});
/// `* JMAPACCESS "https://mail.example/.well-known/jmap"` (RFC 9698)
void putJmapAccess(std::string& out, const JmapAccessData& data);

/// Any of them, FETCH included.
void putResponse(std::string& out, const Response& response, PrintOptions options = {});

/// ("name" "mutt"), NIL for none: what ID has on both sides.
void putIdFields(std::string& out,
                 const std::vector<std::pair<std::string, std::optional<std::string>>>& fields,
                 PrintOptions options = {});

/// "OK"
View toString(Condition condition);

}  // namespace posthorn::imap
