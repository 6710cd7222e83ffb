// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/result.h"
#include "common/store/embedded/domain.h"

namespace posthorn::store::embedded {

/// Every account that this process has open, whichever Engine opened it: LMDB must not be opened twice in a
/// process. An account counts as open until its index is closed, not only until nobody asks for it. Any
/// thread.
class OpenAccounts {
 public:
  static OpenAccounts& instance();

  /// The domain of the directory at `path`, opened when it is not. NotFound as AccountDir::open.
  Result<std::shared_ptr<EmbeddedDomain>> acquire(const std::string& path);

  /// Runs `work` while no one in this process can have or get the directory open; Busy when someone has.
  Status exclusively(const std::string& path, const std::function<Status()>& work);

 private:
  using Identity = AccountDir::Identity;
  struct Slot {
    std::weak_ptr<EmbeddedDomain> domain;
  };
  std::shared_ptr<EmbeddedDomain> wrap(const Identity& identity, std::unique_ptr<EmbeddedDomain> domain);
  Status reserve(const Identity& identity);
  void release(const Identity& identity);

  std::mutex mutex_;
  std::condition_variable released_;
  std::map<Identity, Slot>
      slots_;  // under mutex_; a slot is there while the account is opening, open or closing
};

}  // namespace posthorn::store::embedded
