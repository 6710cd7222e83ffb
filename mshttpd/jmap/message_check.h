// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/imap/types/date.h"
#include "mshttpd/jmap/blob_file.h"

namespace posthorn::mshttpd::jmap {

/// What Email/import must know of a blob before it is appended.
struct ImportFacts {
  std::uint64_t octets = 0;                ///< with canonical lines: what is appended
  bool isMessage = false;                  ///< begins with a header field (RFC 5322 2.2)
  std::optional<imap::DateTime> received;  ///< of the most recent Received field
};
/// Reads the blob once. Job thread.
Result<ImportFacts> importFacts(const BlobFile& blob);

}  // namespace posthorn::mshttpd::jmap
