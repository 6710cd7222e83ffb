// SPDX-License-Identifier: Apache-2.0

// Whatever a cache holds is refused or can be used: outlines nest and resolve, envelopes and structures
// print.

#include "common/mime/bodystructure.h"
#include "common/mime/digest.h"
#include "common/mime/section.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

void useOutline(View packed, std::uint64_t size) {
  const auto outline = mime::unpackOutline(packed, size);
  if (!outline.ok()) return;
  for (std::size_t part = 0; part < outline->size(); ++part) {
    const mime::PartNode& node = (*outline)[part];
    fuzz::require(node.headerStart <= node.bodyStart && node.bodyStart <= node.end && node.end <= size,
                  "it lies inside");
    mime::Section section;
    section.path = mime::partNumber(*outline, part);
    section.text = mime::Section::Text::Header;
    mime::resolve(*outline, section);
    fuzz::require(mime::resolvePart(*outline, section.path).has_value(), "its number finds it");
  }
  const auto again = mime::unpackOutline(mime::packOutline(*outline), size);
  fuzz::require(again.ok() && *again == *outline, "what was read packs again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const View text = fuzz::text(data + 2, size - 2);
  useOutline(text, data[0] + 256U * data[1]);
  static_cast<void>(mime::unpackDigest(text, data[0]).ok());
  static_cast<void>(mime::bodyOfBodystructure(text).ok());
  const auto envelope = mime::parseEnvelope(text);
  if (envelope.ok()) {
    const auto again = mime::parseEnvelope(mime::printEnvelope(*envelope));
    fuzz::require(again.ok(), "what was read prints");
  }
  return 0;
}
