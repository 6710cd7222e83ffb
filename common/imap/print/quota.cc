// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"

namespace posthorn::imap {

void putQuota(std::string& out, const QuotaData& data, PrintOptions options) {
  out.append("* QUOTA ");
  putAstring(out, data.root, options);
  out.push_back(' ');
  ListWriter list(out);
  for (const QuotaData::Resource& resource : data.resources) {
    list.word(resource.name);
    putNumber(list.next(), resource.usage);
    putNumber(list.next(), resource.limit);
  }
  list.end();
  out.append("\r\n");
}

void putQuotaRoot(std::string& out, const QuotaRootData& data, PrintOptions options) {
  out.append("* QUOTAROOT ");
  putMailbox(out, data.mailbox.utf8, options);
  for (const std::string& root : data.roots) {
    out.push_back(' ');
    putAstring(out, root, options);
  }
  out.append("\r\n");
}

}  // namespace posthorn::imap
