// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/dump.h"

#include "common/base/ascii.h"
#include "common/config/names.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

/// The last part of a path: `/opt/x/sbin/configutil` is configutil.
std::string_view programIn(std::string_view word) {
  return word.substr(word.rfind('/') == std::string_view::npos ? 0 : word.rfind('/') + 1);
}

DumpLine faulty(int number, std::string fault) {
  return DumpLine{number, "", "", std::move(fault)};
}

DumpLine fromConfigutil(int number, const Words& words) {
  const auto switches =
      readSwitches(Words(words.begin() + 1, words.end()), {{"l", "d", "m"}, {"o", "v", "f"}});
  if (!switches.ok()) return faulty(number, switches.error().text);
  const auto name = switches->value("o");
  const auto value = switches->value("v");
  if (!name || !value || !switches->rest.empty())
    return faulty(number, "not a line `configutil -o NAME -v VALUE`");
  return DumpLine{number, *name, *value, ""};
}

DumpLine fromSet(int number, Words words) {
  if (programIn(words.front()) == "msconfig") words.erase(words.begin());
  if (words.size() != 3 || words.front() != "set") return faulty(number, "not a line `set NAME VALUE`");
  return DumpLine{number, words[1], words[2], ""};
}

DumpLine fromAssignment(int number, std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return faulty(number, "not a line `NAME = VALUE`");
  const std::string_view name = ascii::trim(line.substr(0, equals));
  std::string_view value = ascii::trim(line.substr(equals + 1));
  if (name.empty() || name.find_first_of(" \t") != std::string_view::npos)
    return faulty(number, "not a line `NAME = VALUE`");
  const bool quoted =
      value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'');
  if (quoted) value = value.substr(1, value.size() - 2);
  return DumpLine{number, std::string(name), std::string(value), ""};
}

DumpLine parseLine(int number, std::string_view line) {
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view first = programIn(line.substr(0, end));
  if (first != "configutil" && first != "msconfig" && first != "set") return fromAssignment(number, line);
  auto words = splitLine(line);
  if (!words.ok()) return faulty(number, words.error().text);
  return first == "configutil" ? fromConfigutil(number, *words) : fromSet(number, std::move(words).value());
}

struct Known {
  std::string_view pattern;
  std::string_view why;
};

constexpr std::string_view kLogs =
    "log files are not rolled here: `refresh` opens them anew after a rotation";
constexpr std::string_view kWatch = "master watches always";
constexpr std::string_view kPlaces = "places and owners of this installation are the server.* options";
constexpr std::string_view kCertificates = "certificates are PEM files, tls:NAME.cert and tls:NAME.key";
constexpr std::string_view kSessions = "msgstat shows sessions without being told to";

constexpr Known kKnown[] = {
    {"alarm.*", "there are no alarm mails; watch msgstat"},
    {"encryption.*", kCertificates},
    {"gen.installedlanguages", "server messages are in English"},
    {"gen.sitelanguage", "server messages are in English"},
    {"local.autorestart.*", "master replaces what dies, slower and slower, and never gives up"},
    {"local.cgi*", "there is no console"},
    {"local.debugkeys", "log.level says how much is logged"},
    {"local.enablelastaccess", kSessions},
    {"local.*.enableuserlist", kSessions},
    {"local.imta.*", "the MTA has its own configuration"},
    {"local.installeddir", kPlaces},
    {"local.instancedir", kPlaces},
    {"local.lockdir", kPlaces},
    {"local.msgtrace.*", "log.level says how much is logged"},
    {"local.probe.*", kWatch},
    {"local.rfc822header.*", "the MTA has its own configuration"},
    {"local.schedule.*", "jobs are run by cron or systemd timers"},
    {"local.sched.*", "jobs are run by cron or systemd timers"},
    {"local.servergid", kPlaces},
    {"local.serverroot", kPlaces},
    {"local.servertype", kPlaces},
    {"local.serveruid", kPlaces},
    {"local.snmp.*", "there is no SNMP agent"},
    {"local.supportedlanguages", "server messages are in English"},
    {"local.tmpdir", kPlaces},
    {"local.ugldapuselocal", "directory options stand here alone"},
    {"local.watcher.*", kWatch},
    {"local.webmail.*", "the web client has its own options, http.*"},
    {"logfile.*.buffersize", kLogs},
    {"logfile.*.expirytime", kLogs},
    {"logfile.*.flushinterval", kLogs},
    {"logfile.*.logtype", "log.target says where lines go"},
    {"logfile.*.maxlogfiles", kLogs},
    {"logfile.*.maxlogfilesize", kLogs},
    {"logfile.*.maxlogsize", kLogs},
    {"logfile.*.minfreediskspace", kLogs},
    {"logfile.*.rollovertime", kLogs},
    {"logfile.*.syslogfacility", "log.target says where lines go"},
    {"metermaid.*", "there is no metermaid"},
    {"mta.*", "the MTA has its own configuration"},
    {"nsserversecurity", kCertificates},
    {"sasl.default.auto_transition", "passwords are not stored anew by a login"},
    {"sasl.default.ldap.has_plain_passwords", "no mechanism here needs readable passwords"},
    {"service.*.sslcachesize", "TLS sessions are resumed by tickets"},
    {"service.readtimeout", "each service has its idletimeout"},
    {"store.dbcachesize", "the store needs no tuning"},
    {"store.folderlockcount", "the store needs no tuning"},
};

}  // namespace

std::vector<DumpLine> parseDump(std::string_view text) {
  std::vector<DumpLine> lines;
  int number = 0;
  for (const std::string_view raw : ascii::split(text, '\n')) {
    ++number;
    const std::string_view line = ascii::trim(raw);
    if (!line.empty() && line.front() != '#') lines.push_back(parseLine(number, line));
  }
  return lines;
}

std::string_view withoutCounterpart(std::string_view name) {
  for (const Known& known : kKnown) {
    if (config::matchesPattern(name, known.pattern)) return known.why;
  }
  return {};
}

}  // namespace posthorn::msconfig
