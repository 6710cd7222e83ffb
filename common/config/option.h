// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace posthorn::config {

enum class Service : std::uint8_t { Pop, Imap, Http, Lmtp, Ens };
inline constexpr std::size_t kServices = 5;

/// What a value is, and thereby what `Snapshot::get` returns for it.
enum class Type : std::uint8_t {
  Bool,      ///< bool: yes no on off true false, any number (non-zero is true)
  Int,       ///< std::int64_t
  Size,      ///< std::int64_t, bytes: 5242880, 5M, 64k
  Duration,  ///< std::chrono::seconds: a bare number in the row's unit, 30m, 1h30m
  String,    ///< const std::string&
  Secret,    ///< const std::string&, never printed
  Enum,      ///< const std::string&, one of `allowed`, in the spelling of `allowed`
  Path,      ///< const std::string&, absolute once loaded (relative ones start at server.directory)
  List,      ///< const std::vector<std::string>&: a YAML sequence, or one text split at blanks and commas
};

/// What a text, or each text of a list, must look like.
enum class Item : std::uint8_t {
  Text,         ///< printable, one line
  Host,         ///< a host name or address
  HostPort,     ///< host, host:port, [address]:port
  Address,      ///< an IPv4 or IPv6 address
  Network,      ///< address or address/prefix
  Domain,       ///< a mail domain
  Word,         ///< letters, digits and - _ . (a user or group of the system, the name of a group)
  UserId,       ///< a login name
  Filter,       ///< an access filter (facts 3.1); lists of these are split at $ only
  AccessRules,  ///< +IP|MASK;-IP|MASK (access_rules.h)
  ConnLimit,    ///< IP|MASK:NUM or NETWORK:NUM
  Folder,       ///< NAME=\Use
  Expire,       ///< NEVER, or a number of days, with USER behind it if users differ (RFC 2449)
};

/// How a change reaches running services (design 1).
enum class Apply : std::uint8_t {
  Live,     ///< pushed into running workers
  Refresh,  ///< a new generation of workers takes over, the old one drains
  Restart,  ///< the listeners change too
};

/// What a bare number counts.
enum class Unit : std::uint8_t { None, Bytes, Seconds, Minutes, Hours, Days, Percent };

/// Which services a row's value is handed to; master and the tools see all.
using Services = std::uint8_t;
constexpr Services only(Service service) {
  return static_cast<Services>(1U << static_cast<unsigned>(service));
}
inline constexpr Services kMasterOnly = 0;
inline constexpr Services kAllServices = (1U << kServices) - 1;
inline constexpr Services kPop = only(Service::Pop);
inline constexpr Services kImap = only(Service::Imap);
inline constexpr Services kHttp = only(Service::Http);
inline constexpr Services kLmtp = only(Service::Lmtp);
inline constexpr Services kEns = only(Service::Ens);
inline constexpr Services kStoreServices = kPop | kImap | kLmtp;
inline constexpr Services kLoginServices = kPop | kImap | kHttp;
inline constexpr Services kSocketServices = kPop | kImap | kHttp | kLmtp | kEns;

/// Both ends allowed. Size in bytes, Duration in seconds, List in items, texts unlimited.
struct Limits {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};
inline constexpr std::int64_t kMinute = 60;
inline constexpr std::int64_t kHour = 3600;
inline constexpr std::int64_t kDay = 86400;
inline constexpr std::int64_t kKilo = 1024;
inline constexpr std::int64_t kMega = 1024 * kKilo;
inline constexpr std::int64_t kGiga = 1024 * kMega;

/// Where `wanted` is first, or text.size(). Not find(): g++ 12 with -fsanitize=undefined cannot evaluate that
/// at compile time for the names that are put together by kJoined.
constexpr std::size_t positionOf(std::string_view text, char wanted) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != wanted) ++at;
  return at;
}

/// One option, declared once. A name with a colon belongs to a group whose members the operator names:
/// "partition:*.path" is partition:primary.path for the partition `primary`; the * in `legacy` is the same
/// name.
// The fields stand in the order in which rows are best read.
struct Option {  // NOLINT(clang-analyzer-optin.performance.Padding)
  std::string_view name;
  std::string_view legacy = {};   ///< the older tool's name; accepted everywhere, canonical nowhere
  std::string_view unnamed = {};  ///< the group that `legacy` means when it stands without ".*"
  Type type = Type::String;
  std::string_view fallback = {};  ///< the default, as an operator would write it
  Limits limits = {};
  Unit unit = Unit::None;
  std::string_view allowed = {};  ///< "a|b|c" for Enum, and for the items of a List
  Item item = Item::Text;
  Apply apply = Apply::Refresh;
  Services to = kAllServices;
  std::string_view since = "0.1";
  std::string_view help = {};       ///< one sentence
  std::string_view more = {};       ///< further sentences
  std::string_view actsLater = {};  ///< set when nothing reads the value yet: said by set and check
  bool refusedYet =
      false;  ///< with actsLater: setting it is an error, because ignoring it would let somebody in
  std::string_view deprecatedSince = {};
  std::string_view replacedBy = {};

  [[nodiscard]] constexpr bool secret() const { return type == Type::Secret; }
  [[nodiscard]] constexpr bool grouped() const { return positionOf(name, ':') < name.size(); }
  /// "partition" of "partition:*.path".
  [[nodiscard]] constexpr std::string_view groupKind() const { return name.substr(0, positionOf(name, ':')); }
  /// ".path" of "partition:*.path".
  [[nodiscard]] constexpr std::string_view groupSuffix() const {
    return name.substr(positionOf(name, '*') + 1);
  }
};

}  // namespace posthorn::config
