// SPDX-License-Identifier: Apache-2.0
#include "common/mime/search_text.h"

#include <algorithm>

#include "common/mime/limits.h"
#include "common/mime/text_pipe.h"
#include "common/mime/words.h"

namespace posthorn::mime {

namespace {

bool continuesCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

class SearchText::Pipe : public TextPipe {
 public:
  using TextPipe::TextPipe;
  Bytes text;  // not given away yet
};

SearchText::SearchText(TextSink& sink) : sink_(sink) {}
SearchText::~SearchText() = default;

/// Gives away whole windows; the text must end with a character.
void SearchText::emit(TextSink::Origin origin, View utf8) {
  while (!utf8.empty() && !sink_.full()) {
    std::size_t end = std::min(utf8.size(), kTextWindow);
    std::size_t back = 0;
    while (end < utf8.size() && back < 3 && continuesCharacter(utf8[end - back])) ++back;
    end -= end < utf8.size() ? back : 0;
    sink_.onText(origin, utf8.substr(0, end));
    utf8.remove_prefix(end);
  }
}

void SearchText::onField(std::size_t part, View name, View value) {
  if (sink_.full()) return;
  Bytes line(name);
  line.append(": ").append(decodeHeader(value)).append("\n");
  emit(part == 0 ? TextSink::Origin::Header : TextSink::Origin::PartHeader, line);
}

void SearchText::onBodyStart(std::size_t /*part*/, const PartNode& node, const PartHead& head) {
  pipe_.reset();
  if (node.kind == PartKind::Leaf && node.text && !sink_.full())
    pipe_ = std::make_unique<Pipe>(node, head, HtmlText::Values::Keep);
}

void SearchText::onBody(std::size_t /*part*/, View octets) {
  while (pipe_ && !octets.empty()) {
    if (sink_.full()) {
      pipe_.reset();
      return;
    }
    const View slice = octets.substr(0, kTextWindow);
    pipe_->feed(slice, pipe_->text);
    octets.remove_prefix(slice.size());
    if (pipe_->text.size() < kTextWindow) continue;
    // A character of an unknown charset may be cut anywhere; of ours the pipe gives only whole ones.
    emit(TextSink::Origin::Body, pipe_->text);
    pipe_->text.clear();
  }
}

void SearchText::onEnd(std::size_t /*part*/) {
  if (!pipe_) return;
  pipe_->finish(pipe_->text);
  pipe_->text.push_back('\n');
  emit(TextSink::Origin::Body, pipe_->text);
  pipe_.reset();
}

}  // namespace posthorn::mime
