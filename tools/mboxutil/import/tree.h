// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

// The files of an import's source. They belong to somebody who may do with them what he likes, also while
// they are read: every step goes from an open directory to a name in it, and no symbolic link is ever
// followed.

namespace posthorn::migrate {

/// A file that is read from front to back. Move-only; one thread.
class SourceFile {
 public:
  explicit SourceFile(UniqueFd fd, const struct stat& facts) : fd_(std::move(fd)), facts_(facts) {}

  [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(facts_.st_size); }
  [[nodiscard]] std::int64_t changed() const { return facts_.st_mtim.tv_sec; }
  /// Up to `size` octets at `offset`; fewer only at the end of the file.
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) const;
  /// Octets [from, to) in pieces, until the file or the sink ends.
  Status each(std::uint64_t from, std::uint64_t to, const std::function<Status(View)>& sink) const;
  /// A lock against writers that use fcntl; it goes with the file. Busy when one writes; never waits.
  Status lock();
  /// False when it has been written since it was opened.
  [[nodiscard]] Result<bool> unchanged() const;
  /// All of it; TooBig beyond `most` octets.
  [[nodiscard]] Result<std::string> all(std::uint64_t most) const;

 private:
  UniqueFd fd_;
  struct stat facts_;
};

/// An open directory. Move-only; one thread.
class Directory {
 public:
  /// `path` is the operator's word: links in it that root or this process's user has made are followed. A
  /// link of somebody else could lead to what others have let this user read: Unsupported.
  static Result<Directory> open(const std::string& path);

  /// The same directory once more.
  [[nodiscard]] Result<Directory> again() const;
  /// Errors of all that take a name: NotFound; Denied for what may not be read; Unsupported for a symbolic
  /// link, and for what is no directory or no regular file. Opening never waits.
  [[nodiscard]] Result<Directory> directory(const std::string& name) const;
  [[nodiscard]] Result<SourceFile> file(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;

  struct Entry {
    std::string name;
    unsigned char type = 0;  ///< DT_REG and its like; DT_UNKNOWN where the file system does not say
  };
  /// Calls `row` for each entry but "." and "..", in no order.
  Status each(const std::function<void(const Entry&)>& row) const;

 private:
  explicit Directory(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace posthorn::migrate
