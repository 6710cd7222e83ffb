// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::mshttpd::messages {

inline constexpr log::Message kBackEndGone{
    "backend-gone", log::Level::Error, "Network",
    "A store host cannot be reached: its users are told to try again",
    "Mend what detail= says. It is tried again by itself, and backend-back tells when it is well."};
inline constexpr log::Message kBackEndBack{"backend-back", log::Level::Notice, "Network",
                                           "A store host answers again", ""};
inline constexpr log::Message kBackEndRefuses{
    "backend-refuses", log::Level::Error, "Account", "A store host refuses a proxy login",
    "See that base.proxyadmin is in store.admins there, and that its password is right."};
inline constexpr log::Message kBackEndUnconfigured{
    "backend-unconfigured", log::Level::Error, "General",
    "Nobody can read mail of a store host: options are not set", "Set the options that detail= names."};
inline constexpr log::Message kBackEndLess{
    "backend-less", log::Level::Notice, "General",
    "A store host is not one of ours: some of what browsers can do is missing", ""};
inline constexpr log::Message kNoPush{
    "push-gone", log::Level::Warning, "Network",
    "The event service of a store host does not answer: browsers learn of new mail late",
    "See that it runs there and that its ens.access lets this host in. It is tried again by itself."};
inline constexpr log::Message kPushBack{"push-back", log::Level::Notice, "Network",
                                        "The event service of a store host answers again", ""};

}  // namespace posthorn::mshttpd::messages
