// SPDX-License-Identifier: Apache-2.0
#include "common/log/line.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

namespace posthorn::log {

namespace {

constexpr std::string_view kLevelNames[] = {"Nolog",  "Critical",    "Error", "Warning",
                                            "Notice", "Information", "Debug"};

struct LocalTime {
  std::tm tm{};
  long zoneMinutes = 0;
  long milliseconds = 0;
};

LocalTime localTime(const std::timespec& time) {
  LocalTime local;
  localtime_r(&time.tv_sec, &local.tm);
  local.zoneMinutes = local.tm.tm_gmtoff / 60;
  local.milliseconds = time.tv_nsec / 1'000'000;
  return local;
}

std::string zone(long minutes, std::string_view separator) {
  const long size = minutes < 0 ? -minutes : minutes;
  return fmt::format("{}{:02}{}{:02}", minutes < 0 ? '-' : '+', size / 60, separator, size % 60);
}

/// RFC 3339 with milliseconds and the zone of the machine.
std::string isoTime(const std::timespec& time) {
  const LocalTime t = localTime(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}", t.tm.tm_year + 1900, t.tm.tm_mon + 1,
                     t.tm.tm_mday, t.tm.tm_hour, t.tm.tm_min, t.tm.tm_sec, t.milliseconds,
                     zone(t.zoneMinutes, ":"));
}

/// dd/Mon/yyyy:hh:mm:ss +hhmm, English whatever the locale.
std::string classicTime(const std::timespec& time) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const LocalTime t = localTime(time);
  return fmt::format("{:02}/{}/{:04}:{:02}:{:02}:{:02} {}", t.tm.tm_mday,
                     kMonths[static_cast<std::size_t>(t.tm.tm_mon) % kMonths.size()], t.tm.tm_year + 1900,
                     t.tm.tm_hour, t.tm.tm_min, t.tm.tm_sec, zone(t.zoneMinutes, ""));
}

