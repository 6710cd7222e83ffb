// SPDX-License-Identifier: Apache-2.0
#include "common/config/manual.h"

#include <vector>

#include "common/base/ascii.h"
#include "common/config/registry.h"
#include "common/config/value.h"
#include "common/config/yaml.h"

namespace posthorn::config {

namespace {

std::string_view sectionOf(const Option& row) {
  return row.name.substr(0, std::min(positionOf(row.name, '.'), positionOf(row.name, ':')));
}

std::string_view titleOf(std::string_view section) {
  constexpr std::pair<std::string_view, std::string_view> kTitles[] = {
      {"server", "the place of this instance"},
      {"base", "what all services share"},
      {"proxy", "per store host: how mshttpd logs in there"},
      {"tls", "certificates"},
      {"pop", "the POP3 service"},
      {"imap", "the IMAP service"},
      {"http", "the web service"},
      {"lmtp", "delivery over LMTP"},
      {"auth", "users and logins"},
      {"store", "mailboxes"},
      {"partition", "where mailboxes lie"},
      {"log", "logging"},
      {"ens", "the event service"},
      {"notifytarget", "where events are published"},
  };
  for (const auto& [name, title] : kTitles) {
    if (name == section) return title;
  }
  return "further options";
}

/// The sections in the order of the tables, each once, though a table may hold rows of several.
std::vector<std::string_view> sections() {
  std::vector<std::string_view> found;
  for (const Option& row : kOptions) {
    if (std::find(found.begin(), found.end(), sectionOf(row)) == found.end()) found.push_back(sectionOf(row));
  }
  return found;
}

std::string wrapped(std::string_view text, std::string_view prefix, std::size_t width) {
  std::string out;
  std::string line;
  for (const std::string_view word : ascii::words(text)) {
    if (!line.empty() && prefix.size() + line.size() + 1 + word.size() > width) {
      out += std::string(prefix) + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return line.empty() ? out : out + std::string(prefix) + line + "\n";
}

/// " pop imap": the services to name in a command; empty when all that are built are concerned, or none.
std::string servicesOf(const Option& row) {
  std::string names;
  bool all = true;
  for (std::size_t i = 0; i < kServices; ++i) {
    const auto service = static_cast<Service>(i);
    if (!isBuilt(service)) continue;
    if ((row.to & only(service)) != 0) {
      names += " " + std::string(nameOf(service));
    } else {
      all = false;
    }
  }
  return all ? "" : names;
}

std::string fallbackText(const Option& row) {
  return row.fallback.empty() ? "(empty)" : std::string(row.fallback);
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = ascii::upper(text[0]);
  return text;
}

}  // namespace

namespace {

/// Whether the row is the switch of a service: "pop.enable".
bool enables(const Option& row) {
  for (std::size_t i = 0; i < kServices; ++i) {
    if (row.name == std::string(nameOf(static_cast<Service>(i))) + ".enable") return true;
  }
  return false;
}

std::string enableText(const Option& row, const Value* value) {
  const std::string service(sectionOf(row));
  if (value == nullptr)
    return "restart: `start-msg " + service + "` when it is switched on, `stop-msg " + service +
           "` when it is switched off";
  return std::string("restart: `") + (std::get<bool>(*value) ? "start-msg " : "stop-msg ") + service +
         "` is needed";
}

}  // namespace

std::string applyText(const Option& row, const Value* value) {
  if (enables(row)) return enableText(row, value);
  if (sectionOf(row) == "server") return "restart: `stop-msg` and then `start-msg` are needed";
  const std::string services = servicesOf(row);
  switch (row.apply) {
    case Apply::Live:
      return "live: `refresh" + services + "` hands it to the running processes";
    case Apply::Refresh:
      return "refresh: `refresh" + services + "` starts new processes, the old ones end with their sessions";
    case Apply::Restart:
      break;
  }
  return "restart: `restart-msg" + services + "` is needed";
}

std::string helpFor(const Option& row) {
  std::string text = std::string(row.name) + "\n";
  text += wrapped(row.help, "  ", 78);
  if (!row.more.empty()) text += wrapped(row.more, "  ", 78);
  text += "  Value:    " + expectation(row) + "\n";
  text += "  Default:  " + fallbackText(row) + "\n";
  if (!row.legacy.empty()) text += "  Old name: " + std::string(row.legacy) + "\n";
  text += "  Change:   " + applyText(row) + "\n";
  text += "  Since:    " + std::string(row.since) + "\n";
  if (!row.deprecatedSince.empty()) {
    text += "  Deprecated since " + std::string(row.deprecatedSince) + ", use " +
            std::string(row.replacedBy) + "\n";
  }
  if (!row.actsLater.empty()) text += wrapped("Not yet: " + std::string(row.actsLater), "  ", 78);
  return text;
}

namespace {

std::string sampleEntry(const Option& row) {
  std::string text = wrapped(row.help, "# ", 100);
  if (!row.actsLater.empty()) text += wrapped("Not yet: " + std::string(row.actsLater), "# ", 100);
  text += wrapped("[" + expectation(row) + "]", "#   ", 100);
  std::string name(row.name);
  if (row.grouped()) name.replace(positionOf(name, '*'), 1, "NAME");
  std::string value;
  if (row.type == Type::List) {
    for (const std::string& item : splitItems(row, row.fallback)) {
      value += (value.empty() ? "" : ", ") + yaml::quote(item, true);
    }
    value = "[" + value + "]";
  } else {
    value = yaml::quote(row.fallback, false);
  }
  return text + "#" + name + ": " + value + "\n";
}

}  // namespace

std::string sampleFile() {
  std::string text =
      "# The configuration of Posthorn, printed by `msconfig sample`.\n"
      "#\n"
      "# Every option is shown with its default: take the # off the line and change the value. Options of "
      "one\n"
      "# section may also be nested, and old names are understood:\n"
      "#\n"
      "#   imap:                    imap.port: 143          service.imap.port: 143\n"
      "#     port: 143\n"
      "#\n"
      "# Groups have a name that you choose, as `main` in `tls:main.cert: FILE`.\n"
      "# `msconfig check` says all that is wrong, `msconfig help NAME` explains one option.\n";
  for (const std::string_view section : sections()) {
    text += "\n# ---- " + std::string(section) + ": " + std::string(titleOf(section)) + "\n";
    for (const Option& row : kOptions) {
      if (sectionOf(row) == section) text += "\n" + sampleEntry(row);
    }
  }
  return text;
}

namespace {

/// A text for the man macros: no request at the start of a line, no lost backslashes or hyphens.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (!out.empty() && (out.front() == '.' || out.front() == '\'')) out.insert(0, "\\&");
  return out;
}

std::string manualEntry(const Option& row) {
  std::string name(row.name);
  if (row.grouped()) name.replace(positionOf(name, '*'), 1, "NAME");
  std::string text = ".TP\n.B " + roff(name) + "\n" + roff(row.help) + "\n";
  if (!row.more.empty()) text += roff(row.more) + "\n";
  if (!row.actsLater.empty()) text += "Not yet: " + roff(row.actsLater) + "\n";
  text += ".br\n" + roff(capitalised(expectation(row))) + "; default " + roff(fallbackText(row)) + "; " +
          roff(row.apply == Apply::Live      ? "live"
               : row.apply == Apply::Refresh ? "refresh"
                                             : "restart");
  if (!row.legacy.empty()) {
    std::string legacy(row.legacy);
    if (row.grouped()) legacy.replace(positionOf(legacy, '*'), 1, "NAME");
    text += "; old name " + roff(legacy);
  }
  return text + ".\n";
}

}  // namespace

std::string manualPage() {
  std::string text =
      ".\\\" Printed by `msconfig man`.\n"
      ".TH POSTHORN.YAML 5 \"\" \"Posthorn " POSTHORN_VERSION
      "\" \"Posthorn\"\n"
      ".SH NAME\n"
      "posthorn.yaml \\- the configuration of Posthorn\n"
      ".SH DESCRIPTION\n"
      "One YAML file holds every option. Keys are the names below, nested at their dots or written whole:\n"
      ".PP\n.nf\n"
      "imap:\n"
      "  port: 143\n"
      "pop.port: 110\n"
      "tls:\n"
      "  main: {cert: main.pem, key: main.key}\n"
      ".fi\n"
      ".PP\n"
      "Old names are understood too; an option that is set under both names is an error, as are unknown "
      "names and\n"
      "keys that stand twice. Switches are yes or no, on or off, true or false, or a number, where all but 0 "
      "is on.\n"
      "Times are numbers in the unit of the option, or 90s, 30m, 1h, 2d. Sizes are bytes, or 64k, 5M, 1G. "
      "Lists are\n"
      "YAML lists, or one text with blanks or commas; access filters are parted by $ only. Relative paths "
      "start at\n"
      "server.directory. Aliases, anchors and tags are refused.\n"
      ".PP\n"
      "Behind each default stands how a change takes effect: live (handed to running processes by\n"
      ".BR refresh ),\n"
      "refresh (new processes take over, the old ones end with their sessions) or restart\n"
      ".RB ( restart\\-msg ).\n"
      "The file is edited by hand or by\n"
      ".BR msconfig (1),\n"
      "which keeps comments and order.\n";
  for (const std::string_view section : sections()) {
    text += ".SH " + ascii::toUpper(section) + ": " + ascii::toUpper(titleOf(section)) + "\n";
    for (const Option& row : kOptions) {
      if (sectionOf(row) == section) text += manualEntry(row);
    }
  }
  return text +
         ".SH FILES\n"
         ".I /etc/posthorn/posthorn.yaml\n"
         "unless the environment variable POSTHORN_CONFIG or the option \\-\\-config of a program names "
         "another.\n"
         ".SH SEE ALSO\n"
         ".BR msconfig (1),\n"
         ".BR start\\-msg (1)\n";
}

}  // namespace posthorn::config
