// SPDX-License-Identifier: Apache-2.0
#include "common/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace posthorn {

void assertFailed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "posthorn: assertion failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace posthorn
