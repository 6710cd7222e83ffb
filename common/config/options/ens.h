// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/fixed_string.h"
#include "common/config/option.h"

namespace posthorn::config::options {

inline constexpr std::string_view kEnsLater = "The event service enpd is not built in this release.";
inline constexpr Services kEventServices = kStoreServices | kEns;

inline constexpr Option kEnsOnly[] = {
    {.name = "ens.enable",
     .legacy = "local.ens.enable",
     .type = Type::Bool,
     .fallback = "yes",
     .to = kEventServices,
     .help = "The event service may be started.",
     .actsLater = kEnsLater},
    {.name = "ens.port",
     .legacy = "local.ens.port",
     .type = Type::Int,
     .fallback = "7997",
     .limits = {1, 65535},
     .apply = Apply::Restart,
     .to = kEventServices,
     .help = "The port of the event service.",
     .actsLater = kEnsLater},
    {.name = "ens.access",
     .legacy = "local.ens.access",
     .type = Type::List,
     .limits = {0, 1000},
     .item = Item::Filter,
     .to = kEns,
     .help = "Who may connect to the event service.",
     .actsLater = kEnsLater,
     .refusedYet = true},
    {.name = "ens.noneinbox.enable",
     .legacy = "local.store.notifyplugin.noneinbox.enable",
     .type = Type::Bool,
     .fallback = "yes",
     .to = kEventServices,
     .help = "Mailboxes other than INBOX send events too; without them IDLE is not announced.",
     .actsLater = kEnsLater},
};

inline constexpr Option kNotifyTarget[] = {
    {.name = "notifytarget:*.enshost",
     .legacy = "local.store.notifyplugin.*.enshost",
     .fallback = "127.0.0.1",
     .item = Item::Host,
     .to = kEventServices,
     .help = "The host of the event service that this target publishes to.",
     .actsLater = kEnsLater},
    {.name = "notifytarget:*.ensport",
     .legacy = "local.store.notifyplugin.*.ensport",
     .type = Type::Int,
     .fallback = "7997",
     .limits = {1, 65535},
     .to = kEventServices,
     .help = "The port of the event service that this target publishes to.",
     .actsLater = kEnsLater},
    {.name = "notifytarget:*.enseventkey",
     .legacy = "local.store.notifyplugin.*.enseventkey",
     .fallback = "enp://127.0.0.1/store",
     .limits = {1, 1000},
     .to = kEventServices,
     .help = "The prefix of event references; its host part is a name, not an address.",
     .actsLater = kEnsLater},
    {.name = "notifytarget:*.noneinbox.enable",
     .legacy = "local.store.notifyplugin.*.noneinbox.enable",
     .type = Type::Bool,
     .fallback = "yes",
     .to = kEventServices,
     .help = "Mailboxes other than INBOX send events to this target too.",
     .actsLater = kEnsLater},
    {.name = "notifytarget:*.maxheadersize",
     .legacy = "local.store.notifyplugin.*.maxheadersize",
     .type = Type::Size,
     .fallback = "0",
     .limits = {0, 64 * kKilo},
     .unit = Unit::Bytes,
     .to = kEventServices,
     .help = "How much of a message's header an event carries.",
     .actsLater = kEnsLater},
    {.name = "notifytarget:*.maxbodysize",
     .legacy = "local.store.notifyplugin.*.maxbodysize",
     .type = Type::Size,
     .fallback = "0",
     .limits = {0, 64 * kKilo},
     .unit = Unit::Bytes,
     .to = kEventServices,
     .help = "How much of a message's body an event carries.",
     .actsLater = kEnsLater},
};

template <FixedString Event>
constexpr Option eventSwitch() {
  return {.name = kJoined<"notifytarget:*.", Event + FixedString(".enable")>,
          .legacy = kJoined<"local.store.notifyplugin.*.", Event + FixedString(".enable")>,
          .type = Type::Bool,
          .fallback = "yes",
          .to = kEventServices,
          .help = "Events of this type are published.",
          .actsLater = kEnsLater};
}

inline constexpr Option kEventSwitches[] = {
    eventSwitch<"annotatemsg">(), eventSwitch<"changeflag">(), eventSwitch<"copymsg">(),
    eventSwitch<"deletemsg">(),   eventSwitch<"expungemsg">(), eventSwitch<"loguser">(),
    eventSwitch<"msgflags">(),    eventSwitch<"newmsg">(),     eventSwitch<"overquota">(),
    eventSwitch<"purgemsg">(),    eventSwitch<"readmsg">(),    eventSwitch<"trashmsg">(),
    eventSwitch<"underquota">(),  eventSwitch<"updatemsg">(),
};

}  // namespace posthorn::config::options
