// SPDX-License-Identifier: Apache-2.0

// Values of header fields: nothing fails, what comes out is UTF-8 where it should be, lists keep their
// bounds, and filters give the same for any split.

#include "common/base/utf8.h"
#include "common/mime/date.h"
#include "common/mime/envelope.h"
#include "common/mime/fold.h"
#include "common/mime/header.h"
#include "common/mime/parameters.h"
#include "common/mime/subject.h"
#include "common/mime/words.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

void requireFilter(View text, std::size_t window) {
  for (const auto choice : {mime::FieldChoice::Only, mime::FieldChoice::Not}) {
    const Bytes whole = mime::filterHeader(text, {"a", "Subject"}, choice);
    mime::HeaderFilter filter({"a", "Subject"}, choice);
    Bytes cut;
    for (std::size_t at = 0; at < text.size(); at += window) filter.feed(text.substr(at, window), cut);
    filter.finish(cut);
    fuzz::require(cut == whole, "any split gives the same fields");
    fuzz::require(whole.size() <= text.size(), "a filter adds nothing");
  }
}

void requireGroups(const std::vector<mime::Address>& addresses) {
  bool inGroup = false;
  for (const mime::Address& address : addresses) {
    if (address.groupStart()) {
      fuzz::require(!inGroup, "no group begins in a group");
      inGroup = true;
    } else if (address.groupEnd()) {
      fuzz::require(inGroup, "a group has a beginning");
      inGroup = false;
    } else {
      fuzz::require(address.mailbox && address.host, "an address has both halves");
    }
  }
  fuzz::require(!inGroup, "a group has an end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const View text = fuzz::text(data + 1, size - 1);
  requireFilter(text, 1 + data[0] % 16);
  std::vector<mime::Address> addresses;
  mime::parseAddresses(text, addresses);
  requireGroups(addresses);
  for (const mime::Address& address : addresses) mime::spellAddress(address);
  if (const auto type = mime::parseContentType(text)) mime::decodedParameter(type->parameters, "name");
  if (const auto disposition = mime::parseDisposition(text))
    mime::decodedParameter(disposition->parameters, "filename");
  mime::parseLanguages(text);
  mime::parseEncodingName(text);
  const Bytes decoded = mime::decodeHeader(text);
  fuzz::require(utf8::valid(decoded), "a decoded header is UTF-8");
  fuzz::require(utf8::valid(mime::fold(decoded)), "a folded one, too");
  mime::baseSubject(text);
  if (const auto date = mime::parseDate(text)) static_cast<void>(date->day());
  return 0;
}
