// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"

namespace posthorn::imap {

void putMetadata(std::string& out, const MetadataData& data, PrintOptions options) {
  out.append("* METADATA ");
  putMailbox(out, data.mailbox.utf8, options);
  if (data.changed) {
    for (const MetadataEntry& entry : data.entries) {
      out.push_back(' ');
      putAstring(out, entry.name, options);
    }
  } else {
    out.push_back(' ');
    ListWriter list(out);
    for (const MetadataEntry& entry : data.entries) {
      putAstring(list.next(), entry.name, options);
      putOctets(list.next(), entry.value, options);
    }
    list.end();
  }
  out.append("\r\n");
}

void putJmapAccess(std::string& out, const JmapAccessData& data) {
  out.append("* JMAPACCESS ");
  putQuoted(out, data.url);
  out.append("\r\n");
}

}  // namespace posthorn::imap
