// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/mime/address.h"

namespace posthorn::mime {

/// ENVELOPE of RFC 3501 7.4.2 as a value. Strings are octets of the header, unfolded, not decoded; nothing
/// where the field is absent, "" where it is there and empty. Sender and Reply-To are already filled in from
/// From.
struct Envelope {
  std::optional<Bytes> date;
  std::optional<Bytes> subject;
  std::vector<Address> from;
  std::vector<Address> sender;
  std::vector<Address> replyTo;
  std::vector<Address> to;
  std::vector<Address> cc;
  std::vector<Address> bcc;
  std::optional<Bytes> inReplyTo;
  std::optional<Bytes> messageId;
  bool operator==(const Envelope&) const = default;
};

/// Gathers an envelope from the fields of a header, in their order.
class EnvelopeBuilder {
 public:
  /// `value` as it stands behind the colon, folded or not; fields that do not belong to the envelope are
  /// ignored.
  void field(View name, View value);
  [[nodiscard]] Envelope take();

 private:
  Envelope envelope_;
};

/// "(date subject ...)", ready to send.
Bytes printEnvelope(const Envelope& envelope);

/// Reads what printEnvelope() made; Corrupt on anything else. Trusts nothing: bounds of limits.h.
Result<Envelope> parseEnvelope(View wire);

}  // namespace posthorn::mime
