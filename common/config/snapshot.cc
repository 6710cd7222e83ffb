// SPDX-License-Identifier: Apache-2.0
#include "common/config/snapshot.h"

#include <algorithm>
#include <utility>

#include "common/config/value.h"

namespace posthorn::config {

Snapshot::Snapshot() : cells_(kOptions.size()) {
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    if (!kOptions[row].grouped()) cells_[row] = Cell{fallbackOf(row), false};
  }
}

const Value& Snapshot::at(std::size_t row) const {
  PH_ASSERT(cells_[row].has_value());  // a worker reads an option whose row does not list its service
  return cells_[row]->value;
}

const Value& Snapshot::inGroup(std::size_t row, std::string_view name) const {
  const auto kind = groups_.find(kOptions[row].groupKind());
  if (kind == groups_.end()) return fallbackOf(row);
  const auto member = kind->second.find(std::string(name));
  if (member == kind->second.end()) return fallbackOf(row);
  const auto cell = member->second.find(row);
  return cell == member->second.end() ? fallbackOf(row) : cell->second.value;
}

void Snapshot::putInGroup(std::size_t row, const std::string& name, Cell value) {
  groups_[std::string(kOptions[row].groupKind())][name][row] = std::move(value);
}

std::vector<std::string> Snapshot::groups(std::string_view kind) const {
  std::vector<std::string> names;
  const auto found = groups_.find(kind);
  if (found == groups_.end()) return names;
  for (const auto& [name, cells] : found->second) names.push_back(name);
  return names;
}

std::vector<Certificate> Snapshot::certificates(const std::vector<std::string>& names) const {
  std::vector<Certificate> found;
  for (const std::string& name : names.empty() ? groups("tls") : names) {
    Certificate pair{name, group<"tls:*.cert">(name), group<"tls:*.key">(name)};
    if (!pair.cert.empty() && !pair.key.empty()) found.push_back(std::move(pair));
  }
  return found;
}

namespace {

/// The limits of the rows make these conversions exact.
template <typename To>
To narrow(std::int64_t value) {
  return static_cast<To>(value);
}

}  // namespace

template <FixedString S>
ServiceConfig Snapshot::common(Service service) const {
  ServiceConfig c;
  c.service = service;
  c.enable = get<S + FixedString(".enable")>();
  const auto& own = get<S + FixedString(".listenaddr")>();
  c.listenaddr = own.empty() ? get<"base.listenaddr">() : own;
  c.port = narrow<std::uint16_t>(get<S + FixedString(".port")>());
  c.enablesslport = get<S + FixedString(".enablesslport")>();
  c.sslport = narrow<std::uint16_t>(get<S + FixedString(".sslport")>());
  c.sslusessl = get<S + FixedString(".sslusessl")>();
  c.certificates = certificates(get<S + FixedString(".sslnicknames")>());
  c.proxyprotocol = get<S + FixedString(".proxyprotocol")>();
  c.plaintextmincipher = narrow<int>(get<S + FixedString(".plaintextmincipher")>());
  c.maxsessions = narrow<std::uint32_t>(get<S + FixedString(".maxsessions")>());
  c.maxunauthsessions = narrow<std::uint32_t>(get<S + FixedString(".maxunauthsessions")>());
  if (c.maxunauthsessions == 0) c.maxunauthsessions = std::max(16U, c.maxsessions / 2);
  c.maxunauthsessions = std::min(c.maxunauthsessions, c.maxsessions);
  c.maxthreads = narrow<std::uint32_t>(get<S + FixedString(".maxthreads")>());
  c.numprocesses = narrow<std::uint32_t>(get<S + FixedString(".numprocesses")>());
  c.maxbadcommands = narrow<std::uint32_t>(get<S + FixedString(".maxbadcommands")>());
  c.maxlinelength = narrow<std::size_t>(get<S + FixedString(".maxlinelength")>());
  c.idletimeout = get<S + FixedString(".idletimeout")>();
  c.unauthtimeout = get<"base.unauthtimeout">();
  c.connlimits = get<S + FixedString(".connlimits")>();
  return c;
}

namespace {

/// The permissions that an operator writes as "0660".
std::uint32_t modeOf(std::string_view octal) {
  std::uint32_t mode = 0;
  for (const char digit : octal) mode = mode * 8 + static_cast<std::uint32_t>(digit - '0');
  return mode;
}

}  // namespace

ServiceConfig Snapshot::service(Service service) const {
  switch (service) {
    case Service::Pop: {
      ServiceConfig c = common<"pop">(service);
      c.banner = get<"pop.banner">();
      return c;
    }
    case Service::Imap: {
      ServiceConfig c = common<"imap">(service);
      c.banner = get<"imap.banner">();
      return c;
    }
    case Service::Http:
      return common<"http">(service);
    case Service::Lmtp: {
      ServiceConfig c = common<"lmtp">(service);
      if (const std::string& path = get<"lmtp.socket">(); !path.empty())
        c.localSockets.push_back({.path = path, .mode = modeOf(get<"lmtp.socketmode">())});
      return c;
    }
    case Service::Ens:
      break;
  }
  return events();
}

