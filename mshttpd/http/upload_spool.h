// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/locked.h"
#include "mshttpd/http/uploads.h"

namespace posthorn::mshttpd {

/// Uploads as files: http.spooldir/blobs/USER/NAME, where USER is a hash of the user and NAME the blob's id
/// with its media type behind it. What there is, is what the folders say: nothing else is kept, so that all
/// workers see the same and a restart loses nothing. A file's time is its modification time.
class UploadSpool final : public Uploads {
 public:
  struct Limits {
    std::uint64_t perUser = 100UL << 20;
    std::uint64_t whole = 10UL << 30;
    std::chrono::seconds ttl{86400};
    std::size_t files = 1000;  ///< of one user
  };

  /// Makes the folders. `clock` outlives this.
  static Result<std::unique_ptr<UploadSpool>> open(std::string folder, const Clock& clock);
  UploadSpool(std::string folder, const Clock& clock) : folder_(std::move(folder)), clock_(clock) {}

  void setLimits(const Limits& limits);
  /// Where bodies on their way are put: the same file system.
  [[nodiscard]] const std::string& folder() const { return folder_; }

  /// The user's oldest uploads give way to a new one. OverQuota: it alone is too large; NoSpace: all uploads
  /// together are, or the disk is full.
  Result<Blob> keep(const std::string& user, UniqueFd file, std::string type) override;
  Result<Blob> keep(const std::string& user, View content, std::string type) override;
  Result<Open> open(const std::string& user, const std::string& id) override;

  /// Removes what is too old; how many.
  Result<std::size_t> collect();

 private:
  struct Entry {
    std::string name;
    std::uint64_t octets = 0;
    Wall time;
  };
  [[nodiscard]] std::string folderOf(const std::string& user) const;
  [[nodiscard]] Limits limits() const;
  static std::vector<Entry> list(const std::string& folder);
  Status makeRoom(const std::string& folder, std::uint64_t octets, const Limits& limits);
  Result<std::uint64_t> used(bool anew);

  struct Sum {
    std::uint64_t octets = 0;
    Steady counted{};
    bool known = false;
  };

  const std::string folder_;
  const Clock& clock_;
  Locked<Limits> limits_;
  Locked<Sum> sum_;  // of all uploads; counted anew from time to time, as other workers keep some too
};

}  // namespace posthorn::mshttpd
