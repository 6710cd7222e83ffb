// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "common/config/fixed_string.h"
#include "common/config/option.h"

// The rows that every service with clients has: one row set, made for each service with its defaults.

namespace posthorn::config::options {

/// What differs between the services' copies of the common rows.
struct ServiceDefaults {
  Service service;
  std::string_view enable;
  std::string_view port;
  std::string_view sslport;
  std::string_view maxsessions;
  std::string_view idletimeout;  ///< also the least that is allowed
  std::int64_t leastIdle;
  std::string_view maxlinelength;
  std::string_view later = {};  ///< actsLater of all rows of a service that is not built
  std::string_view passwordsLater = later;
  std::string_view badCommandsLater = later;
  std::string_view listenaddr = {};  ///< empty: as base.listenaddr
  std::int64_t leastPort = 1;        ///< 0: the service can do without
  std::string_view anonymousLater = "No anonymous login is built in this release.";
};

/// Row sets of other groups use this too: the legacy name is "service." + name.
template <FixedString Name>
inline constexpr std::string_view kLegacyService = kJoined<"service.", Name>;

template <FixedString S>
// NOLINTNEXTLINE(readability-function-size): a table
constexpr auto portRows(const ServiceDefaults& d) {
  const Services to = only(d.service);
  return std::to_array<Option>({
      {.name = kJoined<S, ".enable">,
       .legacy = kLegacyService<S + FixedString(".enable")>,
       .type = Type::Bool,
       .fallback = d.enable,
       .apply = Apply::Restart,
       .to = to,
       .help = "The service may be started.",
       .actsLater = d.later},
      {.name = kJoined<S, ".port">,
       .legacy = kLegacyService<S + FixedString(".port")>,
       .type = Type::Int,
       .fallback = d.port,
       .limits = {d.leastPort, 65535},
       .apply = Apply::Restart,
       .to = to,
       .help = "The port of connections that begin in clear.",
       .more = d.leastPort == 0 ? "0 opens none." : "",
       .actsLater = d.later},
      {.name = kJoined<S, ".enablesslport">,
       .legacy = kLegacyService<S + FixedString(".enablesslport")>,
       .type = Type::Bool,
       .fallback = "no",
       .apply = Apply::Restart,
       .to = to,
       .help = "The port for TLS from the first byte is opened; this needs a certificate.",
       .actsLater = d.later},
      {.name = kJoined<S, ".sslport">,
       .legacy = kLegacyService<S + FixedString(".sslport")>,
       .type = Type::Int,
       .fallback = d.sslport,
       .limits = {1, 65535},
       .apply = Apply::Restart,
       .to = to,
       .help = "The port for TLS from the first byte.",
       .actsLater = d.later},
      {.name = kJoined<S, ".sslusessl">,
       .legacy = kLegacyService<S + FixedString(".sslusessl")>,
       .type = Type::Bool,
       .fallback = "yes",
       .to = to,
       .help = "TLS may be used at all, upgrading in clear connections included.",
       .more = "Without a certificate TLS is not offered, whatever this says.",
       .actsLater = d.later},
      {.name = kJoined<S, ".sslnicknames">,
       .legacy = kJoined<"local.", S + FixedString(".sslnicknames")>,
       .type = Type::List,
       .limits = {0, 1000},
       .item = Item::Word,
       .to = to,
       .help = "The tls: groups whose certificates this service shows; empty means all.",
       .actsLater = d.later},
      {.name = kJoined<S, ".listenaddr">,
       .type = Type::List,
       .fallback = d.listenaddr,
       .limits = {0, 64},
       .item = Item::Address,
       .apply = Apply::Restart,
       .to = to,
       .help = "The addresses that this service listens on; empty means those of base.listenaddr.",
       .actsLater = d.later},
      {.name = kJoined<S, ".proxyprotocol">,
       .type = Type::Bool,
       .fallback = "no",
       .to = to,
       .help =
           "Connections from the hosts of base.trustedproxies begin with a PROXY header (version 1 or 2).",
       .actsLater = d.later},
      {.name = kJoined<S, ".plaintextmincipher">,
       .legacy = kLegacyService<S + FixedString(".plaintextmincipher")>,
       .type = Type::Int,
       .fallback = "0",
       .limits = {-1, 1024},
       .to = to,
       .help =
           "What a password login needs: 0 nothing, more than 0 TLS with a cipher of at least so many bits, "
           "-1 forbids passwords.",
       .actsLater = d.passwordsLater},
  });
}

template <FixedString S>
constexpr auto limitRows(const ServiceDefaults& d) {
  const Services to = only(d.service);
  return std::to_array<Option>({
      {.name = kJoined<S, ".maxsessions">,
       .legacy = kLegacyService<S + FixedString(".maxsessions")>,
       .type = Type::Int,
       .fallback = d.maxsessions,
       .limits = {1, 1'000'000},
       .to = to,
       .help = "The most sessions in one process.",
       .more = "When all processes are full a further connection is answered, told so and closed.",
       .actsLater = d.later},
      {.name = kJoined<S, ".maxthreads">,
       .legacy = kLegacyService<S + FixedString(".maxthreads")>,
       .type = Type::Int,
       .fallback = "250",
       .limits = {4, 10'000},
       .to = to,
       .help = "The most job threads in one process; they come when needed and go when idle.",
       .actsLater = d.later},
      {.name = kJoined<S, ".numprocesses">,
       .legacy = kLegacyService<S + FixedString(".numprocesses")>,
       .type = Type::Int,
       .fallback = "1",
       .limits = {1, 32},
       .to = to,
       .help = "How many processes serve: one per processor, seldom more than 4.",
       .actsLater = d.later},
      {.name = kJoined<S, ".idletimeout">,
       .legacy = kLegacyService<S + FixedString(".idletimeout")>,
       .type = Type::Duration,
       .fallback = d.idletimeout,
       .limits = {d.leastIdle, 30 * kDay},
       .unit = Unit::Minutes,
       .apply = Apply::Live,
       .to = to,
       .help = "Minutes of silence after which a connection is closed; it can be raised, not lowered.",
       .actsLater = d.later},
      {.name = kJoined<S, ".maxunauthsessions">,
       .type = Type::Int,
       .fallback = "0",
       .limits = {0, 1'000'000},
       .to = to,
       .help =
           "The most connections without a login in one process; 0 means half of maxsessions, at least 16.",
       .actsLater = d.later},
      {.name = kJoined<S, ".connlimits">,
       .legacy = kLegacyService<S + FixedString(".connlimits")>,
       .type = Type::List,
       .limits = {0, 1000},
       .item = Item::ConnLimit,
       .to = to,
       .help =
           "The most connections at a time from one address, by network: IP|MASK:NUM or ADDRESS/PREFIX:NUM.",
       .more = "The narrowest network that holds the address decides; 0.0.0.0|0.0.0.0:20 catches the rest of "
               "IPv4.",
       .actsLater = d.later},
      {.name = kJoined<S, ".maxbadcommands">,
       .type = Type::Int,
       .fallback = "10",
       .limits = {1, 10'000},
       .apply = Apply::Live,
       .to = to,
       .help = "A connection is closed after so many commands in a row that make no sense.",
       .actsLater = d.badCommandsLater},
      {.name = kJoined<S, ".maxlinelength">,
       .type = Type::Size,
       .fallback = d.maxlinelength,
       .limits = {512, kMega},
       .unit = Unit::Bytes,
       .apply = Apply::Live,
       .to = to,
       .help = "The longest command line.",
       .actsLater = d.later},
  });
}

inline constexpr std::string_view kFiltersLater =
    "Client access filters are not built in this release: setting one is an error, because ignoring it would "
    "let somebody in.";

template <FixedString S>
constexpr auto accessRows(const ServiceDefaults& d) {
  const Services to = only(d.service);
  return std::to_array<Option>({
      {.name = kJoined<S, ".domainallowed">,
       .legacy = kLegacyService<S + FixedString(".domainallowed")>,
       .type = Type::List,
       .limits = {0, 1000},
       .item = Item::Filter,
       .to = to,
       .help = "Access filters of clients that may connect.",
       .actsLater = kFiltersLater,
       .refusedYet = true},
      {.name = kJoined<S, ".domainnotallowed">,
       .legacy = kLegacyService<S + FixedString(".domainnotallowed")>,
       .type = Type::List,
       .limits = {0, 1000},
       .item = Item::Filter,
       .to = to,
       .help = "Access filters of clients that may not connect.",
       .actsLater = kFiltersLater,
       .refusedYet = true},
      {.name = kJoined<S, ".allowanonymouslogin">,
       .legacy = kLegacyService<S + FixedString(".allowanonymouslogin")>,
       .type = Type::Bool,
       .fallback = "no",
       .to = to,
       .help = "The user `anonymous` may log in with any mail address as password.",
       .actsLater = d.anonymousLater},
      {.name = kJoined<S, ".logfile.loglevel">,
       .legacy = kJoined<"logfile.", S + FixedString(".loglevel")>,
       .type = Type::Enum,
       .allowed = "Nolog|Critical|Error|Warning|Notice|Information|Debug",
       .apply = Apply::Live,
       .to = to,
       .help = "How much this service logs; empty means as log.level.",
       .actsLater = d.later},
      {.name = kJoined<S, ".logfile.logdir">,
       .legacy = kJoined<"logfile.", S + FixedString(".logdir")>,
       .type = Type::Path,
       .apply = Apply::Live,
       .to = to,
       .help = "The directory of this service's log file; empty means log.directory.",
       .actsLater = d.later},
  });
}

template <std::size_t A, std::size_t B, std::size_t C>
constexpr std::array<Option, A + B + C> chain(const std::array<Option, A>& a, const std::array<Option, B>& b,
                                              const std::array<Option, C>& c) {
  std::array<Option, A + B + C> all{};
  std::copy(a.begin(), a.end(), all.begin());
  std::copy(b.begin(), b.end(), all.begin() + A);
  std::copy(c.begin(), c.end(), all.begin() + A + B);
  return all;
}

/// All common rows of the service that is called S.
template <FixedString S>
constexpr auto serviceRows(const ServiceDefaults& d) {
  return chain(portRows<S>(d), limitRows<S>(d), accessRows<S>(d));
}

}  // namespace posthorn::config::options
