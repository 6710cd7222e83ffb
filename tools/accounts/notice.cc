// SPDX-License-Identifier: Apache-2.0
#include "tools/accounts/notice.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/base/ids.h"
#include "common/base/utf8.h"
#include "tools/accounts/field_date.h"

namespace posthorn::tools {
namespace {

constexpr std::size_t kMaxTextLine = 900;  // RFC 5322 2.1.1 allows 998
constexpr std::size_t kWordOctets = 45;    // of text in one encoded word (RFC 2047 2: 75 characters in all)

/// Fields that a template cannot know, or must not: what trusts them would be misled.
constexpr std::array<std::string_view, 9> kOwnFields = {
    "Date",           "Message-ID",   "MIME-Version", "Content-Transfer-Encoding", "Return-Path", "Received",
    "Auto-Submitted", "Delivered-To", "Bcc"};

struct Field {
  std::string name;
  std::string value;
};

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Cuts a piece of at most `most` octets off the front, between characters.
std::string_view cut(std::string_view& text, std::size_t most) {
  std::size_t end = std::min(most, text.size());
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  if (end == 0) end = std::min(most, text.size());
  const auto piece = text.substr(0, end);
  text.remove_prefix(end);
  return piece;
}

std::string encodedWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64::encode(cut(text, kWordOctets)) + "?=";
  }
  return out;
}

/// A line of a header, or nothing.
std::optional<Field> fieldOf(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 60 || line.size() > kMaxTextLine) return {};
  const auto name = line.substr(0, colon);
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-'; });
  if (!plain || !utf8::valid(line)) return {};
  auto value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return Field{std::string(name), std::string(value)};
}

/// Takes a line off the front, without its end.
std::string_view takeLine(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

/// The fields that `text` begins with, which are taken off it with their empty line. None when it has no
/// header at all: then nothing is taken.
std::vector<Field> takeFields(std::string_view& text) {
  std::vector<Field> fields;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto line = takeLine(rest);
    if (line.empty()) break;
    auto field = fieldOf(line);
    if (!field) return {};
    fields.push_back(std::move(*field));
  }
  if (!fields.empty()) text = rest;
  return fields;
}

bool has(const std::vector<Field>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return ascii::equal(f.name, name); });
}

bool isOwn(const Field& field) {
  return std::any_of(kOwnFields.begin(), kOwnFields.end(),
                     [&](auto own) { return ascii::equal(own, field.name); });
}

/// Addresses and types have structure that encoded words would break.
bool isText(const Field& field) {
  return ascii::equal(field.name, "Subject") || ascii::equal(field.name, "Comments") ||
         ascii::equal(field.name, "Organization");
}

void put(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string body(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto line = takeLine(text);
    while (line.size() > kMaxTextLine) {
      const auto blank = line.rfind(' ', kMaxTextLine);
      const auto at = blank == std::string_view::npos || blank == 0 ? kMaxTextLine : blank + 1;
      out.append(cut(line, at)).append("\r\n");
    }
    out.append(line).append("\r\n");
  }
  return out;
}

std::string sentence(const NoticeFacts& facts) {
  if (facts.kind != store::QuotaNotice::OverQuota)
    return "Your mailbox is nearly full. New mail will be held when there is no room left.";
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(facts.rules.grace).count();
  std::string text = "Your mailbox is over its quota, and new mail is not delivered. ";
  if (hours == 0) return text + "It is given back to its senders.";
  return text + "If there is no room within " + std::to_string(hours) + (hours == 1 ? " hour" : " hours") +
         ", it is given back to its senders.";
}

std::string countOf(std::int64_t messages) {
  return messages < 0 ? "unlimited" : std::to_string(messages);
}

