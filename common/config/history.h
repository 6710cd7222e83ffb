// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/config/file.h"

namespace posthorn::config {

/// What is known of one kept configuration.
struct Version {
  std::uint64_t number = 0;  ///< from 1, never given twice
  std::string time;          ///< "2026-11-21T10:20:30Z"
  std::string by;            ///< who wrote it
  std::string remark;
};

/// The configurations that a file has had, as files `FILE.history/NUMBER`: one line about the version, then
/// its text octet by octet. They hold what the file holds, passwords too, so each has the mode and owner that
/// the file had. The folder is as open as the file was at the latest write. The latest kKept are kept. Not
/// for threads; the writing functions want the file's EditLock held.
class History {
 public:
  static constexpr std::size_t kKept = 50;

  /// Of the configuration at `file`; nothing is touched.
  explicit History(const std::string& file);

  /// Oldest first; empty when nothing was kept yet. Denied when this user may not look.
  [[nodiscard]] Result<std::vector<Version>> list() const;
  /// NotFound when it was never kept or is no longer.
  [[nodiscard]] Result<std::string> read(std::uint64_t number) const;

  /// Keeps `text` unless the latest version is the same already, on disk when it returns, and lets go of the
  /// oldest ones. Mode and owner come from `like`. `remark` is cut to one printable line. Returns the
  /// version's number.
  Result<std::uint64_t> keep(const EditLock& lock, const FileText& like, const std::string& text,
                             const std::string& remark, Wall now);

 private:
  struct Kept {
    Version version;
    std::string text;
  };
  [[nodiscard]] Result<std::vector<std::uint64_t>> numbers() const;
  [[nodiscard]] Result<Kept> load(std::uint64_t number) const;
  [[nodiscard]] std::string pathOf(std::uint64_t number) const;
  [[nodiscard]] Status makeFolder(const FileText& like) const;

  std::string folder_;
};

}  // namespace posthorn::config
