// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/base/bytes.h"
#include "common/mime/envelope.h"
#include "common/mime/structure.h"

namespace posthorn::mime {

/// Gathers a PartHead from the fields of one header. Of fields that may stand once the first counts (as most
/// servers do). For this room only.
class HeadBuilder {
 public:
  /// `message`: the entity is a message and has an envelope; `digestChild`: it is a part of a
  /// multipart/digest.
  void start(bool message, bool digestChild);
  void field(View name, View value);

  struct Built {
    PartHead head;
    Bytes boundary;  ///< of a multipart that has one
  };
  /// Fills in what belongs to the node: kind, encoding and the like. Text of more than `room` octets is not
  /// kept: the entity is then shown with the defaults.
  Built take(PartNode& node, std::size_t room);

 private:
  PartHead head_;
  EnvelopeBuilder envelope_;
  bool message_ = false;
  bool typeSeen_ = false;
};

/// Octets of text that `head` holds.
std::size_t keptText(const PartHead& head);

}  // namespace posthorn::mime