/// U+0080 to U+009F, the line separators and the marks that turn text around would let a value forge what a
/// terminal or a viewer shows.
bool misleading(std::string_view character) {
  if (character.size() == 2 && character[0] == '\xC2') return static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(character[1]);
  const auto third = static_cast<unsigned char>(character[2]);
  if (second == 0x80) return (third >= 0x8B && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

/// Escapes for a quoted value: \n, \r, \t, \", \\ and, for what cannot be shown, \xNN (or \u00NN for JSON).
void appendEscaped(std::string& out, std::string_view text, bool json) {
  std::size_t at = 0;
  while (at < text.size() && at < kMaxValue) {
    const char c = text[at];
    const std::size_t length = utf8::characterLength(text.substr(at));
    const std::string_view character = text.substr(at, std::max<std::size_t>(length, 1));
    at += character.size();
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (length == 0 || ascii::isControl(c) || misleading(character)) {
      for (const char byte : character) {
        // In JSON a byte is spelled as text too: \u00NN would claim to be another character.
        out += json ? "\\\\x" : "\\x";
        out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      }
    } else {
      out += character;
    }
  }
  if (at < text.size()) out += "...";
}

bool needsQuotes(std::string_view value) {
  return value.empty() || value.size() > kMaxValue || std::any_of(value.begin(), value.end(), [](char c) {
           return ascii::isControl(c) || c == ' ' || c == '"' || c == '=' || c == '\\' ||
                  static_cast<unsigned char>(c) >= 0x80;
         });
}

void appendPair(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  if (!needsQuotes(value)) {
    out += value;
    return;
  }
  out += '"';
  appendEscaped(out, value, false);
  out += '"';
}

std::string keyValueLine(const Stamp& stamp, const Message& message, std::span<const Field> fields) {
  std::string line;
  appendPair(line, "time", isoTime(stamp.time));
  appendPair(line, "level", ascii::toLower(nameOf(message.level)));
  appendPair(line, "process", fmt::format("{}[{}]", stamp.process, stamp.pid));
  appendPair(line, "event", message.id);
  for (const Field& field : fields) appendPair(line, field.key, field.value);
  appendPair(line, "category", message.category);
  appendPair(line, "text", message.text);
  return line;
}

void appendJson(std::string& out, std::string_view key, std::string_view value) {
  out += out.empty() ? "{\"" : ",\"";
  appendEscaped(out, key, true);
  out += "\":\"";
  appendEscaped(out, value, true);
  out += '"';
}

std::string jsonLine(const Stamp& stamp, const Message& message, std::span<const Field> fields) {
  std::string line;
  appendJson(line, "time", isoTime(stamp.time));
  appendJson(line, "level", ascii::toLower(nameOf(message.level)));
  appendJson(line, "process", stamp.process);
  line += fmt::format(",\"pid\":{}", stamp.pid);
  appendJson(line, "event", message.id);
  appendJson(line, "category", message.category);
  appendJson(line, "text", message.text);
  for (const Field& field : fields) {
    if (line.size() > kMaxLine - 2 * kMaxValue) break;
    appendJson(line, field.key, field.value);
  }
  line += '}';
  return line;
}

std::string classicHead(const Stamp& stamp, std::string_view category, Level level) {
  return fmt::format("{} {} {}[{}]: {} {}: ", classicTime(stamp.time), stamp.host, stamp.process, stamp.pid,
                     category, nameOf(level));
}

/// `message.classic` with each {key} replaced by that field's value, "-" when there is none.
std::string fillTemplate(std::string_view shape, std::span<const Field> fields) {
  std::string out;
  while (!shape.empty()) {
    const std::size_t open = shape.find('{');
    const std::size_t close = open == std::string_view::npos ? open : shape.find('}', open);
    out += shape.substr(0, open);
    if (close == std::string_view::npos) break;
    const std::string_view key = shape.substr(open + 1, close - open - 1);
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
    if (field == fields.end() || field->value.empty()) {
      out += '-';
    } else {
      appendEscaped(out, field->value, false);
    }
    shape.remove_prefix(close + 1);
  }
  return out;
}

std::string classicLine(const Stamp& stamp, const Message& message, std::span<const Field> fields) {
  std::string line = classicHead(stamp, message.category, message.level);
  if (!message.classic.empty()) return line + fillTemplate(message.classic, fields);
  line += message.text;
  for (const Field& field : fields) appendPair(line, field.key, field.value);
  return line;
}

}  // namespace

std::string_view nameOf(Level level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

std::string formatLine(Format format, const Stamp& stamp, const Message& message,
                       std::span<const Field> fields) {
  std::string line = format == Format::Json      ? jsonLine(stamp, message, fields)
                     : format == Format::Classic ? classicLine(stamp, message, fields)
                                                 : keyValueLine(stamp, message, fields);
  if (line.size() > kMaxLine - 1) line.resize(kMaxLine - 1);
  line += '\n';
  return line;
}

std::string createdLine(const Stamp& stamp) {
  return classicHead(stamp, "General", Level::Notice) + fmt::format("Log created ({})\n", stamp.time.tv_sec);
}

namespace {

/// Values without a line feed are KEY=value; a foreign line feed would begin a field of its own, so such
/// values are escaped here too.
void appendJournal(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  out += '=';
  appendEscaped(out, value, false);
  out += '\n';
}

int priorityOf(Level level) {
  constexpr int kPriorities[] = {7, 2, 3, 4, 5, 6, 7};
  return kPriorities[static_cast<std::size_t>(level)];
}

}  // namespace

std::string journalEntry(const Stamp& stamp, const Message& message, std::span<const Field> fields) {
  std::string text(message.text);
  for (const Field& field : fields) appendPair(text, field.key, field.value);
  // MESSAGE is escaped already; passing it through appendJournal would do it twice.
  std::string out = "MESSAGE=" + text.substr(0, kMaxLine) + "\n";
  appendJournal(out, "PRIORITY", std::to_string(priorityOf(message.level)));
  appendJournal(out, "SYSLOG_IDENTIFIER", stamp.process);
  appendJournal(out, "POSTHORN_EVENT", message.id);
  appendJournal(out, "POSTHORN_CATEGORY", message.category);
  for (const Field& field : fields) {
    if (out.size() > 2 * kMaxLine) break;
    std::string key = "POSTHORN_" + ascii::toUpper(field.key);
    std::replace_if(
        key.begin(), key.end(), [](char c) { return !ascii::isAlpha(c) && !ascii::isDigit(c); }, '_');
    appendJournal(out, key, field.value);
  }
  return out;
}

}  // namespace posthorn::log
