// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/relays.h"

#include <algorithm>

#include "common/base/base64.h"
#include "common/config/snapshot.h"
#include "tools/enpd/messages.h"

namespace posthorn::enpd {

class Relays::Relay final : public events::ServiceLinkHandler {
 public:
  Relay(net::Loop& loop, events::Target target, const events::Resolve& resolve)
      : target_(std::move(target)),
        link_(loop, {.host = target_.host, .port = target_.port, .resolve = resolve}, *this) {
    link_.start();
  }

  [[nodiscard]] const events::Target& target() const { return target_; }
  void setTarget(events::Target target) { target_ = std::move(target); }
  void stop() { link_.stop(); }

  void publish(const events::Event& event) {
    auto share = target_.shareOf(event);
    if (!share) return;
    if (!link_.up() || link_.pending() > kMaxWaiting) {
      ++lost_;
      return;
    }
    const events::EventPacket packet{lost_, std::move(*share)};
    std::string line = "RELAY " + target_.key + " " + base64::encode(events::encode(packet)) + "\r\n";
    // Payload alone never makes it so long.
    if (line.size() > config::kMaxPublishLine) {
      ++lost_;
      return;
    }
    lost_ = 0;
    link_.send(std::move(line));
  }
  void lost(std::uint64_t count) { lost_ += count; }

  void onUp() override {
    told_ = false;
    log::write(messages::kRelayUp, {{"target", target_.name}, {"host", target_.host}});
  }
  void onLine(View line) override {
    if (events::isServiceLine(line, "error")) onDown(std::string(line));
  }
  void onDown(const std::string& why) override {
    // Once until it has been there again: attempts go on for as long as it is away.
    if (std::exchange(told_, true)) return;
    log::write(messages::kRelayDown,
               {{"target", target_.name}, {"host", target_.host}, {"why", why.substr(0, 300)}});
  }

 private:
  events::Target target_;
  std::uint64_t lost_ = 0;
  bool told_ = false;
  events::ServiceLink link_;
};

Relays::Relays(net::Loop& loop) : loop_(loop) {}

Relays::~Relays() = default;

void Relays::setTargets(const std::vector<events::Target>& targets) {
  std::list<std::shared_ptr<Relay>> kept;
  for (const events::Target& target : targets) {
    if (target.local) continue;
    const auto same = std::find_if(relays_.begin(), relays_.end(), [&target](const auto& relay) {
      return relay->target().host == target.host && relay->target().port == target.port &&
             relay->target().name == target.name;
    });
    if (same == relays_.end()) {
      kept.push_back(std::make_shared<Relay>(loop_, target, resolve_));
      continue;
    }
    (*same)->setTarget(target);
    kept.splice(kept.end(), relays_, same);
  }
  close();
  relays_ = std::move(kept);
}

void Relays::publish(const events::Event& event) {
  for (const auto& relay : relays_) relay->publish(event);
}

void Relays::lost(std::uint64_t count) {
  for (const auto& relay : relays_) relay->lost(count);
}

void Relays::close() {
  for (const auto& relay : relays_) relay->stop();
  ended_.splice(ended_.end(), relays_);
}

events::EventMask Relays::wanted() const {
  events::EventMask mask = 0;
  for (const auto& relay : relays_) mask |= relay->target().published(events::kAllEvents);
  return mask;
}

}  // namespace posthorn::enpd
