// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>

#include <sys/types.h>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/store/embedded/files.h"
#include "common/store/embedded/format.h"

namespace posthorn::store::embedded {

/// An account's directory: log/00000001.seg ..., index/data.mdb, index/lock.mdb. Everyone who has the account
/// open holds a shared flock on the directory itself; who replaces the index holds the exclusive one.
struct AccountDir {
  std::string path;  ///< absolute, or below the process's directory
  UniqueFd dir;      ///< carries the flock
  UniqueFd log;

  /// Which directory it is, whatever its path: nobody gets another one of the same identity while it is open.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    auto operator<=>(const Identity&) const = default;  // NOLINT(modernize-use-nullptr): the tool errs
  };
  static Result<Identity> identify(const std::string& path);
  [[nodiscard]] Result<Identity> identity() const;

  /// NotFound when there is no such account; Busy when the lock is not to be had within a few seconds.
  static Result<AccountDir> open(const std::string& path, LockMode mode);
  /// Whether the directory has been deleted while it was open.
  [[nodiscard]] bool gone() const;
  /// Exchanges the lock that is held. Busy as above; then no lock is held any more.
  Status relock(LockMode mode);

  [[nodiscard]] std::string indexPath() const { return path + "/index"; }
};

/// Makes an empty account, whole or not at all, durable; no error when another process was quicker.
Status createAccountDir(const std::string& root, const std::string& relative);

/// Takes the directory out of sight, so that nobody opens it any more, and opens it at its new place.
Result<AccountDir> moveAside(const std::string& root, const std::string& relative);

/// Deletes a directory that moveAside has named.
Status removeAside(const std::string& path);

/// Deletes what moveAside or a killed creator has left in `dir`, not below it, when nobody has it open.
Status sweepAside(const std::string& dir);

}  // namespace posthorn::store::embedded
