// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/imap/types/search.h"
#include "common/imap/types/sequence_set.h"

namespace posthorn::mshttpd::backend {

/// UIDs in any order as a set of ranges; never called without any.
imap::SequenceSet setOfUids(std::span<const std::uint32_t> uids);

/// A key that matches what one of them does, as flat as OR allows; what all of them do; what it does not.
/// anyOf() of nothing matches nothing, allOf() of nothing everything.
imap::SearchKey anyOf(std::vector<imap::SearchKey> keys);
imap::SearchKey allOf(std::vector<imap::SearchKey> keys);
imap::SearchKey notThat(imap::SearchKey key);
imap::SearchKey everything();
imap::SearchKey nothing();
/// Whether it is everything(), or with `value` false nothing().
bool isConstant(const imap::SearchKey& key, bool value);

}  // namespace posthorn::mshttpd::backend
