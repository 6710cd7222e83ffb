// SPDX-License-Identifier: Apache-2.0
#include "common/events/event_text.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <variant>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/base/utf8.h"

namespace posthorn::events {

namespace {

/// Nothing: the parameter is left out.
using Value = std::variant<std::monostate, std::uint64_t, std::string, std::vector<std::string>>;

using Groups = unsigned;
constexpr Groups kCommon = 1;     // every event
constexpr Groups kBox = 2;        // the mailbox afterwards
constexpr Groups kUids = 4;       // which messages
constexpr Groups kMessage = 8;    // what was added
constexpr Groups kFlags = 16;     // which flags
constexpr Groups kQuota = 32;     // the account's limits and what is used
constexpr Groups kSession = 64;   // who logged in
constexpr Groups kOldName = 128;  // where it was before
constexpr Groups kModseq = 256;

/// What an event of each type has, by its number.
constexpr std::array<Groups, kEventTypes> kGroups{{
    0,
    kCommon | kBox | kUids | kMessage | kModseq | kFlags,    // NewMsg
    kCommon | kBox | kUids | kMessage | kModseq | kFlags,    // UpdateMsg
    kCommon | kBox | kUids | kMessage | kModseq | kOldName,  // CopyMsg
    kCommon | kBox | kUids | kModseq,                        // ReadMsg
    kCommon | kBox | kUids | kModseq,                        // TrashMsg
    kCommon | kBox | kUids | kModseq,                        // DeleteMsg
    kCommon | kBox | kUids | kModseq,                        // ExpungeMsg
    kCommon | kBox | kUids | kModseq,                        // PurgeMsg
    kCommon | kQuota,                                        // OverQuota
    kCommon | kQuota,                                        // UnderQuota
    kCommon | kSession,                                      // Login
    kCommon | kSession,                                      // Logout
    kCommon | kBox | kUids | kModseq | kFlags,               // ChangeFlag
    kCommon | kBox | kUids | kModseq | kFlags,               // MsgFlags
    kCommon | kModseq,                                       // AnnotateMsg
    kCommon | kBox | kModseq,                                // CreateFolder
    kCommon | kModseq,                                       // DeleteFolder
    kCommon | kModseq | kOldName,                            // RenameFolder
    kCommon | kModseq,                                       // StateChange
}};

constexpr View kUnreserved = "-._~";
/// What may also stand in a path, and in the value of a parameter (RFC 3986 3.3, 3.4).
constexpr View kPathAlso = "/@:,!$'()*+";
constexpr View kValueAlso = "/@:,";

void putEncoded(std::string& out, View text, View also) {
  constexpr View kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (ascii::isAlpha(c) || ascii::isDigit(c) || kUnreserved.find(c) != View::npos ||
        also.find(c) != View::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
}

std::string encoded(View text, View also) {
  std::string out;
  putEncoded(out, text, also);
  return out;
}

const std::string& actorOf(const Event& event) {
  return event.user.empty() ? event.owner : event.user;
}

View domainOf(View account) {
  const auto at = account.rfind('@');
  return at == View::npos ? View() : account.substr(at + 1);
}

Value orNothing(std::uint64_t number) {
  return number == 0 ? Value() : Value(number);
}
Value orNothing(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}
/// RFC 5423 counts kilobytes of 1024 octets; what has begun counts.
std::uint64_t kilobytes(std::uint64_t octets) {
  return octets / 1024 + (octets % 1024 == 0 ? 0 : 1);
}
Value limit(std::int64_t value) {
  return value < 0 ? Value() : Value(static_cast<std::uint64_t>(value));
}

std::string uidSetOf(const Event& event) {
  std::string out;
  for (const EventUids& range : event.uids) {
    if (!out.empty()) out.push_back(',');
    out += std::to_string(range.first);
    if (range.last != range.first) out += ":" + std::to_string(range.last);
  }
  return out;
}

bool ofOneMessage(const Event& event) {
  return event.uids.size() == 1 && event.uids[0].first == event.uids[0].last;
}

Value imapUid(const Event& event) {
  return event.uids.empty() ? Value() : Value(std::uint64_t{event.uids.front().first});
}

/// imap://anna@host/Work;UIDVALIDITY=7 (RFC 5092).
std::string mailboxUri(const Event& event, const std::string& mailbox) {
  std::string out = "imap://" + encoded(event.owner, "!$'()*+,&=") + "@" + event.hostname + "/";
  putEncoded(out, mailbox, "/!$'()*+,&=@:");
  if (event.uidValidity != 0 && mailbox == event.mailbox)
    out += ";UIDVALIDITY=" + std::to_string(event.uidValidity);
  return out;
}

std::string uriOf(const Event& event) {
  std::string out = mailboxUri(event, event.mailbox);
  if (ofOneMessage(event)) out += "/;UID=" + std::to_string(event.uids[0].first);
  return out;
}

std::string rfc3339(std::int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  std::string out(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &local));
  const std::string fraction = std::to_string(1000 + milliseconds % 1000);
  out += "." + fraction.substr(1);
  const long minutes = (local.tm_gmtoff < 0 ? -local.tm_gmtoff : local.tm_gmtoff) / 60;
  const auto two = [](long number) { return std::to_string(100 + number).substr(1); };
  return out + (local.tm_gmtoff < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
}

/// One parameter: its name in references and in JSON (empty: not there), and who has it.
struct Parameter {
  View text;
  View json;
  Groups groups;
  Value (*value)(const Event&);
};

#define PH_VALUE(expression) [](const Event& event) -> Value { return expression; }

constexpr Parameter kParameters[] = {
    {"evtType", "evtType", kCommon, PH_VALUE(std::string(nameOf(event.type)))},
    {"timestamp", "", kCommon, PH_VALUE(static_cast<std::uint64_t>(event.timestamp))},
    {"", "timestamp", kCommon, PH_VALUE(rfc3339(event.timestamp))},
    {"hostname", "serverFQDN", kCommon, PH_VALUE(orNothing(event.hostname))},
    {"process", "process", kCommon, PH_VALUE(orNothing(event.process))},
    {"pid", "pid", kCommon, PH_VALUE(orNothing(event.pid))},
    {"", "service", kCommon, PH_VALUE(orNothing(event.service))},
    {"mailboxName", "mailboxName", kCommon, PH_VALUE(mailboxNameOf(event))},
    {"", "uri", kCommon, PH_VALUE(uriOf(event))},
    {"", "mailboxID", kCommon, PH_VALUE(event.mailbox.empty() ? Value() : mailboxUri(event, event.mailbox))},
    {"userid", "user", kCommon, PH_VALUE(actorOf(event))},
    {"owner", "owner", kCommon, PH_VALUE(event.owner)},
    {"oldMailboxName", "", kOldName,
     PH_VALUE(event.oldMailbox.empty() ? Value() : mailboxNameOf(event.owner, event.oldMailbox))},
    {"", "oldMailboxID", kOldName,
     PH_VALUE(event.oldMailbox.empty() ? Value() : mailboxUri(event, event.oldMailbox))},
    {"numMsgs", "messages", kBox, PH_VALUE(std::uint64_t{event.numMsgs})},
    {"numSeen", "numSeen", kBox, PH_VALUE(std::uint64_t{event.numSeen})},
    {"numDel", "numDel", kBox, PH_VALUE(std::uint64_t{event.numDel})},
    {"uidValidity", "uidValidity", kBox, PH_VALUE(std::uint64_t{event.uidValidity})},
    {"imapUid", "imapUid", kUids, PH_VALUE(imapUid(event))},
    {"uidSet", "", kUids, PH_VALUE(ofOneMessage(event) ? Value() : orNothing(uidSetOf(event)))},
    {"", "uidset", kUids, PH_VALUE(orNothing(uidSetOf(event)))},
    {"lastUid", "lastUid", kBox, PH_VALUE(std::uint64_t{event.lastUid})},
    {"", "uidnext", kBox, PH_VALUE(std::uint64_t{event.lastUid} + 1)},
    {"size", "messageSize", kMessage, PH_VALUE(event.size)},
    {"hdrLen", "hdrLen", kMessage, PH_VALUE(event.hdrLen)},
    {"internaldate", "internaldate", kMessage,
     PH_VALUE(event.internalDate <= 0 ? Value() : Value(static_cast<std::uint64_t>(event.internalDate)))},
    {"flagMode", "flagMode", kFlags, PH_VALUE(orNothing(static_cast<std::uint64_t>(event.flagMode)))},
    {"flags", "flagNames", kFlags, PH_VALUE(event.flags.empty() ? Value() : Value(event.flags))},
    {"modseq", "modseq", kModseq, PH_VALUE(orNothing(event.modseq))},
    {"diskQuota", "diskQuota", kQuota,
     PH_VALUE(event.diskQuota < 0 ? Value() : Value(kilobytes(static_cast<std::uint64_t>(event.diskQuota))))},
    {"diskUsed", "diskUsed", kQuota, PH_VALUE(kilobytes(event.diskUsed))},
    {"maxMessages", "maxMessages", kQuota, PH_VALUE(limit(event.messageQuota))},
    {"messagesUsed", "messages", kQuota, PH_VALUE(event.messagesUsed)},
    {"admin", "admin", kSession, PH_VALUE(orNothing(event.admin))},
    {"clientIP", "clientIP", kSession, PH_VALUE(orNothing(event.clientAddress))},
    {"clientPort", "clientPort", kSession, PH_VALUE(orNothing(event.clientPort))},
    {"serverPort", "serverPort", kSession, PH_VALUE(orNothing(event.serverPort))},
    {"mechanism", "mechanism", kSession, PH_VALUE(orNothing(event.mechanism))},
    {"disconnect", "disconnect", kSession, PH_VALUE(orNothing(event.disconnect))},
    {"seconds", "seconds", kSession,
     PH_VALUE(event.type == EventType::Logout ? Value(std::uint64_t{event.seconds}) : Value())},
};
#undef PH_VALUE

Groups groupsOf(const Event& event) {
  return kGroups.at(static_cast<std::size_t>(event.type));
}

struct TextPrinter {
  std::string& out;
  void operator()(std::monostate) const {}
  void operator()(std::uint64_t number) const { out += std::to_string(number); }
  void operator()(const std::string& text) const { putEncoded(out, text, kValueAlso); }
  void operator()(const std::vector<std::string>& list) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out += "%20";
      putEncoded(out, list[i], kValueAlso);
    }
  }
};

struct JsonPrinter {
  std::string& out;
  void operator()(std::monostate) const {}
  void operator()(std::uint64_t number) const { out += std::to_string(number); }
  void operator()(const std::string& text) const { putJsonString(out, text); }
  void operator()(const std::vector<std::string>& list) const {
    out.push_back('[');
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out.push_back(',');
      putJsonString(out, list[i]);
    }
    out.push_back(']');
  }
};

