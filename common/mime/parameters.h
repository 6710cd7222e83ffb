// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// A parameter as BODYSTRUCTURE shows it. Continuations (RFC 2231 3) are joined; a value with charset and
/// percent octets keeps both and its name ends with `*`.
struct Parameter {
  Bytes name;
  Bytes value;
  bool operator==(const Parameter&) const = default;
};
using Parameters = std::vector<Parameter>;

/// The value of parameter `name` in UTF-8: RFC 2231 decoded, else encoded words decoded as many senders write
/// them.
std::optional<Bytes> decodedParameter(const Parameters& parameters, View name);

/// The value of a parameter as it stands; nothing when there is none of this name (in any case).
std::optional<View> rawParameter(const Parameters& parameters, View name);

/// Content-Type. Nothing when the value does not begin with type/subtype: RFC 2045 5.2's default holds then.
struct ContentType {
  Bytes type;
  Bytes subtype;
  Parameters parameters;
  [[nodiscard]] bool is(View wantedType, View wantedSubtype = {}) const;
  bool operator==(const ContentType&) const = default;
};
std::optional<ContentType> parseContentType(View value);

/// Content-Disposition (RFC 2183); nothing when it has no type.
struct Disposition {
  Bytes type;
  Parameters parameters;
  bool operator==(const Disposition&) const = default;
};
std::optional<Disposition> parseDisposition(View value);

/// The tags of Content-Language (RFC 3282).
std::vector<Bytes> parseLanguages(View value);

/// Content-Transfer-Encoding as written, without comments; nothing when there is no token.
std::optional<Bytes> parseEncodingName(View value);

}  // namespace posthorn::mime
