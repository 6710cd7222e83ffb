// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/store/mailbox.h"
#include "imapd/fetch/message_text.h"
#include "imapd/search/program.h"

namespace posthorn::imapd::search {

/// Judges one message. Header and text are read when a key first asks for them. Job.
class Matcher {
 public:
  /// `now` is what OLDER and YOUNGER count from, in seconds since 1970.
  Matcher(const Mail& mail, const Program& program, const store::FetchRow& row, std::int64_t now)
      : mail_(mail), program_(program), row_(row), now_(now), text_(mail.selected->box, row) {}

  /// An error when the message's text is needed and cannot be read.
  Result<bool> matches() { return node(program_.root); }

 private:
  Result<bool> node(const Node& node);
  Result<bool> all(const Node& node);
  [[nodiscard]] bool byFlags(const Node& node) const;
  [[nodiscard]] bool byFacts(const Node& node) const;
  Result<bool> byHeader(const Node& node);
  Result<bool> byText(const Node& node);
  Status readHeader();
  Status readText();

  const Mail& mail_;
  const Program& program_;
  const store::FetchRow& row_;
  std::int64_t now_;
  MessageText text_;
  std::optional<std::string> header_;
  std::optional<std::vector<bool>> found_;  // by needle
};

}  // namespace posthorn::imapd::search