void putContent(std::string& out, const Event& event) {
  if (event.header.empty() && event.body.empty()) return;
  const std::string content = event.header + event.body;
  // What was cut may end inside a character: that is no reason to hide the rest.
  View whole = content;
  for (int i = 0; i < 3 && !utf8::valid(whole); ++i)
    whole.remove_suffix(std::min<std::size_t>(1, whole.size()));
  if (utf8::valid(whole)) {
    out += ",\"messageContent\":";
    return putJsonString(out, whole);
  }
  out += ",\"messageContentBase64\":\"" + base64::encode(content) + "\"";
}

}  // namespace

std::string mailboxNameOf(View owner, View mailbox) {
  std::string name(owner);
  if (!mailbox.empty() && mailbox != "INBOX") name.append("/").append(mailbox);
  return name;
}

std::string mailboxNameOf(const Event& event) {
  return mailboxNameOf(event.owner, event.mailbox);
}

std::string eventKey(const Event& event, View key) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char next = key[i] == '%' && i + 1 < key.size() ? key[i + 1] : '\0';
    if (next == 'M') {
      putEncoded(out, mailboxNameOf(event), kPathAlso);
    } else if (next == 'U') {
      putEncoded(out, actorOf(event), kPathAlso);
    } else if (next == 'o') {
      putEncoded(out, event.owner, kPathAlso);
    } else if (next == 'd') {
      putEncoded(out, domainOf(event.owner), kPathAlso);
    } else {
      out.push_back(key[i]);
      continue;
    }
    ++i;
  }
  return out;
}

