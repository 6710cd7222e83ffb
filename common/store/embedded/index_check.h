// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/store/embedded/index.h"

namespace posthorn::store::embedded {

/// Walks the pages of the index that `txn` sees by pread, so that a truncated or overwritten file is found
/// here and not by a signal inside LMDB. At most `pageLimit` pages, the upper levels first: small accounts
/// are checked whole at every open. Corrupt names the page.
Status checkIndexPages(const std::string& directory, Txn& txn, std::size_t pageLimit);

inline constexpr std::size_t kPagesAtOpen = 512;

}  // namespace posthorn::store::embedded
