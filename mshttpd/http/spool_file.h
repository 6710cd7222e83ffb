// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::mshttpd::http {

/// The body of an upload on its way into a file without a name: what is not kept is gone with its last
/// descriptor. One job at a time.
class SpoolFile {
 public:
  explicit SpoolFile(std::string folder) : folder_(std::move(folder)) {}

  /// Opens at the first call. NoSpace, Io.
  Status append(View bytes);
  /// The file at its beginning; once, after the last append.
  Result<UniqueFd> take();
  [[nodiscard]] std::uint64_t octets() const { return octets_; }

 private:
  Status open();

  std::string folder_;
  UniqueFd fd_;
  std::uint64_t octets_ = 0;
};

}  // namespace posthorn::mshttpd::http
