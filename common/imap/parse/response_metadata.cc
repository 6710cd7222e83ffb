// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/responses.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::responses {

Result<Response> metadata(Scanner& in) {
  MetadataData data;
  PH_CHECK(in.space());
  PH_TRY(data.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  data.changed = !in.take('(');
  do {
    MetadataEntry entry;
    PH_TRY(entry.name, in.astring());
    if (!data.changed) {
      PH_CHECK(in.space());
      PH_TRY(entry.value, octets(in));
    }
    data.entries.push_back(std::move(entry));
  } while (in.take(' ') && !in.atEnd());
  if (!data.changed) PH_CHECK(in.expect(')'));
  return Response(std::move(data));
}

Result<Response> jmapAccess(Scanner& in) {
  JmapAccessData data;
  PH_CHECK(in.space());
  PH_TRY(data.url, in.string());
  return Response(std::move(data));
}

}  // namespace posthorn::imap::responses
