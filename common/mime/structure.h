// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/mime/envelope.h"
#include "common/mime/outline.h"
#include "common/mime/parameters.h"

namespace posthorn::mime {

/// What the header of one entity says of its body. Octets of the header, unfolded, not decoded.
struct PartHead {
  std::optional<ContentType> type;  ///< nothing: none, or none that can be read
  std::optional<Bytes> id;
  std::optional<Bytes> description;
  std::optional<Bytes> encoding;
  std::optional<Bytes> md5;
  std::optional<Disposition> disposition;
  std::vector<Bytes> languages;
  std::optional<Bytes> location;
  bool digestChild = false;  ///< without Content-Type it is message/rfc822 (RFC 2046 5.1.5)
  Bytes envelope;  ///< wire ENVELOPE of a message: of [0] and of what is inside a Message part; else empty
  bool operator==(const PartHead&) const = default;
};

/// A message, understood. A value; `heads[i]` belongs to `outline[i]`.
struct Structure {
  Outline outline;
  std::vector<PartHead> heads;
  bool operator==(const Structure&) const = default;
};

/// Sees a message pass by while it is parsed. All calls come in the order of the octets, from feed() and
/// finish().
class PartSink {
 public:
  PartSink() = default;
  PartSink(const PartSink&) = delete;
  PartSink& operator=(const PartSink&) = delete;
  virtual ~PartSink() = default;

  /// One field of the header of part `part`; `value` as it stands behind the colon, folded, without its last
  /// line end, cut at kMaxField. Lines that are no field are left out.
  virtual void onField(std::size_t part, View name, View value) = 0;
  /// The header of `part` has ended; its body follows.
  virtual void onBodyStart(std::size_t part, const PartNode& node, const PartHead& head) = 0;
  /// Octets of the body of a Leaf, as stored, in pieces of any size.
  virtual void onBody(std::size_t part, View octets) = 0;
  virtual void onEnd(std::size_t part) = 0;
};

/// Takes a message in pieces of any size, in one pass and bounded memory (limits.h); what comes does not
/// depend on how the message is cut. One thread.
class MessageParser {
 public:
  /// `sink` may be null and must outlive finish().
  explicit MessageParser(PartSink* sink = nullptr);
  ~MessageParser();
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  void feed(View octets);
  /// The message has ended; nothing may be fed afterwards.
  [[nodiscard]] Structure finish();

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

/// The same for a message in memory.
Structure parseMessage(View message);

}  // namespace posthorn::mime
