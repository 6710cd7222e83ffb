// SPDX-License-Identifier: Apache-2.0
#include "popd/server.h"

#include "common/store/upkeep.h"
#include "common/tls/material.h"
#include "popd/command_table.h"
#include "popd/messages.h"
#include "popd/reply.h"
#include "popd/session.h"

namespace posthorn::popd {

Server::Server(proc::Host& host, const proc::Handover& handover, std::shared_ptr<store::Store> store)
    : shared_{.loop = host.loop(),
              .jobs = nullptr,
              .slot = host.slot(),
              .config = handover.config,
              .service = handover.config->service(config::Service::Pop),
              .tls = nullptr,
              .logins = auth::Authenticator::open(auth::Settings::from(*handover.config), host.loop().clock(),
                                                  handover.failures),
              .store = std::move(store),
              .polls = nullptr},
      front_(host, *handover.config, config::Service::Pop, *this),
      house_(host.loop(), front_.jobs(), store::kUpkeepEvery,
             [store = shared_.store] { return store->upkeep(store::kUpkeepMost); }) {
  shared_.jobs = &front_.jobs();
  shared_.logins->setGates({}, [slot = host.slot()](const auth::Account& account) {
    return slot.quarantined(account.id) ? std::optional(auth::Reason::Quarantined) : std::nullopt;
  });
}

Result<std::unique_ptr<proc::Worker>> Server::start(proc::Host& host, proc::Handover handover) {
  net::Jobs::capMallocArenas();
  PH_TRY(auto store, store::openStore(*handover.config));
  store->announceTo(handover.notifier);
  auto server = std::make_unique<Server>(host, handover, std::move(store));
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
  const config::ServiceConfig service = config->service(config::Service::Pop);
  std::shared_ptr<const tls::Context> context;
  if (service.sslusessl) {
    PH_TRY(context, tls::contextFrom(tls, config->get<"base.tlsminversion">(), {"pop3"}));
  }
  shared_.config = std::move(config);
  shared_.service = service;
  shared_.tls = std::move(context);
  shared_.logins->configure(auth::Settings::from(*shared_.config));
  shared_.store->configure(store::optionsFrom(*shared_.config));
  openPollTimes();
  return okStatus();
}

void Server::openPollTimes() {
  if (shared_.polls || shared_.config->get<"pop.popminpoll">().count() == 0) return;
  auto polls = PollTimes::open(shared_.config->get<"server.directory">() + "/pop-logins");
  if (!polls.ok()) log::write(messages::kNoPollTimes, {{"error", polls.error().describe()}});
  shared_.polls = polls.ok() ? std::move(*polls) : PollTimes::unshared();
}

Status Server::applySnapshot(std::shared_ptr<const config::Snapshot> config,
                             std::shared_ptr<const proc::TlsMaterial> tls) {
  PH_CHECK(take(std::move(config), *tls));
  front_.configure(*shared_.config);
  return okStatus();
}

std::unique_ptr<net::Session> Server::welcome(net::Arrival arrival) {
  return std::make_unique<Session>(shared_, std::move(arrival));
}

std::string Server::refusal(net::Refusal why) {
  return errReply("[SYS/TEMP]", why == net::Refusal::AddressLimit ? "Too many connections from your address"
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

}  // namespace posthorn::popd
