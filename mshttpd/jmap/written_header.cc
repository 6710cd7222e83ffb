// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/written_header.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/mime/encode.h"
#include "common/mime/header.h"
#include "mshttpd/jmap/address_text.h"
#include "mshttpd/jmap/dates.h"

namespace posthorn::mshttpd::jmap {

namespace {

/// Addresses, ids or URLs of one field.
constexpr std::size_t kMaxItems = 10'000;

Error invalid(std::string_view why) {
  return Error{Errc::Invalid, std::string(why), std::string(why)};
}

Result<std::string> writeRaw(const Json& value) {
  if (!value.is_string()) return invalid("must be a string");
  const auto& text = value.get_ref<const std::string&>();
  // Folded lines may come; anything else that ends a line would begin a field of its own.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet >= 0x80) return invalid("must be ASCII in its raw form; asText is encoded by the server");
    const bool fold =
        text.compare(i, 2, "\r\n") == 0 && i + 2 < text.size() && (text[i + 2] == ' ' || text[i + 2] == '\t');
    if (fold) {
      ++i;
      continue;
    }
    if (ascii::isControl(text[i]) && text[i] != '\t')
      return invalid("must not hold line ends or control characters");
  }
  const Bytes line = mime::unfold(text);
  const auto words = ascii::words(line);
  if (std::any_of(words.begin(), words.end(),
                  [](View word) { return word.size() > mime::kLongestLine - 100; }))
    return invalid("has a word too long for a line");
  return line;
}

Result<std::string> writeText(const Json& value) {
  if (!value.is_string()) return invalid("must be a string");
  const auto& text = value.get_ref<const std::string&>();
  if (!isLineText(text)) return invalid("must not hold line ends or control characters");
  return mime::encodeText(text);
}

Result<std::string> writeAddress(const Json& value) {
  if (!value.is_object()) return invalid("must be a list of addresses");
  for (const auto& [key, unused] : value.items())
    if (key != "name" && key != "email") return invalid("an address has no \"" + key.substr(0, 50) + "\"");
  const auto email = value.find("email");
  if (email == value.end() || !email->is_string()) return invalid("an address needs an email");
  PH_TRY(const std::string spelled, spellForHeader(email->get_ref<const std::string&>()));
  const auto name = value.find("name");
  if (name == value.end() || name->is_null()) return spelled;
  if (!name->is_string() || !isLineText(name->get_ref<const std::string&>()))
    return invalid("a name must be one line of text");
  const auto& words = name->get_ref<const std::string&>();
  return words.empty() ? spelled : mime::encodePhrase(words) + " <" + spelled + ">";
}

template <typename Write>
Result<std::string> writeList(const Json& value, std::string_view separator, Write write) {
  if (!value.is_array()) return invalid("must be a list");
  if (value.size() > kMaxItems) return invalid("has too many items");
  std::string out;
  for (const Json& item : value) {
    PH_TRY(const std::string one, write(item));
    if (one.empty()) continue;
    if (!out.empty()) out.append(separator);
    out.append(one);
  }
  return out;
}

Result<std::string> writeGroup(const Json& value) {
  if (!value.is_object() || !value.contains("addresses")) return invalid("must be a list of groups");
  PH_TRY(const std::string members, writeAddresses(value["addresses"]));
  const auto name = value.find("name");
  if (name == value.end() || name->is_null()) return members;
  if (!name->is_string() || name->get_ref<const std::string&>().empty() ||
      !isLineText(name->get_ref<const std::string&>()))
    return invalid("a group's name must be one line of text");
  return mime::encodePhrase(name->get_ref<const std::string&>()) + ": " + members + ";";
}

Result<std::string> writeBracketed(const Json& item, std::string_view what) {
  if (!item.is_string() || !isWord(item.get_ref<const std::string&>()))
    return invalid("must be a list of " + std::string(what) + " in ASCII without blanks and angle brackets");
  return "<" + item.get<std::string>() + ">";
}

Result<std::string> writeDate(const Json& value) {
  const std::optional<mime::SentDate> date =
      value.is_string() ? parseJsonDate(value.get<std::string>()) : std::nullopt;
  if (!date) return invalid("must be a date as \"2014-10-30T14:12:00+08:00\"");
  return mime::printDate(*date);
}

Result<std::string> writeValue(HeaderForm form, const Json& value) {
  switch (form) {
    case HeaderForm::Raw:
      return writeRaw(value);
    case HeaderForm::Text:
      return writeText(value);
    case HeaderForm::Addresses:
      return writeAddresses(value);
    case HeaderForm::GroupedAddresses:
      return writeList(value, ", ", writeGroup);
    case HeaderForm::MessageIds:
      return writeList(value, " ", [](const Json& item) { return writeBracketed(item, "message ids"); });
    case HeaderForm::Date:
      return writeDate(value);
    case HeaderForm::Urls:
      return writeList(value, ", ", [](const Json& item) { return writeBracketed(item, "URLs"); });
  }
  return invalid("is of no known form");
}

}  // namespace

