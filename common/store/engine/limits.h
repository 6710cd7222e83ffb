// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::store {

/// Counts what one run of a commit function has put into its batch; the same bounds for every engine.
class BatchLimits {
 public:
  Status put(View key, View value);
  Status erase(View key);
  Status eraseRange(View from, View to);
  /// After an eraseRange: it erased `rows` rows.
  Status erased(std::size_t rows);

 private:
  Status grow(std::size_t bytes);
  std::size_t bytes_ = 0;
  std::size_t erased_ = 0;
};

/// Invalid for an empty key, TooBig for one over kMaxKey.
Status checkKey(View key);

/// An account's name: 1 to 255 bytes without NUL; Invalid otherwise.
Status checkAccount(View account);

}  // namespace posthorn::store
