// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/server.h"

#include <fstream>
#include <iterator>

#include "common/tls/material.h"
#include "mshttpd/house.h"
#include "mshttpd/http/connection.h"
#include "mshttpd/http/print.h"
#include "mshttpd/http/router.h"
#include "mshttpd/jmap/directory_principals.h"
#include "mshttpd/jmap/states.h"
#include "mshttpd/messages.h"

namespace posthorn::mshttpd {
namespace {

constexpr std::chrono::seconds kHouseEvery{60};
// Bodies of all requests at a time; many small ones, or a few of the largest.
constexpr std::uint64_t kLeastBodies = 64UL << 20;
constexpr std::uint64_t kBodiesOfTheLargest = 8;
// Replies that are made and not taken, of all users and of one.
constexpr std::uint64_t kMostWaiting = 256UL << 20;
constexpr std::uint64_t kMostWaitingOfUser = 32UL << 20;

UploadSpool::Limits spoolLimits(const config::Snapshot& config) {
  return {.perUser = static_cast<std::uint64_t>(config.get<"http.spoolquota">()),
          .whole = static_cast<std::uint64_t>(config.get<"http.spoolsize">()),
          .ttl = config.get<"http.spoolttl">()};
}

std::string webFolder(const config::Snapshot& config) {
  const std::string& set = config.get<"http.webdir">();
  return set.empty() ? POSTHORN_WEB_DIR : set;
}

Result<std::string> contentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return makeError(Errc::Io, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

Result<std::shared_ptr<const tls::Context>> tlsFrom(const config::Snapshot& config,
                                                    const proc::TlsMaterial& material) {
  if (material.identities.empty()) return std::shared_ptr<const tls::Context>();
  PH_TRY(const tls::MinVersion least, tls::parseMinVersion(config.get<"base.tlsminversion">()));
  tls::Settings settings = tls::settingsFrom(material, least, {"http/1.1"});
  if (const std::string& ca = config.get<"http.sslclientca">(); !ca.empty()) {
    PH_TRY(settings.clientCaPem, contentOf(ca));
  }
  return tls::Context::make(settings);
}

Result<Server::Opened> openAll(const proc::Handover& handover, const Clock& clock) {
  const config::Snapshot& config = *handover.config;
  Server::Opened opened;
  PH_TRY(opened.files, http::StaticFiles::read(webFolder(config)));
  if (opened.files->empty()) log::write(messages::kNoBrowserClient, {{"folder", webFolder(config)}});
  // The spool is the one folder that mshttpd is sure to have for itself.
  const std::string& spool = config.get<"http.spooldir">();
  PH_TRY(opened.providers.uploads, UploadSpool::open(spool, clock));
  PH_TRY(opened.sessions, login::WebSessions::open(spool + "/web-sessions", clock));
  opened.logins = auth::Authenticator::open(auth::Settings::from(config), clock, handover.failures);
  PH_TRY(opened.providers.hosts, backend::Backends::make(config, opened.logins, clock));
  PH_TRY(backend::SmtpSettings smtp, backend::SmtpSettings::from(config));
  opened.providers.submission = std::make_unique<backend::SmtpSubmission>(std::move(smtp), clock);
  opened.providers.principals = std::make_unique<jmap::DirectoryPrincipals>(opened.logins);
  return opened;
}

}  // namespace

Server::Server(proc::Host& host, const proc::Handover& handover, Opened opened)
    : providers_(std::move(opened.providers)),
      shared_{.loop = host.loop(),
              .jobs = nullptr,
              .slot = host.slot(),
              .config = handover.config,
              .service = handover.config->service(config::Service::Http),
              .tls = nullptr,
              .context = nullptr,
              .files = std::move(opened.files),
              .bodies = nullptr,
              .waiting = std::make_shared<http::Waiting>(kMostWaiting, kMostWaitingOfUser),
              .spoolFolder = providers_.uploads->folder(),
              .uploads = std::make_shared<jmap::Gate>(),
              .push = nullptr},
      push_(host.loop(), providers_.hosts,
            [this](std::function<void()> work) { return runJob(std::move(work)); }),
      states_(host.loop(), push_, meansOfStates(), {}),
      front_(host, *handover.config, config::Service::Http, *this),
      house_(host.loop(), front_.jobs(), kHouseEvery,
             [sessions = opened.sessions, notifier = handover.notifier, uploads = providers_.uploads.get(),
              hosts = providers_.hosts.get()] {
               return keepHouse(*sessions, *uploads, *hosts, notifier.get());
             }) {
  shared_.jobs = &front_.jobs();
  shared_.push = &states_;
  auto first = std::make_shared<Context>();
  first->logins = std::move(opened.logins);
  first->logins->setGates({}, [slot = host.slot()](const auth::Account& account) {
    return slot.quarantined(account.id) ? std::optional(auth::Reason::Quarantined) : std::nullopt;
  });
  first->sessions = std::move(opened.sessions);
  first->notifier = handover.notifier;
  shared_.context = std::move(first);
}

Result<std::unique_ptr<proc::Worker>> Server::start(proc::Host& host, proc::Handover handover) {
  net::Jobs::capMallocArenas();
  PH_TRY(Opened opened, openAll(handover, host.loop().clock()));
  auto server = std::make_unique<Server>(host, handover, std::move(opened));
  PH_CHECK(server->take(handover.config, *handover.tls));
  std::vector<std::string_view> names{"other"};
  for (const http::Entry& entry : http::entries()) names.push_back(entry.path);
  server->shared_.slot.nameCommands(names);
  server->front_.accept(std::move(handover.listeners));
  server->house_.start();
  return std::unique_ptr<proc::Worker>(std::move(server));
}

http::AskedStates::Means Server::meansOfStates() {
  const auto ask = [this](const jmap::Caller& caller, std::set<std::string> accounts) {
    return http::AskedStates::Work([context = shared_.context, caller, accounts = std::move(accounts)] {
      return jmap::ownStates(*context->services, caller, accounts);
    });
  };
  const auto post = [this](std::function<void()> work) { return runJob(std::move(work)); };
  return {ask, post, jmap::ownStateTypes()};
}

/// Something that belongs to no connection.
Status Server::runJob(std::function<void()> work) {
  return front_.jobs().post<http::Connection>(
      net::JobKind::Store, {}, {},
      [work = std::move(work)] {
        work();
        return okStatus();
      },
      [](http::Connection&, const Status&) {});
}

/// Certificates that cannot be used change nothing.
Status Server::take(std::shared_ptr<const config::Snapshot> config, const proc::TlsMaterial& tls) {
  const config::ServiceConfig service = config->service(config::Service::Http);
  std::shared_ptr<const tls::Context> secure;
  if (service.sslusessl) {
    PH_TRY(secure, tlsFrom(*config, tls));
  }
  PH_TRY(backend::SmtpSettings smtp, backend::SmtpSettings::from(*config));
  providers_.submission->configure(std::move(smtp));
  auto fresh = std::make_shared<Context>(*shared_.context);
  fresh->settings = Settings::from(*config);
  fresh->services = std::make_shared<const jmap::Services>(
      jmap::Services{*providers_.hosts, *providers_.uploads, *providers_.submission, *providers_.principals,
                     *providers_.requests, shared_.loop.clock(), fresh->settings.jmapLimits()});
  fresh->sessions->setPolicy(fresh->settings.sessions);
  fresh->logins->configure(auth::Settings::from(*config));
  providers_.uploads->setLimits(spoolLimits(*config));
  if (!shared_.bodies)
    shared_.bodies = std::make_shared<http::Budget>(
        std::max(kLeastBodies, kBodiesOfTheLargest * fresh->settings.maxPostSize));
  shared_.context = std::move(fresh);
  shared_.config = std::move(config);
  shared_.service = service;
  shared_.tls = std::move(secure);
  return okStatus();
}

Status Server::applySnapshot(std::shared_ptr<const config::Snapshot> config,
                             std::shared_ptr<const proc::TlsMaterial> tls) {
  PH_CHECK(take(std::move(config), *tls));
  front_.configure(*shared_.config);
  return okStatus();
}

void Server::workerDied(const proc::Death&) {
  shared_.context->sessions->clearDead();
}

std::unique_ptr<net::Session> Server::welcome(net::Arrival arrival) {
  return std::make_unique<http::Connection>(shared_, std::move(arrival));
}

std::string Server::refusal(net::Refusal) {
  const http::Reply full = http::problem(503, {}, "Too many connections. Try again later.");
  return http::printHead(full, {.keepAlive = false}, shared_.loop.clock().wall()) + full.body;
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
                               {"queued", std::to_string(jobs.queued)},
                               {"bodies", std::to_string(shared_.bodies->used())}});
}

}  // namespace posthorn::mshttpd
