// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/server.h"

#include "common/tls/material.h"
#include "mshttpd/response.h"
#include "mshttpd/session.h"

namespace posthorn::mshttpd {

Server::Server(proc::Host& host, std::shared_ptr<const config::Snapshot> config)
    : shared_{.loop = host.loop(),
              .slot = host.slot(),
              .config = config,
              .service = config->service(config::Service::Http),
              .tls = nullptr},
      front_(host, *config, config::Service::Http, *this) {}

Result<std::unique_ptr<proc::Worker>> Server::start(proc::Host& host, proc::Handover handover) {
  net::Jobs::capMallocArenas();
  auto server = std::make_unique<Server>(host, handover.config);
  PH_CHECK(server->take(handover.config, *handover.tls));
  constexpr std::string_view kNames[] = {"request"};
  server->shared_.slot.nameCommands(kNames);
  server->front_.accept(std::move(handover.listeners));
  return std::unique_ptr<proc::Worker>(std::move(server));
}

Status Server::take(std::shared_ptr<const config::Snapshot> config, const proc::TlsMaterial& tls) {
  const config::ServiceConfig service = config->service(config::Service::Http);
  std::shared_ptr<const tls::Context> context;
  if (service.sslusessl) {
    PH_TRY(context, tls::contextFrom(tls, config->get<"base.tlsminversion">(), {"http/1.1"}));
  }
  shared_.config = std::move(config);
  shared_.service = service;
  shared_.tls = std::move(context);
  return okStatus();
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

std::string Server::refusal(net::Refusal) {
  Response full = problem(503);
  full.extra = "Retry-After: 10\r\n";
  return print(full, false, shared_.loop.clock().wall());
}

std::unique_ptr<net::SecureLayer> Server::secureLayer() {
  return shared_.tls ? shared_.tls->newLayer() : nullptr;
}

}  // namespace posthorn::mshttpd
