// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/header_property.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::size_t kMaxFieldName = 200;

struct Convenience {
  std::string_view property;
  std::string_view field;
  HeaderForm form;
};
constexpr Convenience kConvenience[] = {
    {"messageId", "Message-ID", HeaderForm::MessageIds},
    {"inReplyTo", "In-Reply-To", HeaderForm::MessageIds},
    {"references", "References", HeaderForm::MessageIds},
    {"sender", "Sender", HeaderForm::Addresses},
    {"from", "From", HeaderForm::Addresses},
    {"to", "To", HeaderForm::Addresses},
    {"cc", "Cc", HeaderForm::Addresses},
    {"bcc", "Bcc", HeaderForm::Addresses},
    {"replyTo", "Reply-To", HeaderForm::Addresses},
    {"subject", "Subject", HeaderForm::Text},
    {"sentAt", "Date", HeaderForm::Date},
};

constexpr std::pair<std::string_view, HeaderForm> kForms[] = {
    {"asRaw", HeaderForm::Raw},
    {"asText", HeaderForm::Text},
    {"asAddresses", HeaderForm::Addresses},
    {"asGroupedAddresses", HeaderForm::GroupedAddresses},
    {"asMessageIds", HeaderForm::MessageIds},
    {"asDate", HeaderForm::Date},
    {"asURLs", HeaderForm::Urls},
};

using Names = std::initializer_list<std::string_view>;

bool among(std::string_view field, Names names) {
  return std::any_of(names.begin(), names.end(),
                     [field](std::string_view name) { return ascii::equal(name, field); });
}

/// RFC 8621 4.1.2: which fields of RFC 5322 and RFC 2369 have a form; all others have every form.
bool formFits(std::string_view field, HeaderForm form) {
  const bool addresses =
      among(field, {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender",
                    "Resent-Reply-To", "Resent-To", "Resent-Cc", "Resent-Bcc"});
  const bool ids = among(field, {"Message-ID", "In-Reply-To", "References", "Resent-Message-ID"});
  const bool dates = among(field, {"Date", "Resent-Date"});
  const bool texts = among(field, {"Subject", "Comments", "Keywords", "List-Id"});
  const bool urls = among(
      field, {"List-Help", "List-Unsubscribe", "List-Subscribe", "List-Post", "List-Owner", "List-Archive"});
  const bool others = !among(field, {"Return-Path", "Received"});
  if (form == HeaderForm::Raw) return true;
  if (addresses) return form == HeaderForm::Addresses || form == HeaderForm::GroupedAddresses;
  if (ids) return form == HeaderForm::MessageIds;
  if (dates) return form == HeaderForm::Date;
  if (texts) return form == HeaderForm::Text;
  if (urls) return form == HeaderForm::Urls;
  return others;
}

Error invalid(std::string_view why) {
  return Error{Errc::Invalid, std::string(why), std::string(why)};
}

bool isFieldName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxFieldName &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F && c != ':'; });
}

}  // namespace

bool onlyOnce(std::string_view field) {
  return among(field, {"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To",
                       "References", "Subject", "MIME-Version"}) ||
         ascii::startsWith(field, "Content-");
}

Result<std::optional<HeaderProperty>> parseHeaderProperty(std::string_view property) {
  const auto* known = std::find_if(std::begin(kConvenience), std::end(kConvenience),
                                   [property](const Convenience& row) { return row.property == property; });
  if (known != std::end(kConvenience))
    return std::optional(HeaderProperty{std::string(known->field), known->form, false});
  constexpr std::string_view kPrefix = "header:";
  if (property.substr(0, kPrefix.size()) != kPrefix) return std::optional<HeaderProperty>();
  auto parts = ascii::split(property.substr(kPrefix.size()), ':');
  HeaderProperty out;
  out.field = parts.front();
  if (!isFieldName(out.field)) return invalid("names no header field");
  if (parts.size() > 1 && parts.back() == "all") {
    out.all = true;
    parts.pop_back();
  }
  if (parts.size() > 2) return invalid("is no header property");
  if (parts.size() == 2) {
    const auto* form = std::find_if(std::begin(kForms), std::end(kForms),
                                    [&](const auto& row) { return row.first == parts[1]; });
    if (form == std::end(kForms)) return invalid("is of no known form");
    out.form = form->second;
  }
  if (!formFits(out.field, out.form)) return invalid("is of a form that this field does not have");
  return std::optional(out);
}

}  // namespace posthorn::mshttpd::jmap
