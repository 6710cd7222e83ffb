// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace posthorn::log {

/// The manuals' levels, quiet to talkative (facts 5.4).
enum class Level { Nolog, Critical, Error, Warning, Notice, Information, Debug };

/// One kind of log line, catalogued in messages.h: what happened and what the operator should do.
struct Message {
  std::string_view id;  ///< stable, for filters: "login-failed"
  Level level;
  std::string_view category;  ///< General, LDAP, Network, Account, Protocol, Stats, Store
  std::string_view text;      ///< one sentence without values
  std::string_view action;    ///< what to do; empty when nothing
  std::string_view classic =
      {};  ///< the classic format's own shape: "close [{client}] [{user}]"; empty: text key=value
};

/// A value of a line. Never a password, a token or a message body.
struct Field {
  std::string_view key;
  std::string value;
};

enum class Format { KeyValue, Json, Classic };
enum class Target { Stderr, File, Journal };

struct Settings {
  std::string process = "posthorn";  ///< "popd"
  Level level = Level::Notice;
  Format format = Format::KeyValue;
  Target target = Target::Stderr;
  std::string directory;  ///< for Target::File: <directory>/<process>
  std::string host;       ///< for Format::Classic; empty: the system's name
  std::string journalSocket = "/run/systemd/journal/socket";
};

/// Sets how this process logs; may be called again (live options, or to open a rotated file anew). Before the
/// first call lines go to stderr. On failure (no such directory, no journal) nothing changes.
Status configure(const Settings& settings);

[[nodiscard]] bool enabled(Level level);

/// Writes one line with one write(2). Any thread; never throws; keeps errno; blocks at most for a local file
/// write. What cannot be written where it should go is written to stderr.
void write(const Message& message, std::initializer_list<Field> fields = {});
void write(const Message& message, std::span<const Field> fields);

}  // namespace posthorn::log
