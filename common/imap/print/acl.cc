// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"

namespace posthorn::imap {

void putAcl(std::string& out, const AclData& data, PrintOptions options) {
  out.append("* ACL ");
  putMailbox(out, data.mailbox.utf8, options);
  for (const auto& [identifier, rights] : data.entries) {
    out.push_back(' ');
    putAstring(out, identifier, options);
    out.push_back(' ');
    putAstring(out, rights, options);
  }
  out.append("\r\n");
}

void putListRights(std::string& out, const ListRightsData& data, PrintOptions options) {
  out.append("* LISTRIGHTS ");
  putMailbox(out, data.mailbox.utf8, options);
  out.push_back(' ');
  putAstring(out, data.identifier, options);
  out.push_back(' ');
  putAstring(out, data.required, options);
  for (const std::string& rights : data.optional) {
    out.push_back(' ');
    putAstring(out, rights, options);
  }
  out.append("\r\n");
}

void putMyRights(std::string& out, const MyRightsData& data, PrintOptions options) {
  out.append("* MYRIGHTS ");
  putMailbox(out, data.mailbox.utf8, options);
  out.push_back(' ');
  putAstring(out, data.rights, options);
  out.append("\r\n");
}

}  // namespace posthorn::imap
