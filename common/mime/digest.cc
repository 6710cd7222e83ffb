// SPDX-License-Identifier: Apache-2.0
#include "common/mime/digest.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/mime/bodystructure.h"
#include "common/mime/limits.h"
#include "common/mime/preview.h"
#include "common/mime/text_pipe.h"

namespace posthorn::mime {

/// Takes preview and date out of what passes by.
class DigestMaker::Tap : public PartSink {
 public:
  explicit Tap(TextSink* text) {
    if (text != nullptr) search_.emplace(*text);
  }

  void onField(std::size_t part, View name, View value) override {
    if (part == 0 && ascii::equal(name, "Date")) sent = parseDate(value);
    if (search_) search_->onField(part, name, value);
  }

  void onBodyStart(std::size_t part, const PartNode& node, const PartHead& head) override {
    if (search_) search_->onBodyStart(part, node, head);
    const bool wanted = node.kind == PartKind::Leaf && node.text && !node.attachment && preview.empty();
    pipe_.reset();
    if (wanted) pipe_.emplace(node, head, HtmlText::Values::Drop);
  }

  void onBody(std::size_t part, View octets) override {
    if (search_) search_->onBody(part, octets);
    while (pipe_ && !octets.empty()) {
      const View slice = octets.substr(0, kSlice);
      octets.remove_prefix(slice.size());
      text_.clear();
      pipe_->feed(slice, text_);
      gather(text_);
    }
  }

  void onEnd(std::size_t part) override {
    if (search_) search_->onEnd(part);
    if (pipe_) {
      text_.clear();
      pipe_->finish(text_);
      gather(text_);
      pipe_.reset();
    }
    if (preview.empty()) preview = gatherer_.take();
  }

  std::optional<SentDate> sent;
  Bytes preview;

 private:
  static constexpr std::size_t kSlice = 2048;

  void gather(View utf8) {
    gatherer_.feed(utf8);
    if (gatherer_.full()) pipe_.reset();
  }

  std::optional<SearchText> search_;
  std::optional<TextPipe> pipe_;
  PreviewText gatherer_;
  Bytes text_;
};

DigestMaker::DigestMaker(TextSink* text) : tap_(std::make_unique<Tap>(text)), parser_(tap_.get()) {}
DigestMaker::~DigestMaker() = default;

void DigestMaker::feed(View octets) {
  parser_.feed(octets);
}

Digest DigestMaker::finish() {
  Structure structure = parser_.finish();
  Digest digest;
  digest.envelope = structure.heads.front().envelope;
  digest.bodystructure = printBodystructure(structure);
  digest.hasAttachment = std::any_of(structure.outline.begin(), structure.outline.end(),
                                     [](const PartNode& node) { return node.attachment; });
  digest.outline = std::move(structure.outline);
  digest.sent = tap_->sent;
  digest.preview = std::move(tap_->preview);
  return digest;
}

}  // namespace posthorn::mime
