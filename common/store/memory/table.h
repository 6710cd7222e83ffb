// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::memory {

using Rows = std::map<std::string, std::string, std::less<>>;

/// What a batch has changed and not yet committed: a value, or nothing for an erased row.
using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

/// One committed state of a domain. Immutable while anybody shares it.
struct State {
  std::uint64_t version = 0;
  Rows rows;
};

/// Rows of `rows` as `changes` leave them, in key order, until `row` says false.
void scanMerged(const Rows& rows, const Changes& changes, View from, View to,
                const std::function<bool(View, View)>& row);

/// One attached or staged blob.
struct Blob {
  std::string bytes;
  bool released = false;
};

}  // namespace posthorn::store::memory
