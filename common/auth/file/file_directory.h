// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/auth/directory.h"
#include "common/auth/file/user_table.h"
#include "common/auth/settings.h"
#include "common/base/clock.h"
#include "common/base/locked.h"

namespace posthorn::auth {

/// What tells one state of a file from another.
struct FileMark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modifiedNs = 0;
  std::int64_t changedNs = 0;
  bool operator==(const FileMark&) const = default;
};

/// A whole user file as read. `mark` belongs to `text`: the file did not change while it was read.
struct UserFileText {
  std::string text;
  FileMark mark;
};

inline constexpr std::uint64_t kMaxUserFile = 512ULL << 20;

/// Reads the user file after checking that it is a regular file that only its owner, root or we, writes and
/// only its group besides reads (mode 0640 at most). Denied when not, TooBig, NotFound, Io, Conflict when it
/// keeps changing.
Result<UserFileText> readUserFile(const std::string& path);

/// The directory in a file (see user_line.h). Looks at the file at most once a second and reads it anew when
/// it has changed; a file that cannot be read, or is empty as while somebody writes it in place, leaves the
/// last good state in force and is reported loudly.
class FileDirectory final : public Directory {
 public:
  FileDirectory(const Settings& settings, const Clock& clock);

  Result<Account> find(const LoginName& name) override;
  Result<Account> findByAddress(std::string_view address) override;
  Result<std::vector<Account>> people(std::string_view domain, std::string_view text,
                                      std::size_t most) override;
  Result<PasswordCheck> verify(const Account& account, const Secret& password) override;
  void verifyNobody(const Secret& password) override;
  std::uint64_t revision() override;

  /// How often verifyNobody() has hashed, for tests.
  [[nodiscard]] std::uint64_t hashesForNobody() const { return hashesForNobody_.load(); }

 private:
  struct State {
    std::shared_ptr<const UserTable> table;
    std::optional<FileMark> mark;
    std::uint64_t revision = 0;
    std::string trouble;  // what was reported last
  };

  std::shared_ptr<const UserTable> table();
  void reload();
  void report(const std::string& trouble);
  Result<Account> complete(const UserTable& table, Result<UserLine> user, std::string_view domain) const;

  const std::string path_;
  const std::string defaultDomain_;
  const std::string scheme_;
  const unsigned cost_;
  const Clock& clock_;
  Locked<State> state_;
  std::mutex reloading_;
  std::atomic<std::int64_t> nextLook_{0};  // steady milliseconds
  std::once_flag dummyOnce_;
  std::string dummyHash_;
  std::atomic<std::uint64_t> hashesForNobody_{0};
};

}  // namespace posthorn::auth
