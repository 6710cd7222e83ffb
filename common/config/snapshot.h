// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the other rooms see of the configuration: an immutable Snapshot, read by compile-time checked names:
//
//   config.get<"pop.popminpoll">()                     the row's own type; a wrong name does not compile
//   config.service(Service::Pop).maxsessions           what all services have in common, as a plain struct
//   config.group<"partition:*.path">("primary")        named groups

#include <cstdint>
#include <string_view>

namespace posthorn::config {

enum class Service : std::uint8_t { Pop, Imap, Http, Lmtp, Ens };
inline constexpr std::size_t kServices = 5;

}  // namespace posthorn::config
