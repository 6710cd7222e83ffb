// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sys/uio.h>

namespace posthorn::net {

/// A part of a file to be sent. `pin` keeps `fd` open (and the bytes from being replaced) until they are
/// sent.
struct FileRange {
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::shared_ptr<const void> pin = {};
};

/// What is to be sent to one client, in order: owned text, text that something else keeps alive, parts of
/// files. Small texts are joined. No memory while it is empty. Loop thread.
class OutputQueue {
 public:
  void add(std::string text);
  void addCopy(std::string_view text);
  void addView(std::string_view text, std::shared_ptr<const void> pin);
  void addFile(FileRange range);

  [[nodiscard]] bool empty() const { return head_ == items_.size(); }
  /// Bytes to be sent, of files too.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Bytes of memory that wait, of files none.
  [[nodiscard]] std::size_t memory() const { return memory_; }

  /// The file at the front, or null when text is there (or nothing).
  [[nodiscard]] const FileRange* frontFile() const;
  /// Fills `vectors` with the texts at the front, up to the first file; returns how many.
  std::size_t frontTexts(iovec* vectors, std::size_t most) const;
  /// True when a file follows directly after the texts at the front.
  [[nodiscard]] bool fileFollows() const;

  /// Drops the first `count` bytes: they are sent.
  void sent(std::uint64_t count);
  void clear();

 private:
  struct Text {
    std::string text;
    std::size_t offset = 0;
  };
  struct Slice {
    std::string_view text;
    std::shared_ptr<const void> pin = {};
  };
  using Item = std::variant<Text, Slice, FileRange>;

  static std::uint64_t sizeOf(const Item& item);
  void dropFront();

  std::vector<Item> items_;
  std::size_t head_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t memory_ = 0;
};

}  // namespace posthorn::net
