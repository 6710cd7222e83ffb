// SPDX-License-Identifier: Apache-2.0
#include "common/auth/authenticator.h"

#include <utility>

#include "common/auth/file/file_directory.h"
#include "common/auth/ldap/open.h"
#include "common/auth/messages.h"

namespace posthorn::auth {
namespace {

std::string_view serviceName(config::Service service) {
  constexpr std::string_view kNames[config::kServices] = {"pop", "imap", "http", "lmtp", "ens"};
  return kNames[static_cast<std::size_t>(service)];
}

// The logger makes values harmless; this keeps a line short.
constexpr std::size_t kMostLogged = 200;

void logRefusal(const Attempt& attempt, const Refusal& refusal) {
  log::write(kLoginFailed, {{"addr", refusal.address},
                            {"user", attempt.login.substr(0, kMostLogged)},
                            {"reason", std::string(toString(refusal.reason))},
                            {"service", std::string(serviceName(attempt.service))},
                            {"mech", attempt.mechanism.substr(0, kMostLogged)},
                            {"detail", refusal.detail.substr(0, kMostLogged)}});
}

void logOutcome(const Attempt& attempt, const Outcome& outcome) {
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) return logRefusal(attempt, *refusal);
  const auto& done = std::get<Login>(outcome);
  if (!done.proxied()) return;
  log::write(kProxyLogin, {{"addr", done.address},
                           {"by", done.by},
                           {"user", done.account.id},
                           {"service", std::string(serviceName(attempt.service))}});
}

}  // namespace

std::unique_ptr<Directory> openDirectory(const Settings& settings, const Clock& clock) {
  if (settings.ldapDirectory) return openLdapDirectory(settings, clock);
  return std::make_unique<FileDirectory>(settings, clock);
}

std::unique_ptr<Authenticator> Authenticator::open(const Settings& settings, const Clock& clock,
                                                   std::shared_ptr<stats::FailureTable> failures) {
  return std::make_unique<Authenticator>(settings, openDirectory(settings, clock), clock,
                                         std::move(failures));
}

Authenticator::Authenticator(const Settings& settings, std::unique_ptr<Directory> directory,
                             const Clock& clock, std::shared_ptr<stats::FailureTable> failures)
    : settings_(std::make_shared<const Settings>(settings)),
      directory_(std::move(directory)),
      cache_(settings.cacheSize, settings.cacheTtl, clock),
      throttle_(settings.trustedProxies, clock,
                failures ? std::move(failures) : stats::FailureTable::privateToProcess()) {
  throttle_.setDelays(settings.failureDelay, settings.failureDelayMax);
}

void Authenticator::setGates(std::function<std::optional<Reason>(const Attempt&)> admit,
                             std::function<std::optional<Reason>(const Account&)> admitAccount) {
  admit_ = std::move(admit);
  admitAccount_ = std::move(admitAccount);
}

void Authenticator::configure(const Settings& settings) {
  auto fresh = std::make_shared<const Settings>(settings);
  settings_.with([&](std::shared_ptr<const Settings>& current) { current = std::move(fresh); });
  throttle_.setDelays(settings.failureDelay, settings.failureDelayMax);
  flush();
}

void Authenticator::flush() {
  directory_->forget();
  cache_.flush();
}

std::shared_ptr<const Settings> Authenticator::settings() const {
  return settings_.with([](const std::shared_ptr<const Settings>& current) { return current; });
}

LoginContext Authenticator::context(const Settings& current) {
  return {current, *directory_, &cache_, admit_, admitAccount_};
}

Outcome Authenticator::login(const Attempt& attempt) {
  const auto current = settings();
  Outcome outcome = auth::login(context(*current), attempt);
  logOutcome(attempt, outcome);
  return outcome;
}

Outcome Authenticator::switchUser(const Attempt& attempt, const std::string& by) {
  const auto current = settings();
  Outcome outcome = auth::switchUser(context(*current), attempt, by);
  logOutcome(attempt, outcome);
  return outcome;
}

}  // namespace posthorn::auth
