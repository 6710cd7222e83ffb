// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "common/config/snapshot.h"
#include "common/store/store.h"

namespace posthorn::store {

namespace {

DefaultFolder parseFolder(const std::string& item) {
  const auto equals = item.find('=');
  DefaultFolder folder;
  folder.name = item.substr(0, equals);
  if (equals != std::string::npos) folder.specialUse = parseSpecialUse(item.substr(equals + 1)).value_or(0);
  return folder;
}

QuotaRules quotaRulesFrom(const config::Snapshot& config) {
  QuotaRules rules;
  rules.enforce = config.get<"store.quotaenforcement">();
  rules.warnPercent = static_cast<unsigned>(config.get<"store.quotawarn">());
  rules.grace = config.get<"store.quotagraceperiod">();
  // A status can only be said of an account that is over its quota: a message has to pass the line first.
  rules.overdraft = config.get<"store.quotaoverdraft">() || config.get<"store.overquotastatus">();
  rules.notify = config.get<"store.quotanotification">() && !config.get<"store.quotaexceededmsg">().empty();
  rules.noticeInterval = config.get<"store.quotaexceededmsginterval">();
  return rules;
}

}  // namespace

AccountRequest requestFor(std::string id, std::string partition, std::optional<std::int64_t> bytes,
                          std::optional<std::int64_t> messages, const config::Snapshot& config) {
  AccountRequest request{std::move(id), std::move(partition), {}};
  request.quota.bytes = bytes.value_or(config.get<"store.defaultmailboxquota">());
  request.quota.messages = messages.value_or(config.get<"store.defaultmessagequota">());
  return request;
}

Options optionsFrom(const config::Snapshot& config) {
  Options options;
  options.quota = quotaRulesFrom(config);
  options.maxMessageSize = static_cast<std::uint64_t>(config.get<"store.maxmessagesize">());
  options.flagSync = config.get<"store.flagsync">() == "1s" ? Sync::Visible : Sync::Durable;
  options.annotations.size = static_cast<std::size_t>(config.get<"store.maxannotationsize">());
  options.annotations.count = static_cast<std::size_t>(config.get<"store.maxannotations">());
  options.annotations.total = static_cast<std::size_t>(config.get<"store.maxannotationtotal">());
  if (config.get<"store.defaultfolders">()) {
    for (const auto& item : config.get<"store.defaultfoldernames">())
      options.defaultFolders.push_back(parseFolder(item));
  }
  options.lockFile = config.get<"server.directory">() + "/maildrop.lock";
  return options;
}

Result<std::shared_ptr<Store>> openStore(const config::Snapshot& config) {
  Store::Partitions partitions;
  partitions.fallback = config.get<"store.defaultpartition">();
  partitions.records = config.get<"server.directory">() + "/partitions";
  partitions.urls.emplace("primary", "embedded:" + config.get<"store.path">());
  for (const auto& name : config.groups("partition")) {
    PH_TRY(const auto path, config.partitionPath(name));
    partitions.urls.insert_or_assign(name, "embedded:" + path);
  }
  return Store::open(std::move(partitions), optionsFrom(config));
}

}  // namespace posthorn::store
