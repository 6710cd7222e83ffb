// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/events/event.h"
#include "tools/enpd/wish.h"

// The lines that the event service says for itself (command.h), with their end.

namespace posthorn::enpd {

inline constexpr std::string_view kLineEnd = "\r\n";

struct Offer {
  std::string host;
  bool startTls = false;
  bool publish = false;
};
std::string hello(const Offer& offer);
std::string done(std::string_view command);
std::string done(std::string_view command, std::size_t count);
/// Of an error only what a client may see.
std::string failed(const Error& error);
std::string pong(std::string_view text);
std::string ping();
enum class LostWhere : std::uint8_t { Queue, Publisher };
std::string lost(std::uint64_t count, LostWhere where);
/// `again`: the client should come back.
std::string bye(std::string_view why, bool again);

/// A published reference as JSON, without the line's end: "event" by RFC 5423, the reference, then its
/// parameters as texts.
std::string jsonOf(std::string_view text, events::EventType type, const Reference& reference);

}  // namespace posthorn::enpd
