// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {

/// Core/echo (RFC 8620 4): shows that the connection and the login work.
Answer coreEcho(Call&, const Json& args) {
  return args;
}

}  // namespace posthorn::mshttpd::jmap
