// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace posthorn {
/// Prints where and what to stderr, then aborts: the process is replaced, its siblings go on.
[[noreturn]] void assertFailed(const char* expression, const char* file, int line);
}  // namespace posthorn

/// An invariant, checked in release builds too. Expected failures are Results, never assertions.
#define PH_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::posthorn::assertFailed(#expression, __FILE__, __LINE__))
