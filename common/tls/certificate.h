// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/tls/context.h"
#include "common/tls/openssl_ptr.h"

namespace posthorn::tls {

/// A parsed Identity whose key belongs to its certificate.
struct Certificate {
  CertPtr leaf;
  std::vector<CertPtr> chain;
  KeyPtr key;
  std::vector<std::string> names;  ///< DNS names of subjectAltName, else the CN; lower case
};

/// Errc::Invalid names the certificate and says what is wrong with it.
Result<Certificate> parseCertificate(const Identity& identity);

/// Whether `host` (lower case) is `name` or fits its wildcard: "*." stands for exactly one label (RFC 6125
/// §6.4.3).
bool nameFits(std::string_view name, std::string_view host);

}  // namespace posthorn::tls
