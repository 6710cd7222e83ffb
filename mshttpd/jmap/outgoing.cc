// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/outgoing.h"

#include <algorithm>
#include <memory>
#include <set>

#include "common/base/ascii.h"
#include "common/mime/address.h"
#include "common/mime/date.h"
#include "common/mime/encode.h"
#include "common/mime/header.h"
#include "mshttpd/jmap/address_text.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::size_t kMaxHeader = std::size_t{1} << 20U;

struct Addresses {
  std::size_t fields = 0;
  bool broken = false;
  std::vector<std::string> list;
};

Addresses addressesOf(const std::vector<mime::Field>& fields, View name) {
  Addresses out;
  for (const mime::Field& field : fields) {
    if (!ascii::equal(field.name, name)) continue;
    ++out.fields;
    std::vector<mime::Address> parsed;
    mime::parseAddresses(field.value, parsed);
    for (const mime::Address& address : parsed) {
      if (address.groupStart() || address.groupEnd()) continue;
      const Result<std::string> spelled = spellForEnvelope(mime::spellAddress(address));
      const bool half = address.host == mime::kMissingHost || address.mailbox == mime::kMissingMailbox;
      if (spelled.ok() && !half)
        out.list.push_back(*spelled);
      else
        out.broken = true;
    }
  }
  return out;
}

std::size_t count(const std::vector<mime::Field>& fields, View name) {
  return static_cast<std::size_t>(
      std::count_if(fields.begin(), fields.end(),
                    [name](const mime::Field& field) { return ascii::equal(field.name, name); }));
}

/// Fields that stand before the empty line.
Bytes headerOf(View text) {
  const std::size_t end = text.substr(0, 2) == "\r\n" ? 0 : text.find("\r\n\r\n");
  return Bytes(text.substr(0, end == View::npos ? text.size() : end + 2));
}

/// Takes Bcc out of a message that passes by; the body is left alone.
class WithoutBcc {
 public:
  void feed(View octets, Bytes& out) {
    if (inBody_) {
      out.append(octets);
      return;
    }
    pending_.append(octets);
    const std::size_t end = pending_.rfind("\r\n", 0) == 0 ? 0 : pending_.find("\r\n\r\n");
    if (end == Bytes::npos && pending_.size() < kMaxHeader) return;
    release(end == Bytes::npos ? pending_.size() : end == 0 ? 0 : end + 2, out);
  }
  void finish(Bytes& out) {
    if (!inBody_) release(pending_.size(), out);
  }

 private:
  void release(std::size_t header, Bytes& out) {
    out.append(
        mime::filterHeader(View(pending_).substr(0, header), {"Bcc", "Resent-Bcc"}, mime::FieldChoice::Not));
    out.append(pending_, header);
    pending_.clear();
    inBody_ = true;
  }

  Bytes pending_;
  bool inBody_ = false;
};

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
      out.push_back(key + "=" + upper);
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

OutgoingHeader readOutgoing(View header) {
  const std::vector<mime::Field> fields = mime::headerFields(header);
  OutgoingHeader out;
  Addresses from = addressesOf(fields, "From");
  Addresses sender = addressesOf(fields, "Sender");
  const auto wrong = [&](const char* property, bool is) {
    if (is) out.invalid.emplace_back(property);
  };
  wrong("from", from.fields != 1 || from.broken || from.list.empty());
  // RFC 5322 3.6.2: who of several has sent it must be said.
  wrong("sender", sender.fields > 1 || sender.broken || (sender.fields == 1 && sender.list.size() != 1) ||
                      (sender.fields == 0 && from.fields == 1 && from.list.size() > 1));
  out.from = std::move(from.list);
  out.sender = std::move(sender.list);
  std::set<std::string> seen;
  for (const char* name : {"To", "Cc", "Bcc"}) {
    const Addresses list = addressesOf(fields, name);
    wrong(ascii::equal(name, "To")   ? "to"
          : ascii::equal(name, "Cc") ? "cc"
                                     : "bcc",
          list.broken || list.fields > 1);
    for (const std::string& address : list.list)
      if (seen.insert(ascii::toLower(address)).second) out.recipients.push_back(address);
  }
  const Addresses replyTo = addressesOf(fields, "Reply-To");
  wrong("replyTo", replyTo.broken || replyTo.fields > 1);
  const auto date = mime::findField(header, "Date");
  wrong("sentAt", count(fields, "Date") != 1 || !date || !mime::parseDate(*date));
  wrong("messageId", count(fields, "Message-ID") > 1);
  wrong("inReplyTo", count(fields, "In-Reply-To") > 1);
  wrong("references", count(fields, "References") > 1);
  wrong("subject", count(fields, "Subject") > 1);
  return out;
}

backend::Source Outgoing::source() const {
  return filtered(canonical(stored.source()), WithoutBcc());
}

Result<Outgoing> readMessage(backend::MailHost& host, const backend::Id& email, std::uint64_t octets) {
  PH_TRY(const backend::Source text, host.text(email, {}, false));
  Outgoing out;
  PH_TRY(out.stored, copyToFile(text, octets));
  const backend::Source source = canonical(out.stored.source());
  Bytes header;
  while (header.size() < kMaxHeader && header.find("\r\n\r\n") == Bytes::npos) {
    PH_TRY(const Bytes window, source());
    if (window.empty()) break;
    header.append(window);
  }
  out.header = readOutgoing(headerOf(header));
  // What lies beyond is not looked through for Bcc.
  if (header.size() >= kMaxHeader && headerOf(header).size() >= kMaxHeader - 4)
    out.header.invalid.emplace_back("headers");
  PH_TRY(out.facts, factsOf(out.source()));
  return out;
}

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

std::string oneLine(const SmtpReply& reply) {
  auto lines = ascii::split(reply.text, '\n');
  std::vector<std::string> texts;
  for (const std::string_view line : lines) {
    texts.emplace_back(line);
    if (texts.back().size() > 3 && texts.back()[3] == '-') texts.back()[3] = ' ';
  }
  std::string out = texts.front();
  for (std::size_t i = 1; i < texts.size(); ++i) {
    const std::string& first = texts.front();
    const auto common =
        std::mismatch(first.begin(), first.end(), texts[i].begin(), texts[i].end()).second - texts[i].begin();
    // Whole words only: "5.7.1 Our" and "5.7.1 Other" have no "O" in common.
    const std::size_t blank =
        common == 0 ? std::string::npos : texts[i].rfind(' ', static_cast<std::size_t>(common - 1));
    const std::string rest = texts[i].substr(blank == std::string::npos ? 0 : blank + 1);
    if (!rest.empty()) out.append(" ").append(rest);
  }
  std::string clean;
  for (const char c : out.substr(0, 1000)) clean.push_back(ascii::isControl(c) ? ' ' : c);
  return clean;
}

}  // namespace posthorn::mshttpd::jmap
