// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace posthorn::store {

/// Whether what lies at a partition's path is that partition, and not the folder that its volume should be
/// mounted on: there a user would silently get a second, empty account.
///
/// A partition bears a file with a random number; this host keeps the number in a record of its own. Where
/// there is no record yet the partition is new to the host: folder, marker and record are made as they are
/// missing. From then on the marker must be there and say the same. Any thread; processes may race.
class PartitionMarker {
 public:
  static constexpr const char* kFile = ".posthorn-partition";

  /// `records`: this host's folder of records, made when it is missing (the one above it must be there).
  PartitionMarker(std::string name, std::string path, std::string records, const Clock& clock);

  /// Unavailable, with a log line once a minute, when the partition is not the one it was.
  Status check();
  /// The operator's word that what lies there now is the partition: makes folder and marker when they
  /// are missing, and the record anew.
  Status accept();

 private:
  Status firstUse();
  Status compare();
  Result<std::string> marked();
  Status refuse(const std::string& why);
  [[nodiscard]] std::string recordFile() const { return records_ + "/" + name_; }

  const std::string name_;
  const std::string path_;
  const std::string records_;
  const Clock& clock_;
  std::mutex mutex_;
  std::string known_;  // the record, once read
  Steady quietUntil_{};
};

}  // namespace posthorn::store
