// SPDX-License-Identifier: Apache-2.0
#include "common/net/admission.h"

#include <algorithm>
#include <array>
#include <utility>

namespace posthorn::net {
namespace {

// A stranger that came this long ago has had the time to log in by machine; it makes room for newer ones.
constexpr std::chrono::seconds kPatience{3};

}  // namespace

std::string_view toString(Refusal why) {
  constexpr std::array<std::string_view, 3> kNames{"full", "too-many-without-login", "address-limit"};
  return kNames[static_cast<std::size_t>(why)];
}

Admission::Limits Admission::Limits::from(const config::ServiceConfig& service,
                                          const std::vector<std::string>& trustedProxies) {
  Limits limits;
  limits.maxSessions = service.maxsessions;
  limits.maxStrangers = service.maxunauthsessions;
  // Both lists were validated by master; a row that is none can only be a newer release's: skip it.
  for (const std::string& row : service.connlimits)
    if (const auto limit = config::parseConnLimit(row)) limits.perAddress.push_back(*limit);
  for (const std::string& row : trustedProxies)
    if (const auto network = config::parseNetwork(row)) limits.trustedProxies.push_back(*network);
  limits.proxyProtocol = service.proxyprotocol;
  return limits;
}

Admission::Admission(SessionTable& sessions, stats::Slot slot, const Clock& clock, Limits limits)
    : sessions_(sessions), slot_(std::move(slot)), clock_(clock) {
  setLimits(std::move(limits));
}

void Admission::setLimits(Limits limits) {
  limits_ = std::move(limits);
  // The narrowest network first: it decides.
  std::stable_sort(limits_.perAddress.begin(), limits_.perAddress.end(),
                   [](const auto& a, const auto& b) { return a.network.prefix > b.network.prefix; });
  slot_.set(stats::Gauge::MaxSessions, limits_.maxSessions);
}

bool Admission::full(std::size_t arriving) const {
  return sessions_.size() + arriving >= limits_.maxSessions;
}

bool Admission::shouldAccept(std::size_t arriving) const {
  return !full(arriving) || !slot_.siblingHasRoom(clock_.steady());
}

const config::ConnLimit* Admission::limitOf(const Address& client) const {
  const auto found =
      std::find_if(limits_.perAddress.begin(), limits_.perAddress.end(),
                   [&client](const config::ConnLimit& l) { return l.network.contains(client.raw()); });
  return found == limits_.perAddress.end() ? nullptr : &*found;
}

bool Admission::overLimit(const Address& client) const {
  const config::ConnLimit* limit = limitOf(client);
  return limit != nullptr && slot_.sessionsOfAddress(client.text()) > limit->most;
}

std::optional<Refusal> Admission::judge(const Address& client, std::size_t arriving) {
  if (full(arriving)) return Refusal::Full;
  if (overLimit(client)) return Refusal::AddressLimit;
  if (sessions_.unauthenticated() + arriving >= limits_.maxStrangers) {
    Session* const oldest = sessions_.oldestStranger(kPatience);
    if (oldest == nullptr) return Refusal::TooManyStrangers;
    sessions_.dismiss(*oldest, Parting::Crowded);
  }
  return std::nullopt;
}

bool Admission::isTrustedProxy(const Address& peer) const {
  return limits_.proxyProtocol && containsAny(limits_.trustedProxies, peer);
}

}  // namespace posthorn::net
