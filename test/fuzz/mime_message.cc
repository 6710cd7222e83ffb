// SPDX-License-Identifier: Apache-2.0

// Any message has a structure: any split gives the same digest and the same text, all parts nest and lie
// inside, what is packed unpacks, BODYSTRUCTURE gives BODY, ENVELOPE reads back, and every part has a number
// that finds it.

#include <algorithm>

#include "common/base/utf8.h"
#include "common/mime/bodystructure.h"
#include "common/mime/digest.h"
#include "common/mime/section.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

class Gatherer : public mime::TextSink {
 public:
  void onText(Origin origin, View utf8) override {
    text.push_back(static_cast<char>('0' + static_cast<int>(origin)));
    text.append(utf8);
  }
  Bytes text;
};

mime::Digest digested(View message, std::size_t window, Bytes& text) {
  Gatherer gatherer;
  mime::DigestMaker maker(&gatherer);
  for (std::size_t at = 0; at < message.size(); at += window) maker.feed(message.substr(at, window));
  text = std::move(gatherer.text);
  return maker.finish();
}

/// The windows in which text comes depend on the cut, the text does not.
Bytes withoutMarks(const Bytes& text) {
  Bytes out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c < '0' || c > '2'; });
  return out;
}

void requireNesting(const mime::Outline& outline, std::uint64_t size) {
  fuzz::require(outline.front().headerStart == 0 && outline.front().end == size, "the message is whole");
  for (std::size_t part = 0; part < outline.size(); ++part) {
    const mime::PartNode& node = outline[part];
    fuzz::require(node.headerStart <= node.bodyStart && node.bodyStart <= node.end,
                  "a part has header and body");
    fuzz::require((node.kind == mime::PartKind::Message) <= (node.firstChild != mime::kNoPart),
                  "a message is inside");
    if (part > 0) {
      const mime::PartNode& parent = outline[node.parent];
      fuzz::require(node.headerStart >= parent.bodyStart && node.end <= parent.end,
                    "a part lies inside its parent");
    }
    const auto found = mime::resolvePart(outline, mime::partNumber(outline, part));
    fuzz::require(found && (*found == part || node.parent == *found), "its number finds it");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t window = 1 + data[0] % 16;
  const View message = fuzz::text(data + 1, size - 1);
  Bytes text;
  Bytes cutText;
  const mime::Digest digest = digested(message, message.size() + 1, text);
  fuzz::require(digested(message, window, cutText) == digest, "any split gives the same digest");
  fuzz::require(withoutMarks(cutText) == withoutMarks(text), "and the same text");
  requireNesting(digest.outline, message.size());
  fuzz::require(utf8::valid(digest.preview), "a preview is UTF-8");
  const auto body = mime::bodyOfBodystructure(digest.bodystructure);
  fuzz::require(body.ok(), "BODYSTRUCTURE gives BODY");
  const auto envelope = mime::parseEnvelope(digest.envelope);
  fuzz::require(envelope.ok() && mime::printEnvelope(*envelope) == digest.envelope, "ENVELOPE reads back");
  const auto again = mime::unpackDigest(mime::packDigest(digest), message.size());
  fuzz::require(again.ok() && *again == digest, "what is packed unpacks");
  const auto rev2 = mime::printBodystructure(mime::parseMessage(message), mime::Dialect::Rev2);
  fuzz::require(mime::bodyOfBodystructure(rev2).ok(), "in both dialects");
  return 0;
}
