// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sysexits.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/unique_fd.h"
#include "common/store/quota_policy.h"
#include "tools/accounts/notice.h"
#include "tools/imquotacheck/commands.h"
#include "tools/imquotacheck/rules.h"
#include "tools/imquotacheck/users.h"

namespace posthorn::imquotacheck {
namespace {

using Json = nlohmann::ordered_json;
using store::QuotaNotice;

constexpr std::size_t kMaxFile = std::size_t{256} * 1024;

Result<std::string> readFile(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errnoError("open " + path);
  std::string text;
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errnoError("read " + path);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kMaxFile) return makeError(Errc::TooBig, path + " is larger than 256 kB");
  }
}

/// The text of a message; what is wrong with the file is the operator's to mend.
Result<std::string> readLetter(const std::string& path) {
  auto text = readFile(path);
  if (!text.ok()) return makeError(Errc::Corrupt, "the message cannot be read: " + text.error().text);
  return text;
}

/// The notices of one run.
class Notifier {
 public:
  Notifier(const tools::Context& context, const Options& options, std::vector<Rule> rules)
      : context_(context), options_(options), rules_(std::move(rules)) {}

  Status user(const User& user) {
    const auto percent = percentOf(user.used, user.place.quota);
    const Rule* rule = percent ? ruleFor(rules_, *percent) : nullptr;
    if (rule == nullptr) return {};
    PH_TRY(const std::string text, textOf(*rule));
    PH_TRY(const auto account, open(user, *rule));
    const auto kind = *percent >= 100 ? QuotaNotice::OverQuota : QuotaNotice::Warning;
    PH_TRY(const auto state, account.quotaState());
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(account.clock().wall().time_since_epoch());
    if (!noticeDue(kind, state, account.options().quota, now.count())) return {};
    bool sent = options_.dryRun;
    if (!sent) {
      tools::Letter letter = tools::letterFor(user.account, *context_.config, account.clock().wall());
      letter.urgent = kind == QuotaNotice::OverQuota;
      const std::string raw = fillLetter(text, {user.account.id, user.used, user.place.quota});
      PH_TRY(sent, tools::putIntoInbox(account, finishLetter(raw, letter), kind));
    }
    if (sent) say(user, *percent, rule->name);
    return {};
  }

  void end() const {
    if (options_.json) std::printf("%s\n", rows_.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  }

 private:
  Result<std::string> textOf(const Rule& rule) {
    if (!options_.letter.empty()) return readLetter(options_.letter);
    if (!rule.messageFile.empty()) return readLetter(rule.messageFile);
    return readLetter(context_.config->get<"server.directory">() + "/imq.msgfile");
  }

  /// The account under the rule's interval instead of store.quotaexceededmsginterval.
  Result<store::AccountHandle> open(const User& user, const Rule& rule) {
    store::Options options = store::optionsFrom(*context_.config);
    options.quota.notify = true;
    options.quota.noticeInterval = rule.interval;
    context_.store->configure(std::move(options));
    return context_.store->account(user.place, store::Engine::Create::Yes);
  }

  void say(const User& user, unsigned percent, const std::string& rule) {
    if (options_.json) {
      rows_.push_back(
          {{"user", user.account.id}, {"percent", percent}, {"rule", rule}, {"sent", !options_.dryRun}});
      return;
    }
    std::printf("%s: %u%%, by rule %s%s\n", user.account.id.c_str(), percent, rule.c_str(),
                options_.dryRun ? ": would be told" : "");
  }

  const tools::Context& context_;
  const Options& options_;
  std::vector<Rule> rules_;
  Json rows_ = Json::array();
};

}  // namespace

int notify(const tools::Context& context, const Options& options) {
  const std::string path =
      options.rules.empty() ? context.config->get<"server.directory">() + "/imq.rulefile" : options.rules;
  const auto text = readFile(path);
  auto rules = text.ok() ? parseRules(text.value()) : Result<std::vector<Rule>>(text.error());
  if (!rules.ok()) {
    tools::complain("imquotacheck", text.ok() ? path + ": " + rules.error().text
                                              : "the rules cannot be read: " + text.error().text);
    return EX_DATAERR;
  }
  Notifier notifier(context, options, std::move(rules).value());
  const int status = forUsers(context, options, [&](const User& user) { return notifier.user(user); });
  notifier.end();
  return status;
}

}  // namespace posthorn::imquotacheck
