// SPDX-License-Identifier: Apache-2.0
#include "common/mime/text_pipe.h"

namespace posthorn::mime {

namespace {

Bytes charsetOf(const PartHead& head) {
  if (!head.type) return {};
  return decodedParameter(head.type->parameters, "charset").value_or("");
}

}  // namespace

TextPipe::TextPipe(const PartNode& node, const PartHead& head, HtmlText::Values values)
    : transfer_(node.encoding), charset_(charsetOf(head)) {
  if (head.type && (head.type->is("text", "html") || head.type->is("text", "x-amp-html")))
    html_.emplace(values);
}

void TextPipe::pass(View utf8, Bytes& out) {
  if (html_) {
    html_->feed(utf8, out);
  } else {
    out.append(utf8);
  }
}

void TextPipe::feed(View octets, Bytes& out) {
  octets_.clear();
  characters_.clear();
  transfer_.feed(octets, octets_);
  charset_.feed(octets_, characters_);
  pass(characters_, out);
}

void TextPipe::finish(Bytes& out) {
  octets_.clear();
  characters_.clear();
  transfer_.finish(octets_);
  charset_.feed(octets_, characters_);
  charset_.finish(characters_);
  pass(characters_, out);
  if (html_) html_->finish(out);
}

}  // namespace posthorn::mime
