// SPDX-License-Identifier: Apache-2.0
#include "common/proc/front.h"

#include <algorithm>

namespace posthorn::proc {
namespace {

constexpr std::chrono::milliseconds kArrivalsLook{50};

net::SessionTable::Limits tableLimits(const config::ServiceConfig& service) {
  return {.idle = service.idletimeout, .unauthenticated = service.unauthtimeout};
}

net::Admission::Limits admissionLimits(const config::Snapshot& config, const config::ServiceConfig& service) {
  return net::Admission::Limits::from(service, config.get<"base.trustedproxies">());
}

net::StreamLimits streamLimits(const config::ServiceConfig& service) {
  net::StreamLimits limits;
  // A whole line and its end must fit.
  limits.input = std::max(limits.input, service.maxlinelength + 2);
  return limits;
}

}  // namespace

Front::Front(Host& host, const config::Snapshot& config, config::Service service, net::Reception& reception)
    : host_(host),
      service_(service),
      arrivals_(host.loop(), [this] { finishWhenArrived(); }),
      sessions_(host.loop(), tableLimits(config.service(service)), host.slot()),
      admission_(sessions_, host.slot(), host.loop().clock(),
                 admissionLimits(config, config.service(service))),
      jobs_(host.loop(), sessions_, {.maxThreads = config.service(service).maxthreads}, host.slot()),
      acceptor_(host.loop(), sessions_, admission_, reception, host.slot(),
                streamLimits(config.service(service))) {
  sessions_.setOnEmpty([this] { finishWhenArrived(); });
  configure(config);
}

void Front::accept(std::vector<Listener> listeners) {
  for (Listener& listener : listeners) acceptor_.add({std::move(listener.fd), listener.tls});
}

void Front::configure(const config::Snapshot& config) {
  const config::ServiceConfig service = config.service(service_);
  drainTimeout_ = config.get<"base.draintimeout">();
  stopTimeout_ = config.get<"base.stoptimeout">();
  sessions_.setLimits(tableLimits(service));
  admission_.setLimits(admissionLimits(config, service));
}

void Front::finishWhenArrived() {
  // Connections that are no sessions yet (a PROXY header is awaited, a refusal is being taken) have been
  // accepted all the same; each has a time limit of its own.
  if (acceptor_.arriving() > 0 || sessions_.size() > 0) return arrivals_.start(kArrivalsLook);
  host_.finished();
}

void Front::drain() {
  acceptor_.closeListeners();
  sessions_.drain(drainTimeout_);
}

void Front::stop() {
  acceptor_.closeListeners();
  // The table takes two seconds more to cut who does not leave; master kills after stopTimeout_.
  const auto most = std::chrono::milliseconds(stopTimeout_);
  sessions_.stop(std::max(most - std::chrono::milliseconds(3000), most / 4));
}

}  // namespace posthorn::proc
