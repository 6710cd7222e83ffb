// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/server.h"

#include <vector>

#include "common/store/upkeep.h"
#include "common/tls/material.h"
#include "tools/deliver/lmtp/command_table.h"
#include "tools/deliver/lmtp/messages.h"
#include "tools/deliver/lmtp/reply.h"
#include "tools/deliver/lmtp/session.h"

namespace posthorn::deliver::lmtp {

Server::Server(proc::Host& host, const std::shared_ptr<const config::Snapshot>& config,
               std::shared_ptr<store::Store> store)
    : shared_{.loop = host.loop(),
              .jobs = nullptr,
              .slot = host.slot(),
              .service = config->service(config::Service::Lmtp),
              .limits = Limits::from(*config),
              .tls = nullptr,
              .directory = auth::Authenticator::open(auth::Settings::from(*config), host.loop().clock()),
              .site = {.config = config, .names = nullptr, .directory = nullptr, .store = std::move(store)}},
      front_(host, *config, config::Service::Lmtp, *this),
      house_(host.loop(), front_.jobs(), store::kUpkeepEvery,
             [store = shared_.site.store] { return store->upkeep(store::kUpkeepMost); }) {
  shared_.jobs = &front_.jobs();
  shared_.site.directory = &shared_.directory->directory();
}

Result<std::unique_ptr<proc::Worker>> Server::start(proc::Host& host, proc::Handover handover) {
  net::Jobs::capMallocArenas();
  PH_TRY(auto store, store::openStore(*handover.config));
  store->announceTo(handover.notifier);
  store->actAs(store::Origin::Delivery);
  auto server = std::make_unique<Server>(host, handover.config, std::move(store));
  PH_CHECK(server->take(handover.config, *handover.tls));
  std::vector<std::string_view> names;
  for (const CommandSpec& command : commandTable()) names.push_back(command.name);
  server->shared_.slot.nameCommands(names);
  server->front_.accept(std::move(handover.listeners));
  server->house_.start();
  return std::unique_ptr<proc::Worker>(std::move(server));
}

/// Certificates that cannot be used change nothing.
Status Server::take(std::shared_ptr<const config::Snapshot> config, const proc::TlsMaterial& tls) {
  const config::ServiceConfig service = config->service(config::Service::Lmtp);
  std::shared_ptr<const tls::Context> context;
  if (service.sslusessl) {
    // RFC 2033 has no name for ALPN.
    PH_TRY(context, tls::contextFrom(tls, config->get<"base.tlsminversion">(), {}));
  }
  shared_.service = service;
  shared_.limits = Limits::from(*config);
  shared_.tls = std::move(context);
  shared_.directory->configure(auth::Settings::from(*config));
  shared_.site.names = shared_.directory->settings();
  shared_.site.store->configure(store::optionsFrom(*config));
  shared_.site.config = std::move(config);
  return okStatus();
}

Status Server::applySnapshot(std::shared_ptr<const config::Snapshot> config,
                             std::shared_ptr<const proc::TlsMaterial> tls) {
  PH_CHECK(take(std::move(config), *tls));
  front_.configure(*shared_.site.config);
  return okStatus();
}

std::unique_ptr<net::Session> Server::welcome(net::Arrival arrival) {
  return std::make_unique<Session>(shared_, std::move(arrival));
}

std::string Server::refusal(net::Refusal why) {
  return reply(421, "4.3.2",
               why == net::Refusal::AddressLimit ? "Too many connections from your address"
                                                 : "Too many connections, try again later");
}

std::unique_ptr<net::SecureLayer> Server::secureLayer() {
  return shared_.tls ? shared_.tls->newLayer() : nullptr;
}

void Server::dumpState() {
  const auto jobs = front_.jobs().counts();
  log::write(messages::kDump, {{"sessions", std::to_string(front_.sessions().size())},
                               {"unauthenticated", std::to_string(front_.sessions().unauthenticated())},
                               {"threads", std::to_string(jobs.threads)},
                               {"busy", std::to_string(jobs.busy)},
                               {"queued", std::to_string(jobs.queued)}});
}

}  // namespace posthorn::deliver::lmtp
