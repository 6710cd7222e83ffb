// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the other rooms see of the configuration: an immutable Snapshot, read by compile-time checked names:
//
//   config.get<"pop.popminpoll">()                     the row's own type; a wrong name does not compile
//   config.service(Service::Pop).maxsessions           what all services have in common, as a plain struct
//   config.group<"partition:*.path">("primary")        named groups; config.groups("tls") lists the names
//
// master:  Loaded loaded = config::load(file);          all findings at once; snapshot when none is an error
//          loaded.snapshot->serialize(Service::Pop)     the bytes of the sealed memfd: popd's rows only
// worker:  config::Snapshot::deserialize(bytes)         Result<std::shared_ptr<const Snapshot>>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/assert.h"
#include "common/base/result.h"
#include "common/config/finding.h"
#include "common/config/fixed_string.h"
#include "common/config/option.h"
#include "common/config/registry.h"
#include "common/log/logger.h"

namespace posthorn::config {

/// The value of an option, in the alternative that belongs to its Type.
using Value = std::variant<bool, std::int64_t, std::chrono::seconds, std::string, std::vector<std::string>>;

namespace detail {

template <Type T>
decltype(auto) valueAs(const Value& value) {
  if constexpr (T == Type::Bool) {
    return bool{std::get<bool>(value)};
  } else if constexpr (T == Type::Int || T == Type::Size) {
    return std::int64_t{std::get<std::int64_t>(value)};
  } else if constexpr (T == Type::Duration) {
    return std::chrono::seconds{std::get<std::chrono::seconds>(value)};
  } else if constexpr (T == Type::List) {
    return (std::get<std::vector<std::string>>(value));
  } else {
    return (std::get<std::string>(value));
  }
}

}  // namespace detail

/// A certificate chain and its key, from the group tls:NAME. Both are PEM files; master alone opens the key.
struct Certificate {
  std::string name;
  std::string cert;
  std::string key;
};

/// The longest line that a publisher may send to the event service: a whole event with its payload.
inline constexpr std::size_t kMaxPublishLine = 256UL * 1024;

/// A Unix socket that a service listens on.
struct LocalSocket {
  std::string path;           ///< absolute
  bool packets = false;       ///< SOCK_SEQPACKET instead of SOCK_STREAM
  std::uint32_t mode = 0666;  ///< the permissions of its file: who may connect
};

/// What services have in common, under the names of the options. Units: seconds, bytes.
struct ServiceConfig {
  Service service = Service::Pop;
  bool enable = false;
  std::vector<std::string> listenaddr;  ///< its own or base.listenaddr
  std::uint16_t port = 0;
  bool enablesslport = false;
  std::uint16_t sslport = 0;
  bool sslusessl = false;                 ///< as configured: TLS is offered when there are certificates too
  std::vector<Certificate> certificates;  ///< those of sslnicknames, or all; the first is the default one
  bool proxyprotocol = false;
  int plaintextmincipher = 0;
  std::uint32_t maxsessions = 0;
  std::uint32_t maxunauthsessions = 0;  ///< never 0: the rule of the option is applied
  std::uint32_t maxthreads = 0;
  std::uint32_t numprocesses = 0;
  std::uint32_t maxbadcommands = 0;
  std::size_t maxlinelength = 0;
  std::chrono::seconds idletimeout{};
  std::chrono::seconds unauthtimeout{};
  std::vector<std::string> connlimits;
  std::string banner;  ///< the template; empty for services without one
  std::vector<LocalSocket> localSockets = {};

  [[nodiscard]] bool offersTls() const { return sslusessl && !certificates.empty(); }
};

/// One whole configuration, every default filled in; never changes. Any thread.
///
/// A worker's copy holds only the rows of its service: reading another one there is a bug and aborts.
class Snapshot {
 public:
  struct Cell {
    Value value;
    bool isSet = false;  ///< by the operator, even if to the default
  };
  using Groups = std::map<std::string, std::map<std::string, std::map<std::size_t, Cell>>, std::less<>>;

  /// All defaults, as in an empty file.
  Snapshot();
  /// The defaults of the rows that `service` receives.
  explicit Snapshot(Service service);