ServiceConfig Snapshot::events() const {
  ServiceConfig c;
  c.service = Service::Ens;
  c.enable = get<"ens.enable">();
  const auto& own = get<"ens.listenaddr">();
  c.listenaddr = own.empty() ? get<"base.listenaddr">() : own;
  c.port = narrow<std::uint16_t>(get<"ens.port">());
  c.enablesslport = get<"ens.enablesslport">();
  c.sslport = narrow<std::uint16_t>(get<"ens.sslport">());
  c.sslusessl = get<"ens.sslusessl">();
  c.certificates = certificates(get<"ens.sslnicknames">());
  c.maxsessions = narrow<std::uint32_t>(get<"ens.maxsessions">());
  c.maxunauthsessions = std::min(std::max(16U, c.maxsessions / 2), c.maxsessions);
  c.maxthreads = 4;
  c.numprocesses = 1;
  c.maxbadcommands = narrow<std::uint32_t>(get<"ens.maxbadcommands">());
  // What publishers may send; ens.maxlinelength is for the others.
  c.maxlinelength = kMaxPublishLine;
  c.idletimeout = get<"ens.idletimeout">();
  c.unauthtimeout = get<"base.unauthtimeout">();
  c.connlimits = get<"ens.connlimits">();
  c.localSockets.push_back({.path = get<"server.rundir">() + "/events.sock", .packets = true});
  return c;
}

Result<std::string> Snapshot::partitionPath(std::string_view name) const {
  const std::string& path = group<"partition:*.path">(name);
  if (!path.empty()) return path;
  if (name == "primary") return get<"store.path">();
  return makeError(Errc::NotFound, "there is no partition " + std::string(name));
}

namespace {

log::Level levelOf(std::string_view word) {
  constexpr std::pair<std::string_view, log::Level> kLevels[] = {
      {"Nolog", log::Level::Nolog},   {"Critical", log::Level::Critical},
      {"Error", log::Level::Error},   {"Warning", log::Level::Warning},
      {"Notice", log::Level::Notice}, {"Information", log::Level::Information},
      {"Debug", log::Level::Debug},
  };
  for (const auto& [name, level] : kLevels) {
    if (name == word) return level;
  }
  return log::Level::Notice;
}

struct OwnLogging {
  std::string level;
  std::string directory;
};

OwnLogging ownLogging(const Snapshot& config, std::optional<Service> service) {
  if (service == Service::Pop) {
    return {config.get<"pop.logfile.loglevel">(), config.get<"pop.logfile.logdir">()};
  }
  if (service == Service::Imap) {
    return {config.get<"imap.logfile.loglevel">(), config.get<"imap.logfile.logdir">()};
  }
  if (service == Service::Http) {
    return {config.get<"http.logfile.loglevel">(), config.get<"http.logfile.logdir">()};
  }
  if (service == Service::Lmtp) {
    return {config.get<"lmtp.logfile.loglevel">(), config.get<"lmtp.logfile.logdir">()};
  }
  if (service == Service::Ens) {
    return {config.get<"ens.logfile.loglevel">(), config.get<"ens.logfile.logdir">()};
  }
  return {};
}

}  // namespace

log::Settings Snapshot::logging(std::optional<Service> service) const {
  const OwnLogging own = ownLogging(*this, service);
  log::Settings settings;
  settings.process = service ? std::string(programOf(*service)) : "master";
  settings.level = levelOf(own.level.empty() ? get<"log.level">() : own.level);
  settings.directory = own.directory.empty() ? get<"log.directory">() : own.directory;
  const std::string& format = get<"log.format">();
  settings.format = format == "json"      ? log::Format::Json
                    : format == "classic" ? log::Format::Classic
                                          : log::Format::KeyValue;
  const std::string& target = get<"log.target">();
  settings.target = target == "file"      ? log::Target::File
                    : target == "journal" ? log::Target::Journal
                                          : log::Target::Stderr;
  return settings;
}

Result<std::shared_ptr<const Snapshot>> Snapshot::with(std::string_view name, std::string_view text) const {
  const std::size_t row = findRow(name);
  if (row == kNoRow || kOptions[row].grouped()) {
    return makeError(Errc::NotFound, "there is no option " + std::string(name));
  }
  PH_TRY(Value value, parseValue(kOptions[row], text));
  auto copy = std::make_shared<Snapshot>(*this);
  copy->put(row, Cell{std::move(value), false});
  return std::shared_ptr<const Snapshot>(std::move(copy));
}

namespace {

constexpr std::pair<std::string_view, std::string_view> kServiceNames[] = {
    {"pop", "popd"}, {"imap", "imapd"}, {"http", "mshttpd"}, {"lmtp", "deliver"}, {"ens", "enpd"}};

}  // namespace

std::string_view nameOf(Service service) {
  return kServiceNames[static_cast<std::size_t>(service)].first;
}

std::string_view programOf(Service service) {
  return kServiceNames[static_cast<std::size_t>(service)].second;
}

}  // namespace posthorn::config
