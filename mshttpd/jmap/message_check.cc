// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/message_check.h"

#include "common/mime/date.h"
#include "common/mime/header.h"

namespace posthorn::mshttpd::jmap {

namespace {

/// Octets of a header that are looked at for Received, which stands at the top.
constexpr std::size_t kMaxHeader = std::size_t{256} << 10U;

void readHeader(View text, ImportFacts& facts) {
  const std::size_t end = text.find("\r\n\r\n");
  const View header = text.substr(0, end == View::npos ? text.size() : end + 2);
  const View first = header.substr(0, header.find("\r\n"));
  facts.isMessage = mime::splitField(first).has_value();
  const auto received = mime::findField(header, "Received");
  if (!received) return;
  const std::size_t semicolon = received->rfind(';');
  const auto date = semicolon == View::npos ? std::nullopt : mime::parseDate(received->substr(semicolon + 1));
  if (date) facts.received = imap::DateTime{date->seconds, date->zoneMinutes};
}

}  // namespace

Result<ImportFacts> importFacts(const BlobFile& blob) {
  ImportFacts facts;
  Bytes header;
  const backend::Source source = canonical(blob.source());
  for (;;) {
    PH_TRY(const Bytes window, source());
    if (window.empty()) break;
    facts.octets += window.size();
    if (header.size() < kMaxHeader) header.append(window, 0, kMaxHeader - header.size());
  }
  readHeader(header, facts);
  return facts;
}

}  // namespace posthorn::mshttpd::jmap