  /// The value of a plain option.
  template <FixedString Name>
  [[nodiscard]] decltype(auto) get() const {
    constexpr std::size_t kRow = detail::requireRow(Name.view());
    static_assert(!kOptions[kRow].grouped(), "an option of a group is read by group<>()");
    return detail::valueAs<kOptions[kRow].type>(at(kRow));
  }
  /// True when the operator has set it.
  template <FixedString Name>
  [[nodiscard]] bool isSet() const {
    constexpr std::size_t kRow = detail::requireRow(Name.view());
    return cells_[kRow] && cells_[kRow]->isSet;
  }
  /// The value of "partition:*.path" for `name`, the row's default when that group does not set it.
  template <FixedString Name>
  [[nodiscard]] decltype(auto) group(std::string_view name) const {
    constexpr std::size_t kRow = detail::requireRow(Name.view());
    static_assert(kOptions[kRow].grouped(), "a plain option is read by get<>()");
    return detail::valueAs<kOptions[kRow].type>(inGroup(kRow, name));
  }
  /// The names of the groups of a kind ("tls", "proxy", "partition", "notifytarget"), sorted.
  [[nodiscard]] std::vector<std::string> groups(std::string_view kind) const;

  /// Made anew by each call: keep it.
  [[nodiscard]] ServiceConfig service(Service service) const;

  /// How the program of `service` logs (its own level and directory, else log.*); nothing = master and tools.
  [[nodiscard]] log::Settings logging(std::optional<Service> service) const;

  /// Where a partition lies: partition:NAME.path, for `primary` else store.path. NotFound when unknown.
  [[nodiscard]] Result<std::string> partitionPath(std::string_view name) const;

  /// base.hostname, never empty in a snapshot that was loaded.
  [[nodiscard]] const std::string& hostname() const { return get<"base.hostname">(); }

  /// The rows of one service as bytes (JSON), secrets included: for a sealed memfd only.
  [[nodiscard]] std::string serialize(Service service) const;
  /// What serialize wrote, by this release or a neighbouring one: rows that the writer did not know have
  /// their defaults, rows that we do not know are dropped. Invalid when it is not that.
  static Result<std::shared_ptr<const Snapshot>> deserialize(std::string_view bytes);

  /// A copy in which one plain option has another value (a lowered maxsessions, a test's setting) as an
  /// operator would write it; still counts as not set. NotFound or Invalid when the row does not take it.
  [[nodiscard]] Result<std::shared_ptr<const Snapshot>> with(std::string_view name,
                                                             std::string_view text) const;

  // For the other files of this room and for tools that walk all rows.

  /// The cell of a plain row; null when this copy has no such row.
  [[nodiscard]] const Cell* cell(std::size_t row) const { return cells_[row] ? &*cells_[row] : nullptr; }
  [[nodiscard]] const Groups& allGroups() const { return groups_; }
  void put(std::size_t row, Cell value) { cells_[row] = std::move(value); }
  void putInGroup(std::size_t row, const std::string& name, Cell value);

 private:
  [[nodiscard]] const Value& at(std::size_t row) const;
  [[nodiscard]] const Value& inGroup(std::size_t row, std::string_view name) const;
  template <FixedString S>
  [[nodiscard]] ServiceConfig common(Service service) const;
  [[nodiscard]] ServiceConfig events() const;
  [[nodiscard]] std::vector<Certificate> certificates(const std::vector<std::string>& names) const;

  std::vector<std::optional<Cell>> cells_;
  Groups groups_;
};

/// What came of reading a file. `snapshot` is there exactly when no finding is an error.
struct Loaded {
  std::shared_ptr<const Snapshot> snapshot;
  Findings findings;
  std::string file;

  [[nodiscard]] bool ok() const { return snapshot != nullptr; }
  /// One line per finding.
  [[nodiscard]] std::string report() const;
  /// Each finding as a line of the log.
  void log() const;
};

/// Reads and judges a whole file. Blocks for the read; throws nothing.
Loaded load(const std::string& path);
/// The same for a text. `file` is named in findings, and its folder is where a relative server.directory
/// starts.
Loaded parse(std::string_view text, const std::string& file);

/// The file to use: `option` when not empty, else $POSTHORN_CONFIG, else /etc/posthorn/posthorn.yaml.
std::string defaultFile(std::string_view option);

/// A difference between two snapshots, for refresh: what to do and whom it concerns.
struct Change {
  std::string name;
  Apply apply = Apply::Live;
  Services to = kMasterOnly;
};
std::vector<Change> changes(const Snapshot& before, const Snapshot& after);
/// `wanted` with the values that `running` has for all rows that take effect at a restart only: what a
/// refresh brings, so that two generations never disagree on where the store lies.
std::shared_ptr<const Snapshot> keepRestartRows(const Snapshot& running, const Snapshot& wanted);

/// How many sessions of a service one process can hold under `descriptors` (RLIMIT_NOFILE). A finding comes
/// with it when that is less than maxsessions: a warning when it is a default, an error when the operator set
/// it.
struct SessionRoom {
  std::uint32_t sessions = 0;
  std::optional<Finding> finding;
};
SessionRoom fitSessions(const Snapshot& config, Service service, std::uint64_t descriptors);

}  // namespace posthorn::config