std::string valueOf(std::string_view variable, const NoticeFacts& facts) {
  if (variable == "ID") return facts.id;
  if (variable == "DISKUSAGE") return kilobytes(static_cast<std::int64_t>(facts.used.bytes));
  if (variable == "NUMMSG") return std::to_string(facts.used.messages);
  if (variable == "PERCENT") return std::to_string(facts.rules.warnPercent) + "%";
  if (variable == "QUOTA") return kilobytes(facts.limits.bytes);
  if (variable == "MSGQUOTA") return countOf(facts.limits.messages);
  if (variable == "USED") return std::to_string(percentOf(facts.used, facts.limits).value_or(0)) + "%";
  if (variable == "STATE") return sentence(facts);
  return "[" + std::string(variable) + "]";
}

}  // namespace

std::string kilobytes(std::int64_t octets) {
  if (octets < 0) return "unlimited";
  return std::to_string(octets / 1024 + (octets % 1024 != 0 ? 1 : 0)) + " kB";
}

Letter letterFor(const auth::Account& account, const config::Snapshot& config, Wall when) {
  Letter letter;
  const std::string& domain = config.get<"base.defaultdomain">();
  letter.host = domain.empty() ? config.hostname() : domain;
  letter.when = when;
  if (!account.mail.empty()) letter.to = account.mail.front();
  if (letter.to.empty())
    letter.to = account.id.find('@') == std::string::npos ? account.id + "@" + letter.host : account.id;
  return letter;
}

std::string finishLetter(std::string_view raw, const Letter& letter) {
  const auto fields = takeFields(raw);
  const std::string text = body(raw);
  std::string out;
  put(out, "Date", fieldDate(letter.when));
  if (!has(fields, "From")) put(out, "From", "Mail System <postmaster@" + letter.host + ">");
  if (!has(fields, "To")) put(out, "To", "<" + ascii::printable(letter.to) + ">");
  if (!has(fields, "Subject")) put(out, "Subject", "Your mailbox is nearly full");
  put(out, "Message-ID", "<" + Id128::random().hex() + ".quota@" + letter.host + ">");
  put(out, "Auto-Submitted", "auto-generated");
  if (letter.urgent && !has(fields, "Importance")) put(out, "Importance", "high");
  for (const Field& field : fields) {
    if (isOwn(field) || (!isAscii(field.value) && !isText(field))) continue;
    put(out, field.name, isAscii(field.value) ? ascii::printable(field.value) : encodedWords(field.value));
  }
  put(out, "MIME-Version", "1.0");
  if (!has(fields, "Content-Type")) put(out, "Content-Type", "text/plain; charset=utf-8");
  put(out, "Content-Transfer-Encoding", isAscii(text) ? "7bit" : "8bit");
  return out + "\r\n" + text;
}

std::string fillNotice(std::string_view text, const NoticeFacts& facts) {
  std::string out;
  while (!text.empty()) {
    const auto at = text.find_first_of("$[");
    out.append(text.substr(0, at));
    if (at == std::string_view::npos) break;
    const auto close = text[at] == '[' ? text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", at + 1) : at;
    text.remove_prefix(at);
    const std::size_t length = close - at;  // of the bracket and the word
    if (text.front() == '$') {
      out.push_back('\n');
      text.remove_prefix(1);
    } else if (close != std::string_view::npos && text.size() > length && text[length] == ']') {
      out.append(valueOf(text.substr(1, length - 1), facts));
      text.remove_prefix(length + 1);
    } else {
      out.push_back('[');
      text.remove_prefix(1);
    }
  }
  return out;
}

Result<bool> putIntoInbox(const store::AccountHandle& account, std::string_view message,
                          store::QuotaNotice kind) {
  PH_TRY(auto inbox, account.mailbox("INBOX"));
  PH_TRY(auto writer, account.message(message.size()));
  PH_CHECK(writer.write(message));
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(account.clock().wall().time_since_epoch());
  const bool urgent = kind == store::QuotaNotice::OverQuota;
  PH_CHECK(writer.finish({now.count(), 0}, urgent ? store::kFlagged : store::SystemFlags{0}));
  return inbox.putNotice(writer, kind);
}

}  // namespace posthorn::tools
