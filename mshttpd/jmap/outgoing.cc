// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/outgoing.h"

#include <algorithm>
#include <set>

#include "common/base/ascii.h"
#include "common/mime/address.h"
#include "common/mime/date.h"
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
