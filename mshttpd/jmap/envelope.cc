// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/envelope.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/ascii.h"
#include "common/mime/encode.h"
#include "mshttpd/jmap/address_text.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

/// RFC 3461 4: what xtext cannot hold becomes "+XX".
std::string xtext(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7F && c != '+' && c != '=')
      out.push_back(c);
    else
      out.append({'+', kHex[octet >> 4U], kHex[octet & 15U]});
  }
  return out;
}

std::string undoXtext(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool mark = text[i] == '+' && i + 2 < text.size();
    const std::size_t high = mark ? kHex.find(text[i + 1]) : std::string_view::npos;
    const std::size_t low = mark ? kHex.find(text[i + 2]) : std::string_view::npos;
    const bool escape = high != std::string_view::npos && low != std::string_view::npos;
    out.push_back(escape ? static_cast<char>(high * 16 + low) : text[i]);
    if (escape) i += 2;
  }
  return out;
}

/// The parameters of DSN; for the sender RET and ENVID, for a recipient NOTIFY and ORCPT (RFC 3461 4).
/// Nothing where one is another or has a value that it may not have.
std::optional<std::vector<std::string>> parametersOf(const Json& object, bool sender) {
  std::vector<std::string> out;
  const auto given = object.find("parameters");
  if (given == object.end() || given->is_null()) return out;
  if (!given->is_object()) return std::nullopt;
  for (const auto& [name, value] : given->items()) {
    const std::string key = ascii::toUpper(name);
    if (!value.is_string() || value.get_ref<const std::string&>().size() > 500) return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    const std::string upper = ascii::toUpper(text);
    const auto words = ascii::split(upper, ',');
    const bool notify =
        upper == "NEVER" || std::all_of(words.begin(), words.end(), [](std::string_view word) {
          return word == "SUCCESS" || word == "FAILURE" || word == "DELAY";
        });
    const std::size_t semicolon = text.find(';');
    const bool ret = sender && key == "RET" && (upper == "FULL" || upper == "HDRS");
    const bool orcpt = !sender && key == "ORCPT" && semicolon != std::string::npos &&
                       mime::isDotAtom(text.substr(0, semicolon));
    if (ret || (!sender && key == "NOTIFY" && notify))
      out.push_back(std::string(key).append("=").append(upper));
    else if (sender && key == "ENVID" && text.size() <= 100)
      out.push_back("ENVID=" + xtext(text));
    else if (orcpt)
      out.push_back("ORCPT=" + text.substr(0, semicolon + 1) +
                    xtext(std::string_view(text).substr(semicolon + 1)));
    else
      return std::nullopt;
  }
  return out;
}

Json badEnvelope(std::string_view why) {
  return setError("invalidProperties", why, {"envelope"});
}

/// What a client has written.
std::variant<Envelope, Json> parseEnvelope(const Json& envelope) {
  const auto from = envelope.find("mailFrom");
  const auto to = envelope.find("rcptTo");
  for (const auto& [key, value] : envelope.items())
    if (key != "mailFrom" && key != "rcptTo") return badEnvelope("An envelope has a mailFrom and a rcptTo.");
  const auto isAddress = [](const Json& one) {
    return one.is_object() && one.contains("email") && one.at("email").is_string() &&
           std::all_of(one.items().begin(), one.items().end(),
                       [](const auto& item) { return item.key() == "email" || item.key() == "parameters"; });
  };
  if (from == envelope.end() || !isAddress(*from)) return badEnvelope("mailFrom must be an address.");
  if (to == envelope.end() || !to->is_array() || !std::all_of(to->begin(), to->end(), isAddress))
    return badEnvelope("rcptTo must be a list of addresses.");
  Envelope out;
  const std::string sender = from->at("email").get<std::string>();
  const Result<std::string> spelled =
      sender.empty() ? Result<std::string>(std::string()) : spellForEnvelope(sender);
  const auto senderParameters = parametersOf(*from, true);
  if (!spelled.ok()) return setError("forbiddenMailFrom", spelled.error().client);
  if (!senderParameters) return badEnvelope("mailFrom has a parameter that this server does not take.");
  out.from = *spelled;
  out.fromParameters = *senderParameters;
  std::vector<std::string> invalid;
  std::set<std::string> seen;
  for (const Json& one : *to) {
    const auto& email = one.at("email").get_ref<const std::string&>();
    const Result<std::string> address = spellForEnvelope(email);
    const auto parameters = parametersOf(one, false);
    if (!parameters) return badEnvelope("rcptTo has a parameter that this server does not take.");
    if (!address.ok())
      invalid.push_back(email.substr(0, 255));
    else if (seen.insert(ascii::toLower(*address)).second)
      out.to.push_back({*address, *parameters});
  }
  if (invalid.empty()) return out;
  Json error = setError("invalidRecipients", "These are no addresses that mail can be sent to.");
  error["invalidRecipients"] = invalid;
  return error;
}

}  // namespace

std::variant<Envelope, Json> envelopeOf(const Json& envelope, const OutgoingHeader& header,
                                        const Caller& caller, const std::string& identityEmail) {
  Envelope out;
  if (!envelope.is_null()) {
    if (!envelope.is_object()) return badEnvelope("The envelope must be an object.");
    auto parsed = parseEnvelope(envelope);
    if (std::holds_alternative<Json>(parsed)) return parsed;
    out = std::get<Envelope>(std::move(parsed));
  } else {
    const std::vector<std::string>& senders = header.sender.empty() ? header.from : header.sender;
    const bool allowed =
        !senders.empty() && std::any_of(caller.addresses.begin(), caller.addresses.end(),
                                        [&](const auto& own) { return sameAddress(own, senders.front()); });
    out.from = allowed ? senders.front() : spellForEnvelope(identityEmail).valueOr("");
    for (const std::string& address : header.recipients) out.to.push_back({address, {}});
  }
  if (out.to.empty()) return setError("noRecipients", "The message goes to nobody.");
  if (out.to.size() <= kMaxRecipients) return out;
  Json error = setError("tooManyRecipients", "The message goes to too many people at once.");
  error["maxRecipients"] = kMaxRecipients;
  return error;
}

Json envelopeJson(const Envelope& envelope) {
  const auto parameters = [](const std::vector<std::string>& list) {
    Json out = Json::object();
    // RFC 8621 7: without what xtext does to them.
    for (const std::string& one : list)
      out[one.substr(0, one.find('='))] = undoXtext(std::string_view(one).substr(one.find('=') + 1));
    return list.empty() ? Json(nullptr) : out;
  };
  Json to = Json::array();
  for (const Envelope::Recipient& one : envelope.to)
    to.push_back({{"email", one.address}, {"parameters", parameters(one.parameters)}});
  return {{"mailFrom", {{"email", envelope.from}, {"parameters", parameters(envelope.fromParameters)}}},
          {"rcptTo", std::move(to)}};
}

}  // namespace posthorn::mshttpd::jmap
