// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/piece.h"
#include "common/store/types.h"
#include "popd/maildrop.h"
#include "popd/parse/line_scanner.h"

namespace posthorn::popd {

/// What is sent before the next part is made: a bounded amount of memory, or ranges of files of any length.
struct Window {
  std::vector<net::Piece> pieces;  ///< not empty unless `last`
  bool last = false;               ///< the response is complete with this
};

/// A multi-line response in the making. It is asked for its next window when the client has taken the last
/// one, so that a slow reader costs one window and no thread. Owned by the session, moved into jobs.
class Transfer {
 public:
  virtual ~Transfer() = default;
  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// The next window; not after the last one. May block when blocks() says so: a job then.
  virtual Result<Window> more(const Maildrop& box) = 0;
  [[nodiscard]] virtual bool blocks() const = 0;
};

/// A response that begins: its status line, the rest in windows, the first of them at hand. Without a
/// transfer the status line is all of it.
struct Opening {
  std::string head;
  std::unique_ptr<Transfer> transfer;
  Window first;
};

/// A message, whole (RETR) or its header and some lines (TOP). Where nothing has to be doubled the file goes
/// out as it is; else it is read by windows, which are sent in slices with dots between them.
class MessageTransfer final : public Transfer {
 public:
  static constexpr std::size_t kWindow = 128UL * 1024;

  MessageTransfer(store::MessageBody body, std::optional<std::uint32_t> bodyLines);
  Result<Window> more(const Maildrop& box) override;
  [[nodiscard]] bool blocks() const override { return true; }

 private:
  [[nodiscard]] std::optional<std::uint64_t> verbatimLength() const;
  Result<Window> verbatim(std::uint64_t length) const;
  Result<Window> scanned();

  store::MessageBody body_;
  std::optional<std::uint32_t> bodyLines_;
  LineScanner scanner_;
  std::uint64_t at_ = 0;
};

/// LIST and UIDL of the whole maildrop: one line for each message that is not marked. Never blocks.
class ListingTransfer final : public Transfer {
 public:
  static constexpr std::size_t kWindow = 16UL * 1024;
  using Line = void (*)(const Maildrop& box, MessageNumber number, std::string& out);

  /// `line` appends what stands behind the message number.
  explicit ListingTransfer(Line line) : line_(line) {}
  Result<Window> more(const Maildrop& box) override;
  [[nodiscard]] bool blocks() const override { return false; }

 private:
  Line line_;
  MessageNumber next_ = 1;
};

}  // namespace posthorn::popd
