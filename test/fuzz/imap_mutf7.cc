// SPDX-License-Identifier: Apache-2.0

// Modified UTF-7: what decodes is UTF-8 and encodes to the same octets; what is UTF-8 survives the way there
// and back.

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/imap/parse/mutf7.h"
#include "common/imap/print/mutf7.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

std::string encoded(View utf8) {
  std::string out;
  imap::putMutf7(out, utf8);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View text = fuzz::text(data, size);
  if (const auto decoded = imap::decodeMutf7(text)) {
    fuzz::require(utf8::valid(*decoded), "a decoded name is UTF-8");
    fuzz::require(encoded(*decoded) == text, "a decoded name encodes to the same octets");
  }
  bool control = false;
  for (const char c : text) control = control || ascii::isControl(c);
  if (utf8::valid(text) && !control)
    fuzz::require(imap::decodeMutf7(encoded(text)) == text, "a name survives the way there and back");
  return 0;
}
