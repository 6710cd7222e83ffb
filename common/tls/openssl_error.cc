// SPDX-License-Identifier: Apache-2.0
#include "common/tls/openssl_error.h"

#include <openssl/err.h>

namespace posthorn::tls {

std::string takeErrors(std::string_view fallback) {
  std::string text;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (!text.empty()) text += "; ";
    const char* reason = ERR_reason_error_string(code);
    text += reason != nullptr ? reason : "error " + std::to_string(code);
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0')
      text += std::string(" (") + data + ")";
  }
  return text.empty() ? std::string(fallback) : text;
}

}  // namespace posthorn::tls
