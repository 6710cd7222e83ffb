// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

#include "common/auth/file/user_table.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::auth {

/// One change of the user file, for tools: locks, reads, changes lines in memory, writes them in one step.
/// Comments and lines that are not concerned stay as they are. The lock (FILE.lock) is held from open() to
/// the end of this object, so that two tools follow each other. Blocks; one thread.
class UserFileEdit {
 public:
  /// Who owns a file that is made anew; nothing leaves it with this process's user.
  struct Owner {
    uid_t uid;
    gid_t gid;
  };
  enum class Missing { IsError, IsMade };

  /// Waits for the lock. Denied when the file belongs to another user than this process's (root may).
  static Result<UserFileEdit> open(const std::string& path, Missing missing,
                                   std::optional<Owner> owner = std::nullopt);

  /// True when a line begins with that name (`@domain` for a domain), damaged or not.
  [[nodiscard]] bool has(std::string_view name) const;
  /// The line; NotFound, or Conflict when there are several.
  [[nodiscard]] Result<std::string> line(std::string_view name) const;

  /// Adds a line at the end (Exists when the name is there), replaces the one line of its name, takes it
  /// away.
  Status add(const std::string& line);
  Status replace(const std::string& line);
  Status remove(std::string_view name);

  /// Writes, unless a line that was added or replaced could not be used: then Invalid, and nothing is written
  /// (an address that another user has, for example). The old file stays until the new one is durable; owner,
  /// group and mode are kept. At most once.
  Status commit();

 private:
  UserFileEdit() = default;
  void index();
  [[nodiscard]] std::string text() const;
  [[nodiscard]] Status check(const UserTable& table) const;
  Status write(const std::string& text) const;

  std::string path_;
  UniqueFd lock_;
  std::vector<std::string> lines_;  // without newlines; removed ones are nothing in kept_
  std::vector<bool> kept_;
  std::unordered_map<std::string, std::vector<std::size_t>> index_;
  std::vector<std::string> touched_;  // names whose lines must be usable
  mode_t mode_ = 0600;
  std::optional<Owner> owner_;
};

}  // namespace posthorn::auth
