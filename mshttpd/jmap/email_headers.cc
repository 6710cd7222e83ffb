// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/email_headers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/ascii.h"
#include "common/imap/types/date.h"
#include "common/mime/date.h"
#include "common/mime/header.h"
#include "common/mime/words.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/unicode_text.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMaxItems = 10'000;  // fields, ids or URLs that are shown

std::string shownText(View decoded) {
  return toNfc(withoutControls(decoded));
}

Json textForm(View value) {
  return shownText(mime::decodeHeader(value, mime::WordPlaces::Proper));
}

Json nameJson(const std::optional<Bytes>& name) {
  if (!name) return nullptr;
  std::string text = shownText(mime::decodeWords(*name, mime::WordPlaces::Proper));
  text = std::string(ascii::trim(text));
  return text.empty() ? Json(nullptr) : Json(std::move(text));
}

/// Half an address, as a draft may hold it, is its half.
std::string emailOf(const mime::Address& address) {
  const bool noHost = !address.host || *address.host == mime::kMissingHost;
  const bool noMailbox = !address.mailbox || *address.mailbox == mime::kMissingMailbox;
  if (noHost && noMailbox) return {};
  if (noHost) return wellFormed(*address.mailbox);
  if (noMailbox) return "@" + wellFormed(*address.host);
  return wellFormed(mime::spellAddress(address));
}

Json addressJson(const mime::Address& address) {
  Json out = Json::object();
  out["name"] = nameJson(address.name);
  out["email"] = emailOf(address);
  return out;
}

bool isNobody(const mime::Address& address) {
  return emailOf(address).empty() && !address.name;
}

Json groupJson(Json name) {
  Json out = Json::object();
  out["name"] = std::move(name);
  out["addresses"] = Json::array();
  return out;
}

Json groupsForm(View value) {
  std::vector<mime::Address> addresses;
  mime::parseAddresses(value, addresses);
  Json out = Json::array();
  enum class Last : std::uint8_t { None, Open, Plain } last = Last::None;
  for (const mime::Address& address : addresses) {
    if (address.groupStart()) {
      out.push_back(groupJson(nameJson(address.mailbox)));
      last = Last::Open;
    } else if (address.groupEnd()) {
      last = Last::None;
    } else if (!isNobody(address)) {
      if (last == Last::None) {
        out.push_back(groupJson(nullptr));
        last = Last::Plain;
      }
      out.back()["addresses"].push_back(addressJson(address));
    }
  }
  return out;
}

Json addressesForm(View value) {
  std::vector<mime::Address> addresses;
  mime::parseAddresses(value, addresses);
  return addressesJson(addresses);
}

/// What stands in angle brackets, without blanks; comments and quoted strings outside of them are passed
/// over.
std::vector<std::string> bracketed(View line) {
  std::vector<std::string> out;
  std::size_t comments = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < line.size() && out.size() < kMaxItems; ++at) {
    const char c = line[at];
    if (c == '\\') {
      ++at;
    } else if (quoted) {
      quoted = c != '"';
    } else if (c == '(') {
      ++comments;
    } else if (c == ')' && comments > 0) {
      --comments;
    } else if (comments > 0) {
      continue;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '<') {
      const std::size_t end = line.find('>', at);
      if (end == View::npos) break;
      std::string item(line.substr(at + 1, end - at - 1));
      std::erase_if(item, [](char one) { return one == ' ' || one == '\t'; });
      if (!item.empty()) out.push_back(wellFormed(item));
      at = end;
    }
  }
  return out;
}

Json bracketsForm(View value) {
  std::vector<std::string> items = bracketed(mime::unfold(value));
  return items.empty() ? Json(nullptr) : Json(std::move(items));
}

Json dateJson(const std::optional<mime::SentDate>& date) {
  constexpr std::int64_t kFirst = -62'167'219'200;  // the year 0
  constexpr std::int64_t kEnd = 253'402'300'800;    // the year 10000
  if (!date) return nullptr;
  const int zone = date->zoneMinutes;
  const std::int64_t local = date->seconds + zone * std::int64_t{60};
  if (local < kFirst || local >= kEnd) return nullptr;
  std::string out = printUtcDate(local);
  if (zone == 0) return out;
  const auto two = [](int number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); };
  const int ahead = zone < 0 ? -zone : zone;
  out.back() = zone < 0 ? '-' : '+';
  return out + two(ahead / 60) + ":" + two(ahead % 60);
}

