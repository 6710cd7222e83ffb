// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/bytes.h"
#include "common/mime/structure.h"

namespace posthorn::mime {

/// Takes decoded text in windows of at most kTextWindow octets, cut between characters.
class TextSink {
 public:
  TextSink() = default;
  TextSink(const TextSink&) = delete;
  TextSink& operator=(const TextSink&) = delete;
  virtual ~TextSink() = default;

  enum class Origin : std::uint8_t {
    Header,      ///< of the message itself: "Name: value" and a newline for each field
    PartHeader,  ///< of a part or a message inside
    Body,        ///< of a text/* part, a newline behind each part
  };
  virtual void onText(Origin origin, View utf8) = 0;
  /// No more is wanted: the rest of the message is passed over.
  [[nodiscard]] virtual bool full() const { return false; }
};

/// Gives the text of a message that SEARCH TEXT and BODY look at, while it is parsed: headers with encoded
/// words decoded; text/* bodies with transfer encoding and charset undone, of HTML what is read (text, and
/// the values of href, src, alt and title), not its tags. Not folded. Line ends in it are those of the
/// message.
class SearchText : public PartSink {
 public:
  explicit SearchText(TextSink& sink);
  ~SearchText() override;

  void onField(std::size_t part, View name, View value) override;
  void onBodyStart(std::size_t part, const PartNode& node, const PartHead& head) override;
  void onBody(std::size_t part, View octets) override;
  void onEnd(std::size_t part) override;

 private:
  class Pipe;
  void emit(TextSink::Origin origin, View utf8);
  TextSink& sink_;
  std::unique_ptr<Pipe> pipe_;
};

}  // namespace posthorn::mime
