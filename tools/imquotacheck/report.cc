// SPDX-License-Identifier: Apache-2.0
#include <cinttypes>
#include <cstdio>
#include <string>

#include <nlohmann/json.hpp>

#include "common/store/quota_policy.h"
#include "tools/imquotacheck/commands.h"
#include "tools/imquotacheck/users.h"

namespace posthorn::imquotacheck {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t kbytes(std::uint64_t octets) {
  return octets / 1024 + (octets % 1024 != 0 ? 1 : 0);
}

std::string limitText(std::int64_t limit, bool octets) {
  if (limit < 0) return "no quota";
  const auto line = static_cast<std::uint64_t>(limit);
  return std::to_string(octets ? kbytes(line) : line);
}

std::string percentText(const store::QuotaUse& used, const store::Quota& limits) {
  const auto percent = percentOf(used, limits);
  return percent ? std::to_string(*percent) : "-";
}

store::Quota onlyBytes(const store::Quota& quota) {
  return {quota.bytes, -1};
}
store::Quota onlyMessages(const store::Quota& quota) {
  return {-1, quota.messages};
}

void printText(const User& user) {
  const store::Quota& quota = user.place.quota;
  std::printf("%12s %12" PRIu64 " %5s %10s %10" PRIu64 " %5s  %s\n", limitText(quota.bytes, true).c_str(),
              kbytes(user.used.bytes), percentText(user.used, onlyBytes(quota)).c_str(),
              limitText(quota.messages, false).c_str(), user.used.messages,
              percentText(user.used, onlyMessages(quota)).c_str(), user.account.id.c_str());
}

Json percentJson(const store::QuotaUse& used, const store::Quota& limits) {
  const auto percent = percentOf(used, limits);
  return percent ? Json(*percent) : Json(nullptr);
}

Json toJson(const User& user) {
  const store::Quota& quota = user.place.quota;
  return {{"user", user.account.id},
          {"domain", user.domain},
          {"quotabytes", quota.bytes},
          {"bytes", user.used.bytes},
          {"percentbytes", percentJson(user.used, onlyBytes(quota))},
          {"quotamessages", quota.messages},
          {"messages", user.used.messages},
          {"percentmessages", percentJson(user.used, onlyMessages(quota))}};
}

}  // namespace

int report(const tools::Context& context, const Options& options) {
  Json rows = Json::array();
  if (!options.json)
    std::printf("%12s %12s %5s %10s %10s %5s  %s\n", "diskquota(K)", "size(K)", "%use", "msgquota",
                "messages", "%use", "user");
  const int status = forUsers(context, options, [&](const User& user) -> Status {
    if (options.json)
      rows.push_back(toJson(user));
    else
      printText(user);
    return {};
  });
  if (options.json) std::printf("%s\n", rows.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  return status;
}

}  // namespace posthorn::imquotacheck
