// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/imap/parse/command_table.h"

/// One function per grammar of arguments, named after its command; see ArgsParser.
namespace posthorn::imap::commands {

Result<Args> append(Scanner& in, UidForm uid);
Result<Args> authenticate(Scanner& in, UidForm uid);
Result<Args> compress(Scanner& in, UidForm uid);
Result<Args> copy(Scanner& in, UidForm uid);  ///< MOVE too
Result<Args> create(Scanner& in, UidForm uid);
Result<Args> enable(Scanner& in, UidForm uid);
Result<Args> expunge(Scanner& in, UidForm uid);
Result<Args> fetch(Scanner& in, UidForm uid);
Result<Args> getMetadata(Scanner& in, UidForm uid);
Result<Args> getQuota(Scanner& in, UidForm uid);
Result<Args> id(Scanner& in, UidForm uid);
Result<Args> identifier(Scanner& in, UidForm uid);   ///< DELETEACL, LISTRIGHTS
Result<Args> jmapChanges(Scanner& in, UidForm uid);  ///< X-POSTHORN-JMAP: XCHANGES and so on
Result<Args> jmapMailboxes(Scanner& in, UidForm uid);
Result<Args> jmapMessages(Scanner& in, UidForm uid);
Result<Args> jmapQuery(Scanner& in, UidForm uid);
Result<Args> jmapThreads(Scanner& in, UidForm uid);
Result<Args> jmapUpdate(Scanner& in, UidForm uid);
Result<Args> list(Scanner& in, UidForm uid);
Result<Args> login(Scanner& in, UidForm uid);
Result<Args> lsub(Scanner& in, UidForm uid);
Result<Args> mailbox(Scanner& in, UidForm uid);  ///< DELETE, GETACL, SUBSCRIBE and their like
Result<Args> none(Scanner& in, UidForm uid);     ///< all that have no arguments
Result<Args> proxyAuth(Scanner& in, UidForm uid);
Result<Args> rename(Scanner& in, UidForm uid);
Result<Args> search(Scanner& in, UidForm uid);
Result<Args> select(Scanner& in, UidForm uid);  ///< EXAMINE too
Result<Args> setAcl(Scanner& in, UidForm uid);
Result<Args> setMetadata(Scanner& in, UidForm uid);
Result<Args> setQuota(Scanner& in, UidForm uid);
Result<Args> sort(Scanner& in, UidForm uid);
Result<Args> status(Scanner& in, UidForm uid);
Result<Args> store(Scanner& in, UidForm uid);
Result<Args> swapMetadata(Scanner& in, UidForm uid);  ///< XSETMETADATA
Result<Args> thread(Scanner& in, UidForm uid);

}  // namespace posthorn::imap::commands
