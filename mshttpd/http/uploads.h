// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::mshttpd {

/// What a client has uploaded and no message holds yet (RFC 8620 6.1): files in http.spooldir, shared by all
/// workers, gone after their time, bounded for each user and in all. An id names its content and its user and
/// cannot be guessed. Any thread; every call blocks on files.
class Uploads {
 public:
  virtual ~Uploads() = default;

  struct Blob {
    std::string id;
    std::string type;  ///< media type as the client said
    std::uint64_t octets = 0;
  };

  /// Takes a finished file over: the body of an upload. OverQuota when the user has too much here, NoSpace.
  virtual Result<Blob> keep(const std::string& user, UniqueFd file, std::string type) = 0;
  /// The same from memory (Blob/upload, Email/import of a parsed part).
  virtual Result<Blob> keep(const std::string& user, View content, std::string type) = 0;

  struct Open {
    Blob blob;
    UniqueFd file;  ///< at its beginning, for reading
  };
  /// NotFound: never there, another user's, or its time is over. Its time begins anew.
  virtual Result<Open> open(const std::string& user, const std::string& id) = 0;
};

}  // namespace posthorn::mshttpd
