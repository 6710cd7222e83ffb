// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/options/service.h"

namespace posthorn::config::options {

inline constexpr auto kImapService = serviceRows<"imap">({.service = Service::Imap,
                                                          .enable = "yes",
                                                          .port = "143",
                                                          .sslport = "993",
                                                          .maxsessions = "4000",
                                                          .idletimeout = "30m",
                                                          .leastIdle = 30 * kMinute,
                                                          .maxlinelength = "64k"});

inline constexpr Option kImapOnly[] = {
    {.name = "imap.banner",
     .legacy = "service.imap.banner",
     .fallback = "%h %p service (%P %V)",
     .limits = {0, 400},
     .apply = Apply::Live,
     .to = kImap,
     .help = "The text of the greeting.",
     .more = "%h host, %p protocol (IMAP4), %P product, %V version, %% a percent sign; other letters are "
             "those of "
             "strftime(3)."},
};

template <FixedString Atom>
constexpr Option capability() {
  return {.name = kJoined<"imap.capability.", Atom>,
          .legacy = kJoined<"service.imap.capability.", Atom>,
          .type = Type::Bool,
          .fallback = "yes",
          .apply = Apply::Live,
          .to = kImap,
          .help = "The extension of this name is announced where it is built and its back end is up.",
          .actsLater = "imapd speaks only CAPABILITY, LOGIN and LOGOUT in this release."};
}

inline constexpr Option kCapabilities[] = {
    capability<"acl">(),           capability<"binary">(),      capability<"catenate">(),
    capability<"children">(),      capability<"compress">(),    capability<"condstore">(),
    capability<"context">(),       capability<"enable">(),      capability<"esearch">(),
    capability<"i18nlevel">(),     capability<"id">(),          capability<"idle">(),
    capability<"imap4rev2">(),     capability<"inprogress">(),  capability<"language">(),
    capability<"list_extended">(), capability<"list_status">(), capability<"literal">(),
    capability<"metadata">(),      capability<"move">(),        capability<"multiappend">(),
    capability<"multisearch">(),   capability<"namespace">(),   capability<"notify">(),
    capability<"objectid">(),      capability<"partial">(),     capability<"preview">(),
    capability<"qresync">(),       capability<"quota">(),       capability<"replace">(),
    capability<"sasl_ir">(),       capability<"savedate">(),    capability<"searchres">(),
    capability<"sort">(),          capability<"special_use">(), capability<"starttls">(),
    capability<"status_size">(),   capability<"thread">(),      capability<"uidplus">(),
    capability<"unselect">(),      capability<"utf8_accept">(), capability<"within">(),
};

}  // namespace posthorn::config::options
