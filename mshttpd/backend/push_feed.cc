// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/push_feed.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::backend {
namespace {

constexpr const char* kTypes = "NewMsg,StateChange";

/// The event, or a discarded value.
nlohmann::json parsed(View line) {
  return nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
}

}  // namespace

Push::Feed::Feed(Push& push, std::string host, const Endpoint& at) : push_(push), host_(std::move(host)) {
  if (at.ensPort == 0) {
    complain("no event service is configured");
    return;
  }
  events::Subscriber::Settings settings;
  settings.link.host = at.place.host;
  settings.link.port = at.ensPort;
  settings.link.resolve = [&push](const std::string& name, auto done) {
    push.resolve(name, std::move(done));
  };
  settings.types = kTypes;
  subscriber_ = std::make_unique<events::Subscriber>(push.loop_, std::move(settings), *this);
  subscriber_->start();
}

void Push::Feed::add(const std::string& owner) {
  if (owners_[owner]++ == 0 && subscriber_) subscriber_->add({events::accountReference(owner)});
}

void Push::Feed::remove(const std::string& owner) {
  const auto found = owners_.find(owner);
  if (found == owners_.end() || --found->second > 0) return;
  owners_.erase(found);
  if (subscriber_) subscriber_->remove(events::accountReference(owner));
}

void Push::Feed::onEvent(View line) {
  const nlohmann::json event = parsed(line);
  if (!event.is_object()) return;
  const auto owner = event.find("owner");
  const auto modseq = event.find("modseq");
  if (owner == event.end() || !owner->is_string()) return;
  const auto type = event.find("evtType");
  const bool delivered = type != event.end() && *type == "NewMsg";
  State state;
  if (modseq != event.end() && modseq->is_number_unsigned())
    state = std::to_string(modseq->get<std::uint64_t>());
  push_.onEvent(host_, owner->get<std::string>(), state, delivered);
}

void Push::Feed::onGap(std::optional<std::uint64_t>) {
  push_.onGap(host_);
}

void Push::Feed::onListening() {
  if (complained_) log::write(messages::kPushBack, {{"host", host_}});
  complained_ = false;
}

void Push::Feed::onRefused(View line) {
  complain(ascii::printable(line));
}

void Push::Feed::onDown(const std::string& why) {
  complain(why);
}

void Push::Feed::complain(const std::string& why) {
  if (std::exchange(complained_, true)) return;
  log::write(messages::kNoPush, {{"host", host_}, {"detail", why}});
}

}  // namespace posthorn::mshttpd::backend
