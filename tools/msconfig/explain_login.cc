// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/explain_login.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/auth/login.h"
#include "common/auth/reason.h"
#include "common/auth/sasl/mechanism.h"
#include "common/auth/settings.h"
#include "common/auth/trace.h"
#include "common/base/ascii.h"
#include "common/config/network.h"

namespace posthorn::msconfig {

namespace {

using auth::Step;

// A filter of the directory may be long; a hostile one must not fill the screen.
constexpr std::size_t kMostShown = 1000;

/// Writes notes as they come, a heading before the first of each step.
class Steps final : public auth::Trace {
 public:
  explicit Steps(std::ostream& out) : out_(out) {}

  void note(Step step, std::string_view what, std::string_view value) override {
    heading(auth::toString(step));
    line(what, value);
  }
  void heading(std::string_view name) {
    if (name == current_) return;
    current_ = name;
    out_ << name << "\n";
  }
  void line(std::string_view what, std::string_view value) {
    out_ << "  " << ascii::printable(what) << ": " << ascii::printable(value, kMostShown) << "\n";
  }

 private:
  std::ostream& out_;
  std::string current_;
};

bool isTrusted(const config::Snapshot& config, const std::array<std::uint8_t, 16>& address) {
  const auto& networks = config.get<"base.trustedproxies">();
  return std::any_of(networks.begin(), networks.end(), [&](const std::string& text) {
    const auto network = config::parseNetwork(text);
    return network && network->contains(address);
  });
}

/// The row of connlimits that holds for the address: the narrowest.
std::string limitFor(const config::ServiceConfig& service, const std::array<std::uint8_t, 16>& address) {
  std::string found = "no row fits: as many as there is room for";
  int prefix = -1;
  for (const std::string& row : service.connlimits) {
    const auto limit = config::parseConnLimit(row);
    if (!limit || !limit->network.contains(address) || limit->network.prefix <= prefix) continue;
    prefix = limit->network.prefix;
    found = row + ": at most " + std::to_string(limit->most) + " at a time";
  }
  return found;
}

std::string throttleFor(const auth::Settings& settings, bool trusted) {
  if (trusted) return "none: the address is one of base.trustedproxies";
  if (settings.failureDelay.count() == 0) return "none: auth.failuredelay is 0";
  return "after wrong passwords " + std::to_string(settings.failureDelay.count()) + " s, doubling to " +
         std::to_string(settings.failureDelayMax.count()) +
         " s; the workers count, so it is not known here whether the address is waiting";
}

/// What the connection itself allows; true when a password may be shown on it.
bool tellConnection(const config::Snapshot& config, const auth::Settings& settings, const Question& question,
                    Steps& steps) {
  const config::ServiceConfig service = config.service(question.service);
  const std::string name(nameOf(question.service));
  const auto address = config::parseAddress(question.address);
  steps.heading("connection");
  steps.line("service", name + (question.tls ? " over TLS" : " in clear"));
  steps.line(name + ".enable", service.enable ? "yes" : "no: the service is not started");
  if (question.tls)
    steps.line("TLS", service.offersTls() ? "offered" : "not offered: no certificate, or sslusessl is off");
  steps.line("from", question.address);
  if (address) steps.line(name + ".connlimits", limitFor(service, *address));
  steps.line("limits", "maxsessions " + std::to_string(service.maxsessions) + ", maxunauthsessions " +
                           std::to_string(service.maxunauthsessions) + "; the workers count");
  steps.line("throttle", throttleFor(settings, address && isTrusted(config, *address)));
  const bool allowed =
      auth::sasl::passwordsAllowed(service.plaintextmincipher, {question.tls, question.tls ? 256 : 0});
  steps.line(name + ".plaintextmincipher",
             std::to_string(service.plaintextmincipher) +
                 (allowed ? ": a password may be shown" : ": no password may be shown"));
  return allowed;
}

std::string spell(const std::optional<std::int64_t>& limit) {
  if (!limit) return "the default of the store";
  return *limit == -1 ? "unlimited" : std::to_string(*limit);
}

std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all.empty() ? "none" : all;
}

void tellAccount(const auth::Account& account, const auth::Settings& settings, Steps& steps) {
  steps.heading("account");
  steps.line("mailbox", "user/" + account.id + "/INBOX");
  steps.line("mail", join(account.mail));
  steps.line("displayName", account.displayName.empty() ? "none" : account.displayName);
  steps.line("partition", account.partition.empty() ? "store.defaultpartition" : account.partition);
  steps.line("mailQuota", spell(account.mailQuota));
  steps.line("mailMsgQuota", spell(account.mailMsgQuota));
  steps.line("preferredLanguage",
             account.preferredLanguage.empty() ? "the site's" : account.preferredLanguage);
  steps.line("crashes", "the workers refuse accounts that crashed them repeatedly; msgstat tells");
  steps.line("cache", "not asked here; a worker believes a password that was right for " +
                          std::to_string(settings.cacheTtl.count()) + " s, or until `refresh`");
}

void tellRefusal(const auth::Refusal& refusal, std::ostream& out) {
  out << "verdict: refused, reason=" << auth::toString(refusal.reason);
  if (!refusal.detail.empty()) out << " (" << ascii::printable(refusal.detail, kMostShown) << ")";
  out << "; the client reads: " << auth::clientText(auth::classOf(refusal.reason)) << "\n";
}

}  // namespace

Verdict explainLogin(const config::Snapshot& config, const Question& question, std::ostream& out) {
  const auto settings = auth::Settings::from(config);
  Steps steps(out);
  if (!tellConnection(config, settings, question, steps)) {
    tellRefusal({auth::Reason::MechanismDenied, "no password may be shown on this connection"}, out);
    return Verdict::Refused;
  }
  const auto logins = auth::Authenticator::open(settings);
  const auth::LoginContext context{settings, logins->directory(), nullptr, {}, {}};
  auth::Attempt attempt;
  attempt.service = question.service;
  attempt.tls = question.tls;
  attempt.address = question.address;
  attempt.mechanism = "PLAIN";
  attempt.login = question.user;
  attempt.password = auth::Secret(question.password.view());
  const auto said = auth::explain(context, attempt, steps);
  if (const auto* refusal = std::get_if<auth::Refusal>(&said)) {
    tellRefusal(*refusal, out);
    const bool known = auth::classOf(refusal->reason) != auth::RefusalClass::Unavailable;
    return known ? Verdict::Refused : Verdict::Unknown;
  }
  const auto& account = std::get<auth::Account>(said);
  tellAccount(account, settings, steps);
  out << "verdict: let in as " << ascii::printable(account.id)
      << (question.password.empty() ? ", if the password is right\n" : "\n");
  return Verdict::LetIn;
}

}  // namespace posthorn::msconfig