std::string eventReference(const Event& event, View key) {
  std::string out = eventKey(event, key);
  char before = '?';
  for (const Parameter& parameter : kParameters) {
    if (parameter.text.empty() || (parameter.groups & groupsOf(event)) == 0) continue;
    const Value value = parameter.value(event);
    if (std::holds_alternative<std::monostate>(value)) continue;
    out.push_back(before);
    before = '&';
    out.append(parameter.text).push_back('=');
    std::visit(TextPrinter{out}, value);
  }
  return out;
}

std::string eventJson(const Event& event, View key) {
  std::string out = "{\"event\":";
  putJsonString(out, rfc5423Name(event.type, event.flagMode));
  for (const Parameter& parameter : kParameters) {
    if (parameter.json.empty() || (parameter.groups & groupsOf(event)) == 0) continue;
    const Value value = parameter.value(event);
    if (std::holds_alternative<std::monostate>(value)) continue;
    out.push_back(',');
    putJsonString(out, parameter.json);
    out.push_back(':');
    std::visit(JsonPrinter{out}, value);
  }
  putContent(out, event);
  out += ",\"reference\":";
  putJsonString(out, eventReference(event, key));
  out.push_back('}');
  return out;
}

void putJsonString(std::string& out, View text) {
  constexpr View kHex = "0123456789abcdef";
  out.push_back('"');
  while (!text.empty()) {
    const std::uint32_t point = utf8::take(text);
    if (point == '"' || point == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(point));
    } else if (point == '\n') {
      out += "\\n";
    } else if (point == '\r') {
      out += "\\r";
    } else if (point < 0x20 || point == 0x7F) {
      out += "\\u00";
      out.push_back(kHex[point >> 4]);
      out.push_back(kHex[point & 15]);
    } else {
      utf8::append(out, point);
    }
  }
  out.push_back('"');
}

}  // namespace posthorn::events
