// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/bytes.h"

namespace posthorn::deliver::lmtp {

/// Reads the trace fields of a message that passes by, for the detection of loops (RFC 5321 §6.3): how many
/// Received there are, and which addresses Delivered-To names. The same for every way of cutting the text; in
/// bounded memory. One thread.
class TraceScan {
 public:
  void feed(View part);

  /// Received fields so far.
  [[nodiscard]] unsigned hops() const { return hops_; }
  /// True when a Delivered-To has this address, in any case.
  [[nodiscard]] bool deliveredTo(View address) const;

 private:
  void lineEnded();

  std::string line_;  // the beginning of the current line
  std::vector<std::string> delivered_;
  unsigned hops_ = 0;
  bool inBody_ = false;
};

}  // namespace posthorn::deliver::lmtp
