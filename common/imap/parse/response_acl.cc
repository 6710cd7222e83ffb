// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/responses.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::responses {

Result<Response> acl(Scanner& in) {
  AclData data;
  PH_CHECK(in.space());
  PH_TRY(data.mailbox, parseMailbox(in));
  while (in.take(' ') && !in.atEnd()) {
    PH_TRY(std::string identifier, in.astring());
    PH_CHECK(in.space());
    PH_TRY(std::string rights, in.astring());
    data.entries.emplace_back(std::move(identifier), std::move(rights));
  }
  return Response(std::move(data));
}

Result<Response> listRights(Scanner& in) {
  ListRightsData data;
  PH_CHECK(in.space());
  PH_TRY(data.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  PH_TRY(data.identifier, in.astring());
  PH_CHECK(in.space());
  PH_TRY(data.required, in.astring());
  while (in.take(' ') && !in.atEnd()) {
    PH_TRY(std::string rights, in.astring());
    data.optional.push_back(std::move(rights));
  }
  return Response(std::move(data));
}

Result<Response> myRights(Scanner& in) {
  MyRightsData data;
  PH_CHECK(in.space());
  PH_TRY(data.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  PH_TRY(data.rights, in.astring());
  return Response(std::move(data));
}

}  // namespace posthorn::imap::responses
