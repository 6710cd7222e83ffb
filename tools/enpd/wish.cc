// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/wish.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

namespace posthorn::enpd {
namespace {

constexpr std::string_view kScheme = "enp://";

Error bad(std::string_view why) {
  return makeError(Errc::Invalid, std::string(why));
}

int hexValue(char c) {
  if (ascii::isDigit(c)) return c - '0';
  const char low = ascii::lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool holdsAny(std::string_view segment) {
  return segment == "*" || segment == "%M" || segment == "%U" || segment == "%o" || segment == "%d";
}

/// What stands before and behind the first '?', without the scheme.
struct Halves {
  std::string_view path;
  std::string_view query;
};

Result<Halves> halvesOf(std::string_view text) {
  if (text.size() > kMaxReference) return bad("the event reference is longer than 4096 octets");
  if (!ascii::startsWith(text, kScheme)) return bad("an event reference begins with enp://");
  text.remove_prefix(kScheme.size());
  const std::size_t mark = std::min(text.find('?'), text.size());
  Halves halves{text.substr(0, mark), text.substr(std::min(mark + 1, text.size()))};
  while (!halves.path.empty() && halves.path.back() == '/') halves.path.remove_suffix(1);
  if (halves.path.empty() || halves.path.front() == '/')
    return bad("an event reference names a host behind enp://");
  return halves;
}

Result<Reference::Parameter> parameterOf(std::string_view text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos || sign == 0) return bad("a parameter is NAME=VALUE");
  const auto value = percentDecoded(text.substr(sign + 1));
  if (!value) return bad("a parameter's value has a % without two hexadecimal digits");
  return Reference::Parameter{std::string(text.substr(0, sign)), *value};
}

Result<std::vector<Reference::Parameter>> parametersOf(std::string_view query) {
  std::vector<Reference::Parameter> parameters;
  if (query.empty()) return parameters;
  for (const std::string_view piece : ascii::split(query, '&')) {
    PH_TRY(Reference::Parameter parameter, parameterOf(piece));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

/// The segments of a pattern, decoded; "" for one that any segment holds. Those at the end are dropped.
Result<std::vector<std::string>> segmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string_view piece : ascii::split(path, '/')) {
    if (segments.size() >= kMaxSegments) return bad("an event reference has at most 64 segments");
    if (piece.empty()) return bad("an event reference has an empty segment");
    if (holdsAny(piece)) {
      segments.emplace_back();
      continue;
    }
    auto decoded = percentDecoded(piece);
    if (!decoded) return bad("a segment has a % without two hexadecimal digits");
    segments.push_back(std::move(*decoded));
  }
  while (!segments.empty() && segments.back().empty()) segments.pop_back();
  if (segments.empty() || segments.front().empty())
    return bad("the host of an event reference is a name, not a pattern");
  return segments;
}

std::string joined(const std::vector<std::string>& segments) {
  std::string path(kScheme);
  for (std::size_t i = 0; i < segments.size(); ++i) path += (i == 0 ? "" : "/") + segments[i];
  return path;
}

Status takeFilter(Wish& wish, Reference::Parameter&& filter) {
  if (filter.value.empty()) return bad("a filter has no value");
  if (filter.name == "owner") {
    wish.owner = std::move(filter.value);
  } else if (filter.name == "user") {
    wish.user = std::move(filter.value);
  } else if (filter.name == "mailboxName") {
    wish.mailbox = std::move(filter.value);
  } else if (filter.name == "evtType") {
    PH_TRY(wish.types, parseTypes(filter.value));
  } else {
    return bad("the filters are owner=, user=, mailboxName= and evtType=");
  }
  return okStatus();
}

/// By the product's name or by that of RFC 5423, which some types share.
events::EventMask typesNamed(std::string_view name) {
  if (const auto type = events::eventTypeOf(name)) return events::maskOf(*type);
  events::EventMask mask = 0;
  for (unsigned number = 1; number < events::kEventTypes; ++number) {
    const auto type = static_cast<events::EventType>(number);
    for (const auto mode : {events::FlagMode::None, events::FlagMode::Add, events::FlagMode::Remove})
      if (ascii::equal(events::rfc5423Name(type, mode), name)) mask |= events::maskOf(type);
  }
  return mask;
}

}  // namespace

std::optional<std::string> percentDecoded(std::string_view text, Controls controls) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hexValue(text[i + 1]) < 0 || hexValue(text[i + 2]) < 0) return std::nullopt;
      c = static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
      i += 2;
    }
    if (controls == Controls::Refused && ascii::isControl(c)) return std::nullopt;
    out.push_back(c);
  }
  return out;
}

std::string Wish::name() const {
  std::string text = path;
  // No value holds a control character.
  for (const std::string* part : {&owner, &user, &mailbox}) text += "\n" + *part;
  for (const std::string& segment : segments) text += "\n" + segment;
  return text;
}

Result<events::EventMask> parseTypes(std::string_view text) {
  if (text == "*") return events::kAllEvents;
  events::EventMask mask = 0;
  for (const std::string_view name : ascii::split(text, ',')) {
    const events::EventMask types = typesNamed(name);
    if (types == 0) return bad("there is no event type '" + ascii::printable(name, 40) + "'");
    mask |= types;
  }
  return mask;
}

Result<Wish> parseWish(std::string_view reference) {
  PH_TRY(const Halves halves, halvesOf(reference));
  PH_TRY(std::vector<std::string> segments, segmentsOf(halves.path));
  Wish wish;
  wish.path = joined(segments);
  const bool wild = std::any_of(segments.begin(), segments.end(), [](const auto& s) { return s.empty(); });
  if (wild) wish.segments = std::move(segments);
  PH_TRY(std::vector<Reference::Parameter> filters, parametersOf(halves.query));
  for (Reference::Parameter& filter : filters) PH_CHECK(takeFilter(wish, std::move(filter)));
  return wish;
}

const std::string* Reference::find(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const Parameter& parameter) { return parameter.name == name; });
  return found == parameters.end() ? nullptr : &found->value;
}

Result<Reference> parseReference(std::string_view text) {
  PH_TRY(const Halves halves, halvesOf(text));
  const auto path = percentDecoded(halves.path);
  if (!path) return bad("the event reference has a % without two hexadecimal digits");
  if (!utf8::valid(*path)) return bad("the event reference is not UTF-8");
  Reference reference;
  reference.path = std::string(kScheme) + *path;
  PH_TRY(reference.parameters, parametersOf(halves.query));
  return reference;
}

}  // namespace posthorn::enpd