bool isLineText(std::string_view text) {
  return utf8::valid(text) && std::none_of(text.begin(), text.end(), ascii::isControl);
}

bool isWord(std::string_view text) {
  return !text.empty() && text.size() <= mime::kLongestLine - 100 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7F && c != '<' && c != '>'; });
}

Result<std::string> writeAddresses(const Json& value) {
  return writeList(value, ", ", writeAddress);
}

Result<std::string> writeFields(const HeaderProperty& property, const Json& value) {
  if (!property.all) {
    PH_TRY(const std::string text, writeValue(property.form, value));
    return text.empty() && property.form != HeaderForm::Text && property.form != HeaderForm::Raw
               ? std::string()
               : mime::foldField(property.field, text);
  }
  if (!value.is_array()) return invalid("must be a list of values");
  if (value.size() > 1 && onlyOnce(property.field)) return invalid("may stand in a message only once");
  if (value.size() > kMaxItems) return invalid("has too many values");
  std::string out;
  for (const Json& item : value) {
    PH_TRY(const std::string text, writeValue(property.form, item));
    out.append(mime::foldField(property.field, text));
  }
  return out;
}

void Problems::add(std::string_view property, std::string_view why) {
  if (std::find(properties_.begin(), properties_.end(), property) == properties_.end())
    properties_.emplace_back(property);
  if (why_.size() > 2000) return;
  why_.append(why_.empty() ? "" : "; ").append(property).append(" ").append(why);
}

void Problems::blobNotFound(const std::string& id) {
  if (std::find(missing_.begin(), missing_.end(), id) == missing_.end()) missing_.push_back(id);
}

void Problems::fail(const Error& error) {
  if (failed_.is_null()) failed_ = setErrorOf(error);
}

Json Problems::setError() const {
  if (!failed_.is_null()) return failed_;
  if (!properties_.empty()) return jmap::setError("invalidProperties", why_, properties_);
  Json out = jmap::setError("blobNotFound", "These blobs are not there, or not any more.");
  out["notFound"] = missing_;
  return out;
}

bool HeaderWriter::take(const std::string& property, const Json& value, Problems& problems,
                        std::string_view as) {
  const std::string_view name = as.empty() ? std::string_view(property) : as;
  const auto parsed = parseHeaderProperty(property);
  if (!parsed.ok()) {
    problems.add(name, parsed.error().client);
    return true;
  }
  if (!parsed->has_value()) return false;
  if (find((**parsed).field) != nullptr) {
    problems.add(name, "sets " + (**parsed).field + " a second time");
    return true;
  }
  const Result<std::string> text =
      value.is_null() ? Result<std::string>(std::string()) : writeFields(**parsed, value);
  if (text.ok())
    fields_.push_back({ascii::toLower((**parsed).field), *text});
  else
    problems.add(name, text.error().client);
  return true;
}

const HeaderWriter::Written* HeaderWriter::find(std::string_view field) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [field](const Written& one) { return ascii::equal(one.name, field); });
  return found != fields_.end() ? &*found : nullptr;
}

bool HeaderWriter::has(std::string_view field) const {
  const Written* found = find(field);
  return found != nullptr && !found->text.empty();
}

std::vector<std::string> HeaderWriter::names() const {
  std::vector<std::string> out;
  out.reserve(fields_.size());
  for (const Written& one : fields_) out.push_back(one.name);
  return out;
}

std::optional<std::string> HeaderWriter::remove(std::string_view field) {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [field](const Written& one) { return ascii::equal(one.name, field); });
  if (found == fields_.end() || found->text.empty()) return std::nullopt;
  const std::string value = mime::unfold(View(found->text).substr(field.size() + 1));
  found->text.clear();
  return value;
}

std::string HeaderWriter::text() const {
  std::string out;
  for (const Written& one : fields_) out.append(one.text);
  return out;
}

}  // namespace posthorn::mshttpd::jmap
