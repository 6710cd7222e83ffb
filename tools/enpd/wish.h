// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/events/event.h"

namespace posthorn::enpd {

/// How a subscriber reads events.
enum class Form : std::uint8_t {
  Json,  ///< one object a line, names of RFC 5423
  Text,  ///< event references with their parameters
};
inline constexpr std::size_t kForms = 2;

inline constexpr std::size_t kMaxReference = 4096;
inline constexpr std::size_t kMaxSegments = 64;

/// What subscribers get who name no types: all but StateChange, which comes with nearly every other one.
inline constexpr events::EventMask kUsualEvents =
    events::kAllEvents & ~maskOf(events::EventType::StateChange);

/// What one subscription asks for: an event reference, as a pattern.
///
///   enp://HOST[/SEGMENT...][?FILTER[&FILTER...]]
///
/// The reference holds the events whose key it is, and those whose key goes on behind it at a '/'. A segment
/// is literal (percent-encoded where needed) or one of %M %U %o %d and *, each of which holds any segment; at
/// the end they may as well be missing. Where an event's key does not say the mailbox, its name is taken to
/// follow it: enp://127.0.0.1/store/anna holds the events of anna's mailboxes under the key
/// enp://127.0.0.1/store, too. Filters narrow that: owner=, user= and mailboxName= hold one text each,
/// evtType= a list of types with commas.
struct Wish {
  std::string path;                   ///< decoded; without what any segment at the end would hold
  std::vector<std::string> segments;  ///< of `path` when it has one in the middle that any segment holds ("")
  std::string owner;                  ///< empty: any
  std::string user;
  std::string mailbox;
  events::EventMask types = kUsualEvents;
  Form form = Form::Json;

  [[nodiscard]] bool wild() const { return !segments.empty(); }
  /// What a second subscription with it replaces, and what UNSUBSCRIBE ends: all but types and form.
  [[nodiscard]] std::string name() const;
  bool operator==(const Wish&) const = default;
};

/// Invalid with a text for the client.
Result<Wish> parseWish(std::string_view reference);

/// "NewMsg,ReadMsg", or "*" for all there are; names of RFC 5423 do as well. Invalid: which one is unknown.
Result<events::EventMask> parseTypes(std::string_view text);

/// A reference taken apart: of an event that is published over the network.
struct Reference {
  std::string path;  ///< decoded
  struct Parameter {
    std::string name;
    std::string value;  ///< decoded
  };
  std::vector<Parameter> parameters;

  [[nodiscard]] const std::string* find(std::string_view name) const;
};
Result<Reference> parseReference(std::string_view text);

enum class Controls : std::uint8_t { Refused, Kept };
/// %XX as octets. Nothing when a % is not followed by two hexadecimal digits, or for a control character that
/// is refused.
std::optional<std::string> percentDecoded(std::string_view text, Controls controls = Controls::Refused);

}  // namespace posthorn::enpd
