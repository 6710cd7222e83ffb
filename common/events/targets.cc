// SPDX-License-Identifier: Apache-2.0
#include "common/events/targets.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/config/snapshot.h"

namespace posthorn::events {

namespace {

/// A switch of a target and the types that it is for.
struct Switch {
  bool (*on)(const config::Snapshot& config, const std::string& name);
  EventMask types;
};

#define PH_SWITCH(event, types)                                           \
  {                                                                       \
    [](const config::Snapshot& config, const std::string& name) -> bool { \
      return config.group<"notifytarget:*." event ".enable">(name);       \
    },                                                                    \
        types                                                             \
  }

/// What has no switch is always on.
constexpr Switch kSwitches[] = {
    PH_SWITCH("annotatemsg", maskOf(EventType::AnnotateMsg)),
    PH_SWITCH("changeflag", maskOf(EventType::ChangeFlag)),
    PH_SWITCH("copymsg", maskOf(EventType::CopyMsg)),
    PH_SWITCH("deletemsg", maskOf(EventType::DeleteMsg)),
    PH_SWITCH("expungemsg", maskOf(EventType::ExpungeMsg)),
    PH_SWITCH("loguser", maskOf(EventType::Login) | maskOf(EventType::Logout)),
    PH_SWITCH("msgflags", maskOf(EventType::MsgFlags)),
    PH_SWITCH("newmsg", maskOf(EventType::NewMsg)),
    PH_SWITCH("overquota", maskOf(EventType::OverQuota)),
    PH_SWITCH("purgemsg", maskOf(EventType::PurgeMsg)),
    PH_SWITCH("readmsg", maskOf(EventType::ReadMsg)),
    PH_SWITCH("trashmsg", maskOf(EventType::TrashMsg)),
    PH_SWITCH("underquota", maskOf(EventType::UnderQuota)),
    PH_SWITCH("updatemsg", maskOf(EventType::UpdateMsg)),
};
#undef PH_SWITCH

/// Newer types that are told as an older one where they are switched off.
struct Older {
  EventType newer;
  EventType older;
};
constexpr Older kOlder[] = {
    {EventType::ExpungeMsg, EventType::DeleteMsg},
    {EventType::CopyMsg, EventType::UpdateMsg},
};

bool isLoopback(View host) {
  return ascii::equal(host, "localhost") || host == "::1" || host.substr(0, 4) == "127.";
}

bool isHere(const config::Snapshot& config, View host) {
  const auto& own = config.get<"base.listenaddr">();
  return isLoopback(host) || ascii::equal(host, config.hostname()) ||
         std::any_of(own.begin(), own.end(), [&](const std::string& address) { return address == host; });
}

Target targetOf(const config::Snapshot& config, const std::string& name) {
  Target target;
  target.name = name;
  target.host = config.group<"notifytarget:*.enshost">(name);
  target.port = static_cast<std::uint16_t>(config.group<"notifytarget:*.ensport">(name));
  target.key = config.group<"notifytarget:*.enseventkey">(name);
  target.nonInbox =
      config.get<"ens.noneinbox.enable">() && config.group<"notifytarget:*.noneinbox.enable">(name);
  target.maxHeader = static_cast<std::size_t>(config.group<"notifytarget:*.maxheadersize">(name));
  target.maxBody = static_cast<std::size_t>(config.group<"notifytarget:*.maxbodysize">(name));
  for (const Switch& each : kSwitches)
    if (!each.on(config, name)) target.enabled &= ~each.types;
  target.local =
      isHere(config, target.host) && (name == kInternalTarget || target.port == config.get<"ens.port">());
  return target;
}

}  // namespace

std::optional<EventType> Target::typeFor(const Event& event) const {
  if (!nonInbox && !event.inInbox()) return std::nullopt;
  if ((enabled & maskOf(event.type)) != 0) return event.type;
  for (const Older& pair : kOlder)
    if (pair.newer == event.type && (enabled & maskOf(pair.older)) != 0) return pair.older;
  return std::nullopt;
}

std::optional<Event> Target::shareOf(const Event& event) const {
  const auto type = typeFor(event);
  if (!type) return std::nullopt;
  Event share = event;
  share.type = *type;
  share.header.resize(std::min(share.header.size(), maxHeader));
  share.body.resize(std::min(share.body.size(), maxBody));
  return share;
}

EventMask Target::published(EventMask wanted) const {
  EventMask mask = wanted & enabled;
  for (const Older& pair : kOlder)
    if ((enabled & maskOf(pair.newer)) == 0 && (mask & maskOf(pair.older)) != 0) mask |= maskOf(pair.newer);
  return mask;
}

std::vector<Target> targetsFrom(const config::Snapshot& config) {
  std::vector<Target> targets;
  targets.push_back(targetOf(config, std::string(kInternalTarget)));
  for (const std::string& name : config.groups("notifytarget"))
    if (name != kInternalTarget) targets.push_back(targetOf(config, name));
  return targets;
}

TargetUnion unionOf(const std::vector<Target>& targets) {
  TargetUnion all;
  for (const Target& target : targets) {
    all.enabled |= target.published(kAllEvents);
    all.nonInbox = all.nonInbox || target.nonInbox;
    all.maxHeader = std::max(all.maxHeader, target.maxHeader);
    all.maxBody = std::max(all.maxBody, target.maxBody);
  }
  return all;
}

}  // namespace posthorn::events
