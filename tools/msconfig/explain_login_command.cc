// SPDX-License-Identifier: Apache-2.0
// explain login: who asks, for whom, and as which system user; explain_login.h does the rest.
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <utility>

#include <grp.h>
#include <unistd.h>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"
#include "common/config/network.h"
#include "common/proc/privileges.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/explain_login.h"
#include "tools/msconfig/view.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

constexpr int kRefused = 1;
constexpr int kTryLater = 75;
constexpr const char* kUsageOfExplain =
    "explain login USER --from IP --service pop|imap|http [--tls] [--password-from-stdin]";

/// Root asks as server.user while this lives, because the answer depends on what the workers may read.
class AsServerUser {
 public:
  explicit AsServerUser(const config::Snapshot& config) {
    if (::geteuid() != 0) return;
    auto user = proc::findUser(config.get<"server.user">());
    if (!user.ok()) {
      status_ = std::move(user).error();
      return;
    }
    const int count = ::getgroups(0, nullptr);
    groups_.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    if (count < 0 || ::getgroups(count, groups_.data()) < 0 ||
        ::setgroups(user->groups.size(), user->groups.data()) != 0) {
      status_ = errnoError("cannot become server.user");
      return;
    }
    changed_ = true;
    if (::setegid(user->gid) != 0 || ::seteuid(user->uid) != 0)
      status_ = errnoError("cannot become server.user");
  }
  ~AsServerUser() {
    if (!changed_) return;
    // A shell that could not become root again could not write either: better none than one that half works.
    if (::seteuid(0) != 0 || ::setegid(::getgid()) != 0 || ::setgroups(groups_.size(), groups_.data()) != 0)
      std::abort();
  }
  AsServerUser(const AsServerUser&) = delete;
  AsServerUser& operator=(const AsServerUser&) = delete;
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  Status status_;
  bool changed_ = false;
  std::vector<gid_t> groups_;
};

Result<config::Service> parseService(const std::string& text, bool& tls) {
  constexpr std::pair<std::string_view, config::Service> kNames[] = {
      {"pop", config::Service::Pop}, {"imap", config::Service::Imap}, {"http", config::Service::Http}};
  const std::string name = ascii::toLower(text);
  for (const auto& [known, service] : kNames) {
    if (name == known) return service;
    if (name != std::string(known) + "s") continue;
    tls = true;
    return service;
  }
  return makeError(Errc::Invalid, "--service is pop, imap or http, not " + ascii::printable(text));
}

/// The first line of standard input.
Result<auth::Secret> readPassword() {
  std::string line;
  line.reserve(auth::kMaxPassword + 2);
  for (char c = 0; std::cin.get(c) && c != '\n';) {
    if (line.size() > auth::kMaxPassword) return makeError(Errc::Invalid, "the password is too long");
    line.push_back(c);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return makeError(Errc::Invalid, "standard input has no password");
  return auth::Secret(std::move(line));
}

Result<Question> parseQuestion(const Words& words) {
  PH_TRY(const Switches switches, readSwitches(words, {{"tls", "password-from-stdin"}, {"from", "service"}}));
  const auto from = switches.value("from");
  const auto service = switches.value("service");
  if (switches.rest.size() != 1 || !from || !service) return makeError(Errc::Invalid, kUsageOfExplain);
  if (!config::parseAddress(*from))
    return makeError(Errc::Invalid, "--from is an IP address, not " + ascii::printable(*from));
  Question question;
  question.user = switches.rest.front();
  question.address = *from;
  question.tls = switches.has("tls");
  PH_TRY(question.service, parseService(*service, question.tls));
  if (switches.has("password-from-stdin")) {
    PH_TRY(question.password, readPassword());
  }
  return question;
}

}  // namespace

int explainLogin(Editor& editor, const Words& words) {
  const auto question = parseQuestion(words);
  if (!question.ok()) return fail(question.error());
  const View view(editor);
  if (!view.good()) {
    view.reportErrors();
    return kConfig;
  }
  const config::Snapshot& config = *view.loaded().snapshot;
  const AsServerUser user(config);
  if (!user.status().ok()) return fail(user.status().error());
  const Verdict verdict = explainLogin(config, *question, std::cout);
  // In a list of commands a refusal that was asked about is no reason to stop.
  if (editor.mode() == Mode::Shell) return kOk;
  switch (verdict) {
    case Verdict::LetIn:
      return kOk;
    case Verdict::Refused:
      return kRefused;
    case Verdict::Unknown:
      return kTryLater;
  }
  return kInternal;
}

}  // namespace posthorn::msconfig
