// SPDX-License-Identifier: Apache-2.0
#include "common/base/ascii.h"
#include "common/imap/parse/responses.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::responses {

Result<Response> quota(Scanner& in) {
  QuotaData data;
  PH_CHECK(in.space());
  PH_TRY(data.root, in.astring());
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  in.skipBlanks();
  while (!in.take(')')) {
    QuotaData::Resource resource;
    PH_TRY(const View name, in.atom());
    resource.name = ascii::toUpper(name);
    PH_CHECK(in.space());
    PH_TRY(resource.usage, in.number64());
    PH_CHECK(in.space());
    PH_TRY(resource.limit, in.number64());
    data.resources.push_back(std::move(resource));
    in.skipBlanks();
  }
  return Response(std::move(data));
}

Result<Response> quotaRoot(Scanner& in) {
  QuotaRootData data;
  PH_CHECK(in.space());
  PH_TRY(data.mailbox, parseMailbox(in));
  while (in.take(' ') && !in.atEnd()) {
    PH_TRY(std::string root, in.astring());
    data.roots.push_back(std::move(root));
  }
  return Response(std::move(data));
}

}  // namespace posthorn::imap::responses
