// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/imap/types/fetch.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/jmap/written_header.h"

// What a client wants to know of Emails, and which FETCH items tell it. Pure.

namespace posthorn::mshttpd::jmap {

/// A property as the client spelled it; `header` when it names fields.
struct WantedProperty {
  std::string name;
  std::optional<HeaderProperty> header;
};

/// The arguments that Email/get and Email/parse share (RFC 8621 4.2, 4.9).
struct EmailProperties {
  std::vector<WantedProperty> properties;
  std::vector<WantedProperty> ofParts;  ///< bodyProperties
  bool wholeTree = false;               ///< bodyStructure shows subParts although nobody named them
  bool textValues = false;
  bool htmlValues = false;
  bool allValues = false;
  std::uint64_t maxValue = 0;  ///< octets of one value; 0: no bound of the client's

  [[nodiscard]] bool wants(std::string_view name) const;
  [[nodiscard]] bool wantsOfParts(std::string_view name) const;
  /// Headers of parts are shown, as a whole or by field.
  [[nodiscard]] bool partHeaders() const;
  /// BODYSTRUCTURE is needed.
  [[nodiscard]] bool structure() const;
  /// ENVELOPE answers all properties that name fields.
  [[nodiscard]] bool envelopeIsEnough() const;
};

enum class EmailMethod : std::uint8_t { Get, Parse };

/// Invalid, with a text for the client: an unknown property, a form that the field may not have, a wrong
/// type, more properties than are answered at once.
Result<EmailProperties> readEmailProperties(const Json& args, EmailMethod method);

/// The items of one FETCH that tell all but what a part's number is needed for. What the index of the store
/// keeps is taken from there: a list of messages opens none of them.
std::vector<imap::FetchAttribute> attributesFor(const EmailProperties& wanted);

}  // namespace posthorn::mshttpd::jmap
