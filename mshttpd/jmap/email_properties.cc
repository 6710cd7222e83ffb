// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/email_properties.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "common/base/ascii.h"
#include "common/imap/parse/limits.h"
#include "mshttpd/jmap/email_headers.h"
#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {
namespace {

using Kind = imap::FetchAttribute::Kind;

constexpr std::size_t kMaxProperties = 256;

constexpr std::string_view kPlain[] = {"id",          "blobId",        "threadId",   "mailboxIds",
                                       "keywords",    "size",          "receivedAt", "headers",
                                       "bodyValues",  "bodyStructure", "textBody",   "htmlBody",
                                       "attachments", "hasAttachment", "preview"};
constexpr std::string_view kOfParts[] = {"partId", "blobId",   "size",     "headers",
                                         "name",   "type",     "charset",  "disposition",
                                         "cid",    "language", "location", "subParts"};

constexpr std::string_view kGetDefault[] = {
    "id",        "blobId",    "threadId",   "mailboxIds", "keywords",      "size",    "receivedAt",
    "messageId", "inReplyTo", "references", "sender",     "from",          "to",      "cc",
    "bcc",       "replyTo",   "subject",    "sentAt",     "hasAttachment", "preview", "bodyValues",
    "textBody",  "htmlBody",  "attachments"};
/// Email/parse has all but the first seven.
constexpr std::size_t kMetadata = 7;
constexpr std::string_view kPartDefault[] = {"partId",  "blobId",      "size", "name",     "type",
                                             "charset", "disposition", "cid",  "language", "location"};

using Names = std::span<const std::string_view>;

bool among(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<WantedProperty> readProperty(const std::string& name, Names plain, bool conveniences) {
  if (among(plain, name)) return WantedProperty{name, std::nullopt};
  if (!conveniences && !name.starts_with("header:"))
    return invalidArgument("bodyProperties", "has no " + name.substr(0, 255));
  PH_TRY(auto header, parseHeaderProperty(name));
  if (!header) return invalidArgument("properties", "has no " + name.substr(0, 255));
  return WantedProperty{name, std::move(header)};
}

Result<std::vector<WantedProperty>> readList(const std::optional<std::vector<std::string>>& asked,
                                             const char* argument, Names fallback, Names plain,
                                             bool conveniences) {
  std::vector<WantedProperty> out;
  std::set<std::string> seen;
  if (asked && asked->size() > kMaxProperties) return invalidArgument(argument, "names too many properties");
  std::vector<std::string> names(fallback.begin(), fallback.end());
  if (asked) names = *asked;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) continue;
    PH_TRY(WantedProperty property, readProperty(name, plain, conveniences));
    out.push_back(std::move(property));
  }
  return out;
}

bool has(const std::vector<WantedProperty>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(),
                     [&](const WantedProperty& property) { return property.name == name; });
}

imap::FetchAttribute item(Kind kind) {
  imap::FetchAttribute out;
  out.kind = kind;
  out.peek = kind == Kind::BodySection;
  return out;
}

/// The fields that are asked for, in one section; the whole header where they are too many for one.
imap::FetchAttribute headerItem(const EmailProperties& wanted) {
  imap::FetchAttribute out = item(Kind::BodySection);
  out.section.text = imap::Section::Text::Header;
  std::set<std::string> fields;
  for (const WantedProperty& property : wanted.properties) {
    if (property.header) fields.insert(ascii::toLower(property.header->field));
  }
  const auto atom = [](const std::string& field) {
    return std::all_of(field.begin(), field.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || ascii::isDigit(c) || c == '-' || c == '_';
    });
  };
  const bool whole = wanted.wants("headers") || fields.size() > imap::kMaxHeaderFields / 2 ||
                     !std::all_of(fields.begin(), fields.end(), atom);
  if (whole) return out;
  out.section.text = imap::Section::Text::HeaderFields;
  out.section.fields.assign(fields.begin(), fields.end());
  return out;
}

}  // namespace

bool EmailProperties::wants(std::string_view name) const {
  return has(properties, name);
}

bool EmailProperties::wantsOfParts(std::string_view name) const {
  return has(ofParts, name);
}

bool EmailProperties::partHeaders() const {
  return wantsOfParts("headers") || std::any_of(ofParts.begin(), ofParts.end(), [](const auto& property) {
           return property.header.has_value();
         });
}

bool EmailProperties::structure() const {
  return wants("bodyStructure") || wants("textBody") || wants("htmlBody") || wants("attachments") ||
         wants("hasAttachment") || wants("bodyValues");
}

bool EmailProperties::envelopeIsEnough() const {
  return !wants("headers") && std::all_of(properties.begin(), properties.end(), [](const auto& property) {
    return !property.header || envelopeHas(property.name);
  });
}

Result<EmailProperties> readEmailProperties(const Json& args, EmailMethod method) {
  EmailProperties out;
  Names fallback(kGetDefault);
  if (method == EmailMethod::Parse) fallback = fallback.subspan(kMetadata);
  PH_TRY(const auto properties, stringsArgument(args, "properties"));
  PH_TRY(const auto ofParts, stringsArgument(args, "bodyProperties"));
  PH_TRY(out.properties, readList(properties, "properties", fallback, kPlain, true));
  PH_TRY(out.ofParts, readList(ofParts, "bodyProperties", kPartDefault, kOfParts, false));
  out.wholeTree = !ofParts;
  PH_TRY(out.textValues, boolArgument(args, "fetchTextBodyValues", false));
  PH_TRY(out.htmlValues, boolArgument(args, "fetchHTMLBodyValues", false));
  PH_TRY(out.allValues, boolArgument(args, "fetchAllBodyValues", false));
  PH_TRY(const auto most, unsignedArgument(args, "maxBodyValueBytes"));
  out.maxValue = most.value_or(0);
  return out;
}

std::vector<imap::FetchAttribute> attributesFor(const EmailProperties& wanted) {
  std::vector<imap::FetchAttribute> out;
  const bool fields = wanted.wants("headers") ||
                      std::any_of(wanted.properties.begin(), wanted.properties.end(),
                                  [](const WantedProperty& property) { return property.header.has_value(); });
  if (fields) out.push_back(wanted.envelopeIsEnough() ? item(Kind::Envelope) : headerItem(wanted));
  if (wanted.structure()) out.push_back(item(Kind::BodyStructure));
  if (wanted.wants("preview")) out.push_back(item(Kind::Preview));
  return out;
}

}  // namespace posthorn::mshttpd::jmap
