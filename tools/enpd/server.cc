// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/server.h"

#include <cstring>

#include <netdb.h>
#include <sys/socket.h>

#include "common/events/watcher.h"
#include "common/tls/material.h"
#include "tools/enpd/messages.h"
#include "tools/enpd/reply.h"
#include "tools/enpd/session.h"

namespace posthorn::enpd {
namespace {

constexpr std::chrono::seconds kTick{1};
/// After a start the subscribers of the service before come back; until then what they wanted is wanted.
constexpr std::chrono::seconds kReturning{5};

/// May block for as long as the resolver does.
std::vector<net::Address> addressesOf(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<net::Address> addresses;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const addrinfo* each = found; each != nullptr && addresses.size() < 8; each = each->ai_next)
    addresses.push_back(net::Endpoint::from(*each->ai_addr).address);
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace

Server::Server(proc::Host& host, const config::Snapshot& config, std::shared_ptr<const events::Area> area)
    : shared_{.loop = host.loop(), .slot = host.slot(), .settings = nullptr, .tls = nullptr, .exchange = {}},
      area_(std::move(area)),
      started_(host.loop().now()),
      publishers_(host.loop(), [this](const events::EventPacket& packet) { onPacket(packet); }),
      relays_(host.loop()),
      ticks_(host.loop(), [this] { tick(); }),
      denials_(host.loop().clock()),
      front_(host, config, config::Service::Ens, *this) {
  shared_.exchange.setOnWanted([this] { tellWanted(); });
  relays_.setResolve([this](const std::string& name, const auto& done) { resolve(name, done); });
}

void Server::resolve(const std::string& name, const std::function<void(std::vector<net::Address>)>& done) {
  const Status posted = front_.jobs().post<Session>(
      net::JobKind::Auth, {}, {},
      [&loop = shared_.loop, name, done]() -> Status {
        loop.post([done, found = addressesOf(name)] { done(found); });
        return okStatus();
      },
      [](Session&, const Status&) {});
  if (!posted.ok()) done({});
}

Result<std::unique_ptr<proc::Worker>> Server::start(proc::Host& host, proc::Handover handover) {
  net::Jobs::capMallocArenas();
  auto server = std::make_unique<Server>(host, *handover.config, handover.watcher->area());
  PH_CHECK(server->take(*handover.config, *handover.tls));
  server->shared_.slot.nameCommands(verbNames());
  std::vector<proc::Listener> streams;
  for (proc::Listener& listener : handover.listeners) {
    if (listener.packets)
      server->publishers_.listen(std::move(listener.fd));
    else
      streams.push_back(std::move(listener));
  }
  server->front_.accept(std::move(streams));
  server->ticks_.start(kTick);
  return std::unique_ptr<proc::Worker>(std::move(server));
}

/// What cannot be used changes nothing.
Status Server::take(const config::Snapshot& config, const proc::TlsMaterial& tls) {
  PH_TRY(Settings settings, Settings::from(config));
  std::shared_ptr<const tls::Context> context;
  if (config.get<"ens.sslusessl">()) {
    PH_TRY(context, tls::contextFrom(tls, config.get<"base.tlsminversion">(), {"enp"}));
  }
  shared_.tls = std::move(context);
  shared_.settings = std::make_shared<const Settings>(std::move(settings));
  relays_.setTargets(shared_.settings->targets);
  shared_.exchange.setTargets(shared_.settings->targets);
  return okStatus();
}

Status Server::applySnapshot(std::shared_ptr<const config::Snapshot> config,
                             std::shared_ptr<const proc::TlsMaterial> tls) {
  PH_CHECK(take(*config, *tls));
  front_.configure(*config);
  return okStatus();
}

void Server::tellWanted() {
  if (!serving_) return;
  events::EventMask mask = shared_.exchange.wanted() | relays_.wanted();
  if (shared_.loop.now() - started_ < kReturning) mask |= area_->wanted();
  area_->want(mask);
}

void Server::tick() {
  tellWanted();
  // Once a second at most: who loses events sends many of these.
  if (lostUntold_ > 0)
    log::write(messages::kPublisherLost, {{"count", std::to_string(std::exchange(lostUntold_, 0))}});
  front_.sessions().forEach([](net::Session& session) { static_cast<Session&>(session).tick(); });
  ticks_.start(kTick);
}

void Server::onPacket(const events::EventPacket& packet) {
  if (packet.lost > 0) {
    shared_.slot.add(stats::Counter::EventsLost, packet.lost);
    shared_.exchange.lost(packet.lost);
    relays_.lost(packet.lost);
    lostUntold_ += packet.lost;
  }
  shared_.slot.add(stats::Counter::EventsIn);
  shared_.exchange.publish(packet.event);
  relays_.publish(packet.event);
}

void Server::drain() {
  // What publishers have sent already still reaches the subscribers of this generation.
  serving_ = false;
  publishers_.close();
  relays_.close();
  front_.drain();
  front_.sessions().forEach([](net::Session& session) { session.part(net::Parting::Drained); });
}

void Server::stop() {
  // Not when another generation has taken over already: the word is its own then.
  if (std::exchange(serving_, false) && !shared_.slot.siblingHasRoom(shared_.loop.now())) area_->want(0);
  publishers_.close();
  relays_.close();
  front_.stop();
  front_.sessions().forEach([](net::Session& session) { session.part(net::Parting::Stopping); });
}

std::unique_ptr<net::Session> Server::welcome(net::Arrival arrival) {
  const net::Address& client = arrival.stream->peer().address;
  const bool allowed = shared_.settings->access.allow(client.raw());
  if (!allowed) {
    shared_.slot.add(stats::Counter::Rejected);
    if (const auto untold = denials_.note(client))
      log::write(messages::kDenied, {{"client", client.text()}, {"untold", std::to_string(*untold)}});
    // No handshake with strangers.
    if (arrival.layer) return nullptr;
  }
  return std::make_unique<Session>(shared_, std::move(arrival), allowed);
}

std::string Server::refusal(net::Refusal why) {
  return bye(why == net::Refusal::AddressLimit ? "too many connections from your address"
                                               : "too many connections, try again later",
             true);
}

std::unique_ptr<net::SecureLayer> Server::secureLayer() {
  return shared_.tls ? shared_.tls->newLayer() : nullptr;
}

void Server::dumpState() {
  log::write(messages::kDump, {{"sessions", std::to_string(front_.sessions().size())},
                               {"subscriptions", std::to_string(shared_.exchange.subscriptions())},
                               {"publishers", std::to_string(publishers_.size())},
                               {"wanted", std::to_string(shared_.exchange.wanted())}});
}

}  // namespace posthorn::enpd
