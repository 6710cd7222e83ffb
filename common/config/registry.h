// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "common/config/options/auth.h"
#include "common/config/options/base.h"
#include "common/config/options/ens.h"
#include "common/config/options/http.h"
#include "common/config/options/imap.h"
#include "common/config/options/lmtp.h"
#include "common/config/options/log.h"
#include "common/config/options/pop.h"
#include "common/config/options/store.h"

// All tables as one array, in the order in which the sample file and the manual page show them. A row's
// place in it is its number inside one build; between processes options go by name.

namespace posthorn::config {

namespace detail {

template <typename Table>
inline constexpr std::size_t kRowsOf = std::tuple_size_v<Table>;
template <std::size_t N>
inline constexpr std::size_t kRowsOf<Option[N]> = N;

template <typename... Tables>
constexpr auto concatenate(const Tables&... tables) {
  std::array<Option, (kRowsOf<Tables> + ...)> all{};
  std::size_t at = 0;
  const auto append = [&](const auto& table) {
    for (const Option& row : table) all[at++] = row;
  };
  (append(tables), ...);
  return all;
}

}  // namespace detail

inline constexpr auto kOptions = detail::concatenate(
    options::kServer, options::kBase, options::kProxy, options::kTls, options::kPopService, options::kPopOnly,
    options::kImapService, options::kImapOnly, options::kCapabilities, options::kHttpService,
    options::kHttpSessions, options::kHttpContent, options::kHttpSmtp, options::kLmtpService,
    options::kLmtpOnly, options::kAuth, options::kStore, options::kLog, options::kEnsOnly,
    options::kNotifyTarget, options::kEventSwitches);

inline constexpr std::size_t kNoRow = kOptions.size();

/// The number of the row that is called exactly `name` ("partition:*.path" for a group's), or kNoRow.
constexpr std::size_t findRow(std::string_view name) {
  std::size_t row = 0;
  while (row < kOptions.size() && kOptions[row].name != name) ++row;
  return row;
}

namespace detail {

/// findRow for names in programs, to initialise constexpr variables: a wrong name does not compile.
constexpr std::size_t requireRow(std::string_view name) {
  const std::size_t row = findRow(name);
  if (row == kNoRow) throw "there is no option of this name";
  return row;
}

}  // namespace detail

/// The short names that options begin with, and the programs that serve: "pop", "popd".
std::string_view nameOf(Service service);
std::string_view programOf(Service service);

/// Whether this release has the program; master starts no other.
constexpr bool isBuilt(Service service) {
  return service == Service::Pop || service == Service::Imap || service == Service::Http ||
         service == Service::Lmtp || service == Service::Ens;
}

}  // namespace posthorn::config
