// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/exchange.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/events/event_text.h"
#include "tools/enpd/reply.h"

namespace posthorn::enpd {
namespace {

constexpr std::string_view kMailboxSign = "%M";

/// The whole of `prefix`, up to the end or a '/'.
bool isAtOrBelow(std::string_view path, std::string_view prefix) {
  return path.size() >= prefix.size() && path.substr(0, prefix.size()) == prefix &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool segmentsHold(const std::vector<std::string>& pattern, std::string_view path) {
  path.remove_prefix(std::min(path.find("://") + 3, path.size()));
  const auto segments = ascii::split(path, '/');
  if (segments.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (!pattern[i].empty() && pattern[i] != segments[i]) return false;
  return true;
}

void erase(std::vector<std::size_t>& places, std::size_t place) {
  const auto found = std::find(places.begin(), places.end(), place);
  if (found == places.end()) return;
  *found = places.back();
  places.pop_back();
}

/// The key with the mailbox's name at its end, decoded.
std::string pathOf(const events::Event& event, std::string_view key) {
  std::string whole(key);
  while (!whole.empty() && whole.back() == '/') whole.pop_back();
  if (whole.find(kMailboxSign) == std::string::npos) whole += "/%M";
  return percentDecoded(events::eventKey(event, whole), Controls::Kept).value_or("");
}

std::string written(const events::Event& event, std::string_view key, Form form) {
  return form == Form::Json ? events::eventJson(event, key) : events::eventReference(event, key);
}

}  // namespace

void Exchange::setTargets(std::vector<events::Target> targets) {
  targets_ = std::move(targets);
  if (onWanted_) onWanted_();
}

Status Exchange::checkRoom(const Subscriber& subscriber, const std::vector<Wish>& wishes,
                           std::size_t most) const {
  std::size_t fresh = 0;
  std::size_t wild = 0;
  for (const Wish& wish : wishes) {
    if (subscriber.held_.count(wish.name()) != 0) continue;
    ++fresh;
    wild += wish.wild() ? 1 : 0;
  }
  if (subscriber.held_.size() + fresh > most)
    return makeError(Errc::Limit, "this connection has too many subscriptions");
  if (wild == 0) return okStatus();
  const auto own = wildOf_.find(const_cast<Subscriber*>(&subscriber));
  if ((own == wildOf_.end() ? 0 : own->second) + wild > kMaxWild || wild_.size() + wild > kMaxWildTogether)
    return makeError(Errc::Limit, "there are too many patterns with an open segment before their end");
  return okStatus();
}

Status Exchange::subscribe(Subscriber& subscriber, std::vector<Wish> wishes, std::size_t most) {
  PH_CHECK(checkRoom(subscriber, wishes, most));
  const events::EventMask before = subscribed_;
  for (Wish& wish : wishes) add(subscriber, std::move(wish));
  if (subscribed_ != before && onWanted_) onWanted_();
  return okStatus();
}

Exchange::Places& Exchange::placesFor(const Wish& wish) {
  if (!wish.owner.empty()) return byOwner_[wish.owner];
  return wish.wild() ? wild_ : byPath_[wish.path];
}

void Exchange::count(const Wish& wish, bool more) {
  for (unsigned number = 1; number < events::kEventTypes; ++number) {
    const events::EventMask bit = events::EventMask{1} << number;
    if ((wish.types & bit) == 0) continue;
    std::size_t& wishes = wishesOf_.at(number);
    wishes = more ? wishes + 1 : wishes - 1;
    subscribed_ = wishes == 0 ? subscribed_ & ~bit : subscribed_ | bit;
  }
}

void Exchange::add(Subscriber& subscriber, Wish wish) {
  const std::string name = wish.name();
  if (const auto held = subscriber.held_.find(name); held != subscriber.held_.end()) {
    Wish& before = entries_[held->second].wish;
    count(before, false);
    before.types = wish.types;
    before.form = wish.form;
    count(before, true);
    return;
  }
  std::size_t place = entries_.size();
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  count(wish, true);
  placesFor(wish).push_back(place);
  if (wish.wild()) ++wildOf_[&subscriber];
  subscriber.held_[name] = place;
  subscribers_[&subscriber] = true;
  entries_[place] = {&subscriber, std::move(wish)};
}

void Exchange::remove(std::size_t place) {
  Entry& entry = entries_[place];
  const Wish& wish = entry.wish;
  count(wish, false);
  Places& places = placesFor(wish);
  erase(places, place);
  if (places.empty()) {
    if (!wish.owner.empty())
      byOwner_.erase(wish.owner);
    else if (!wish.wild())
      byPath_.erase(wish.path);
  }
  if (wish.wild() && --wildOf_[entry.subscriber] == 0) wildOf_.erase(entry.subscriber);
  entry = {};
  free_.push_back(place);
}

void Exchange::unsubscribe(Subscriber& subscriber, const Wish& wish) {
  const auto held = subscriber.held_.find(wish.name());
  if (held == subscriber.held_.end()) return;
  const events::EventMask before = subscribed_;
  remove(held->second);
  subscriber.held_.erase(held);
  if (subscriber.held_.empty()) subscribers_.erase(&subscriber);
  if (subscribed_ != before && onWanted_) onWanted_();
}

void Exchange::unsubscribeAll(Subscriber& subscriber) {
  const events::EventMask before = subscribed_;
  for (const auto& [name, place] : subscriber.held_) remove(place);
  subscriber.held_.clear();
  subscribers_.erase(&subscriber);
  if (subscribed_ != before && onWanted_) onWanted_();
}

events::EventMask Exchange::wanted() const {
  events::EventMask mask = 0;
  for (const events::Target& target : targets_)
    if (target.local) mask |= target.published(subscribed_);
  return mask;
}

bool Exchange::fits(const Wish& wish, const Notice& notice) {
  if ((wish.types & events::maskOf(notice.type)) == 0) return false;
  if (!wish.owner.empty() && wish.owner != notice.owner) return false;
  if (!wish.user.empty() && wish.user != notice.user) return false;
  if (!wish.mailbox.empty() && wish.mailbox != notice.mailbox) return false;
  return wish.wild() ? segmentsHold(wish.segments, notice.path) : isAtOrBelow(notice.path, wish.path);
}

void Exchange::tellOne(const Entry& entry, const Notice& notice, std::array<Line, kForms>& lines,
                       std::size_t& told) {
  const auto form = static_cast<std::size_t>(entry.wish.form);
  std::uint64_t& seen = entry.subscriber->seen_.at(form);
  // Once, also when several of its subscriptions hold it.
  if (seen == serial_ || !fits(entry.wish, notice)) return;
  seen = serial_;
  Line& line = lines.at(form);
  if (!line)
    line = std::make_shared<const std::string>(notice.write(entry.wish.form) + std::string(kLineEnd));
  entry.subscriber->onEvent(line);
  ++told;
}

std::size_t Exchange::tell(const Notice& notice) {
  ++serial_;
  std::size_t told = 0;
  std::array<Line, kForms> lines;
  const auto tellAll = [&](const Places& places) {
    for (const std::size_t place : places) tellOne(entries_[place], notice, lines, told);
  };
  if (const auto found = byOwner_.find(std::string(notice.owner)); found != byOwner_.end())
    tellAll(found->second);
  std::size_t segments = 0;
  for (std::size_t end = notice.path.size(); end != std::string::npos && end > 0 && segments < kMaxSegments;
       ++segments) {
    if (const auto found = byPath_.find(notice.path.substr(0, end)); found != byPath_.end())
      tellAll(found->second);
    end = notice.path.rfind('/', end - 1);
  }
  tellAll(wild_);
  return told;
}

std::size_t Exchange::publish(const events::Event& event) {
  std::size_t told = 0;
  for (const events::Target& target : targets_) {
    if (!target.local) continue;
    if (const auto share = target.shareOf(event)) told += relay(*share, target.key);
  }
  return told;
}

std::size_t Exchange::relay(const events::Event& event, std::string_view key) {
  if ((subscribed_ & events::maskOf(event.type)) == 0) return 0;
  const std::string mailbox = events::mailboxNameOf(event);
  return tell({.path = pathOf(event, key),
               .owner = event.owner,
               .user = event.user.empty() ? event.owner : event.user,
               .mailbox = mailbox,
               .type = event.type,
               .write = [&event, key](Form form) { return written(event, key, form); }});
}

Result<std::size_t> Exchange::publishText(std::string_view text) {
  PH_TRY(const Reference reference, parseReference(text));
  const std::string* const named = reference.find("evtType");
  const auto type = named == nullptr ? std::nullopt : events::eventTypeOf(*named);
  if (!type) return makeError(Errc::Invalid, "the reference has no evtType that is known");
  const auto valueOf = [&reference](std::string_view name) {
    const std::string* value = reference.find(name);
    return value == nullptr ? std::string() : *value;
  };
  const std::string owner = valueOf("owner");
  const std::string user = valueOf("userid");
  const std::string mailbox = valueOf("mailboxName");
  Notice notice{.path = reference.path,
                .owner = owner,
                .user = user.empty() ? owner : user,
                .mailbox = mailbox,
                .type = *type,
                .write = [&](Form form) {
                  return form == Form::Text ? std::string(text) : jsonOf(text, *type, reference);
                }};
  if (!mailbox.empty() && !notice.path.ends_with("/" + mailbox)) notice.path += "/" + mailbox;
  return tell(notice);
}

void Exchange::lost(std::uint64_t count) {
  for (const auto& [subscriber, subscribed] : subscribers_) subscriber->onLost(count);
}

}  // namespace posthorn::enpd
