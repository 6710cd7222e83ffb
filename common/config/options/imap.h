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
    {.name = "imap.jmapurl",
     .limits = {0, 400},
     .apply = Apply::Live,
     .to = kImap,
     .help = "The URL of the JMAP session resource, which IMAP clients are told (JMAPACCESS).",
     .more =
         "Empty: made of base.hostname and the ports of http, with https where http has a certificate and "
         "its port; where http is not enabled there is none, and JMAPACCESS is not announced. To be set "
         "where a proxy stands before http."},
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

/// Of atoms that imapd/capabilities.cc does not have.
inline constexpr std::string_view kExtensionLater = "The extension is not built in this release.";

template <FixedString Atom>
constexpr Option capability(std::string_view later = {}) {
  return {.name = kJoined<"imap.capability.", Atom>,
          .legacy = kJoined<"service.imap.capability.", Atom>,
          .type = Type::Bool,
          .fallback = "yes",
          .apply = Apply::Live,
          .to = kImap,
          .help = "The extension of this name is announced where it is built and its back end is up.",
          .actsLater = later};
}

inline constexpr Option kCapabilities[] = {
    capability<"acl">(),
    capability<"binary">(),
    capability<"catenate">(kExtensionLater),
    capability<"children">(),
    capability<"compress">(kExtensionLater),
    capability<"condstore">(),
    capability<"context">(kExtensionLater),
    capability<"enable">(),
    capability<"esearch">(),
    capability<"i18nlevel">(kExtensionLater),
    capability<"id">(),
    capability<"idle">(),
    capability<"imap4rev2">(kExtensionLater),
    capability<"inprogress">(kExtensionLater),
    capability<"jmapaccess">(),
    capability<"language">(kExtensionLater),
    capability<"list_extended">(),
    capability<"list_status">(),
    capability<"literal">(),
    capability<"metadata">(),
    capability<"move">(),
    capability<"multiappend">(),
    capability<"multisearch">(kExtensionLater),
    capability<"namespace">(),
    capability<"notify">(kExtensionLater),
    capability<"objectid">(),
    capability<"partial">(kExtensionLater),
    capability<"preview">(),
    capability<"qresync">(kExtensionLater),
    capability<"quota">(),
    capability<"replace">(kExtensionLater),
    capability<"sasl_ir">(),
    capability<"savedate">(),
    capability<"searchres">(kExtensionLater),
    capability<"sort">(kExtensionLater),
    capability<"special_use">(),
    capability<"starttls">(),
    capability<"status_size">(),
    capability<"thread">(kExtensionLater),
    capability<"uidplus">(),
    capability<"unauthenticate">(),
    capability<"unselect">(),
    capability<"utf8_accept">(kExtensionLater),
    capability<"within">(),
};

}  // namespace posthorn::config::options