std::vector<mime::Address> addressesOf(const imap::Value& list) {
  std::vector<mime::Address> out;
  const auto text = [](const imap::Value& value) {
    return value.kind == imap::Value::Kind::Text ? std::optional<Bytes>(value.text) : std::nullopt;
  };
  for (const imap::Value& item : list.items) {
    if (item.items.size() != 4) continue;
    out.push_back({text(item.items[0]), text(item.items[1]), text(item.items[2]), text(item.items[3])});
  }
  return out;
}

/// Where ENVELOPE has what a property tells (RFC 3501 7.4.2).
struct EnvelopeField {
  std::string_view property;
  std::size_t index;
  HeaderForm form;
};
constexpr EnvelopeField kEnvelope[] = {
    {"sentAt", 0, HeaderForm::Date},          {"subject", 1, HeaderForm::Text},
    {"from", 2, HeaderForm::Addresses},       {"to", 5, HeaderForm::Addresses},
    {"cc", 6, HeaderForm::Addresses},         {"bcc", 7, HeaderForm::Addresses},
    {"inReplyTo", 8, HeaderForm::MessageIds}, {"messageId", 9, HeaderForm::MessageIds},
};

const EnvelopeField* envelopeField(std::string_view property) {
  const auto* found = std::find_if(std::begin(kEnvelope), std::end(kEnvelope),
                                   [&](const EnvelopeField& row) { return row.property == property; });
  return found != std::end(kEnvelope) ? found : nullptr;
}

}  // namespace

Json addressesJson(const std::vector<mime::Address>& addresses) {
  Json out = Json::array();
  for (const mime::Address& address : addresses) {
    if (!address.groupStart() && !address.groupEnd() && !isNobody(address))
      out.push_back(addressJson(address));
  }
  return out;
}

Json headerForm(View value, HeaderForm form) {
  switch (form) {
    case HeaderForm::Raw:
      return wellFormed(value);
    case HeaderForm::Text:
      return textForm(value);
    case HeaderForm::Addresses:
      return addressesForm(value);
    case HeaderForm::GroupedAddresses:
      return groupsForm(value);
    case HeaderForm::MessageIds:
    case HeaderForm::Urls:
      return bracketsForm(value);
    case HeaderForm::Date:
      return dateJson(mime::parseDate(value));
  }
  return nullptr;
}

Json headerProperty(View header, const HeaderProperty& property) {
  Json all = Json::array();
  std::optional<View> last;
  for (const mime::Field& field : mime::headerFields(header)) {
    if (!ascii::equal(field.name, property.field)) continue;
    last = field.value;
    if (property.all && all.size() < kMaxItems) all.push_back(headerForm(field.value, property.form));
  }
  if (property.all) return all;
  return last ? headerForm(*last, property.form) : Json(nullptr);
}

Json allHeaders(View header) {
  Json out = Json::array();
  for (const mime::Field& field : mime::headerFields(header)) {
    if (out.size() >= kMaxItems) break;
    Json one = Json::object();
    one["name"] = wellFormed(field.name);
    one["value"] = wellFormed(field.value);
    out.push_back(std::move(one));
  }
  return out;
}

bool envelopeHas(std::string_view property) {
  return envelopeField(property) != nullptr;
}

Json envelopeProperty(const imap::Value& envelope, std::string_view property) {
  const EnvelopeField* field = envelopeField(property);
  if (field == nullptr || field->index >= envelope.items.size()) return nullptr;
  const imap::Value& value = envelope.items[field->index];
  if (value.kind == imap::Value::Kind::Nil) return nullptr;
  if (field->form == HeaderForm::Addresses) return addressesJson(addressesOf(value));
  return headerForm(value.text, field->form);
}

}  // namespace posthorn::mshttpd::jmap
