// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/query.h"

// RFC 9425 over IMAP's QUOTA. A back end tells no history of quotas: the state is made of the values
// themselves, and carries them, so that changes() can tell which of them are others now.

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::string_view kProperties[] = {"id",   "resourceType", "used",      "hardLimit", "scope",
                                            "name", "types",        "warnLimit", "softLimit", "description"};
constexpr std::size_t kMaxQuotas = 64;

struct Quota {
  std::string id;
  std::string name;
  backend::QuotaRow row;
};

std::string resourceOf(const Quota& quota) {
  return quota.row.storage ? "octets" : "count";
}

Result<std::vector<Quota>> readQuotas(Call& call, const Call::Account& account) {
  std::vector<Quota> out;
  // Without a type that the client knows there is nothing to tell (RFC 9425 4.1).
  if (!call.uses(kMail)) return out;
  auto rows = account.host->quota();
  if (!rows.ok() && rows.error().code == Errc::Unsupported) return out;
  if (!rows.ok()) return rows.error();
  for (backend::QuotaRow& row : *rows) {
    if (out.size() == kMaxQuotas) break;
    const std::string kind = row.storage ? "octets" : "count";
    const std::string name = row.root.empty() ? account.owner : row.root;
    out.push_back(
        {"q" + toHex(row.root).substr(0, 200) + (row.storage ? "-octets" : "-count"), name, std::move(row)});
  }
  return out;
}

/// "ID:used:limit ID:used:limit"
std::string stateOf(const std::vector<Quota>& quotas) {
  std::string out = "q";
  for (const Quota& quota : quotas)
    out += " " + quota.id + ":" + std::to_string(quota.row.used) + ":" + std::to_string(quota.row.limit);
  return out;
}

struct Told {
  std::string id;
  std::uint64_t used = 0;
  std::uint64_t limit = 0;
};
std::optional<std::vector<Told>> parseState(std::string_view state) {
  const auto words = ascii::words(state, " ");
  if (words.empty() || words.front() != "q" || words.size() > kMaxQuotas + 1) return std::nullopt;
  std::vector<Told> out;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto parts = ascii::split(words[i], ':');
    const auto used = parts.size() == 3 ? ascii::number(parts[1]) : std::nullopt;
    const auto limit = parts.size() == 3 ? ascii::number(parts[2]) : std::nullopt;
    if (!used || !limit || !isId(parts[0])) return std::nullopt;
    out.push_back({std::string(parts[0]), *used, *limit});
  }
  return out;
}

Json quotaJson(const Quota& quota, const GetArgs& get) {
  Json whole = Json::object();
  whole["id"] = quota.id;
  whole["resourceType"] = resourceOf(quota);
  whole["used"] = quota.row.used;
  whole["hardLimit"] = quota.row.limit;
  whole["scope"] = "account";
  whole["name"] = quota.name;
  whole["types"] = {"Email"};
  whole["warnLimit"] = nullptr;
  whole["softLimit"] = nullptr;
  whole["description"] = nullptr;
  Json out = Json::object();
  for (auto& [name, value] : whole.items()) {
    if (name == "id" || get.wants(name)) out[name] = std::move(value);
  }
  return out;
}

std::optional<Failure> checkCondition(const Json& condition) {
  for (const auto& [name, value] : condition.items()) {
    if (name != "name" && name != "scope" && name != "resourceType" && name != "type")
      return Failure{"unsupportedFilter", "there is no condition " + name.substr(0, 255)};
    if (!value.is_string()) return Failure{"invalidArguments", name + " must be a string"};
  }
  return std::nullopt;
}

bool matches(const Quota& quota, const Json& condition) {
  return std::all_of(condition.items().begin(), condition.items().end(), [&](const auto& member) {
    const std::string& wanted = member.value().template get_ref<const std::string&>();
    if (member.key() == "name")
      return collationKey(quota.name, {}).find(collationKey(wanted, {})) != std::string::npos;
    if (member.key() == "scope") return wanted == "account";
    if (member.key() == "resourceType") return wanted == resourceOf(quota);
    return wanted == "Email";
  });
}

bool before(const Quota& a, const Quota& b, const std::vector<SortBy>& sort) {
  for (const SortBy& by : sort) {
    const bool used = by.property == "used";
    const std::string left = used ? "" : collationKey(a.name, by.collation);
    const std::string right = used ? "" : collationKey(b.name, by.collation);
    if (used && a.row.used != b.row.used) return (a.row.used < b.row.used) == by.ascending;
    if (left != right) return (left < right) == by.ascending;
  }
  return a.id < b.id;
}

std::vector<std::string> run(std::vector<Quota> quotas, const FilterAndSort& query) {
  std::erase_if(quotas, [&](const Quota& quota) {
    return !matchesFilter(query.filter, [&](const Json& one) { return matches(quota, one); });
  });
  std::sort(quotas.begin(), quotas.end(),
            [&](const Quota& a, const Quota& b) { return before(a, b, query.sort); });
  std::vector<std::string> out;
  for (Quota& quota : quotas) out.push_back(std::move(quota.id));
  return out;
}

struct QuotaChanges {
  std::vector<std::string> created;
  std::vector<std::string> updated;
  std::vector<std::string> destroyed;
  bool usedOnly = true;
};

QuotaChanges compare(const std::vector<Told>& then, const std::vector<Quota>& now) {
  QuotaChanges out;
  for (const Quota& quota : now) {
    const auto old =
        std::find_if(then.begin(), then.end(), [&](const Told& one) { return one.id == quota.id; });
    if (old == then.end()) {
      out.created.push_back(quota.id);
    } else if (old->used != quota.row.used || old->limit != quota.row.limit) {
      out.updated.push_back(quota.id);
      out.usedOnly = out.usedOnly && old->limit == quota.row.limit;
    }
  }
  for (const Told& one : then) {
    const bool there =
        std::any_of(now.begin(), now.end(), [&](const Quota& quota) { return quota.id == one.id; });
    if (!there) out.destroyed.push_back(one.id);
  }
  return out;
}

Failure unknownState() {
  return {"cannotCalculateChanges", "that state is not known"};
}

}  // namespace

Answer quotaGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  GetArgs get;
  if (const auto refused = readGetArgs(call, args, kProperties, get)) return *refused;
  const auto quotas = readQuotas(call, *account);
  if (!quotas.ok()) return quotas.error();
  Json list = Json::array();
  std::set<std::string> shown;
  for (const Quota& quota : *quotas) {
    const bool asked = std::find(get.ids.begin(), get.ids.end(), quota.id) != get.ids.end();
    if (!get.all && !asked) continue;
    shown.insert(quota.id);
    list.push_back(quotaJson(quota, get));
  }
  for (const std::string& id : get.ids) {
    if (shown.count(id) == 0) get.notFound.push_back(id);
  }
  return getResponse(account->id, stateOf(*quotas), std::move(list), get.notFound);
}

Answer quotaChanges(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  const auto since = stateArgument(args, "sinceState");
  if (!since.ok()) return since.error();
  const auto most = maxChangesArgument(args);
  if (!most.ok()) return most.error();
  const auto then = parseState(*since);
  if (!then) return unknownState();
  const auto quotas = readQuotas(call, *account);
  if (!quotas.ok()) return quotas.error();
  QuotaChanges changes = compare(*then, *quotas);
  const std::size_t count = changes.created.size() + changes.updated.size() + changes.destroyed.size();
  if (*most > 0 && count > *most)
    return Failure{"cannotCalculateChanges", "there is no state between these two"};
  Json out = Json::object();
  out["accountId"] = account->id;
  out["oldState"] = *since;
  out["newState"] = stateOf(*quotas);
  out["hasMoreChanges"] = false;
  out["updatedProperties"] =
      changes.usedOnly && !changes.updated.empty() ? Json::array({"used"}) : Json(nullptr);
  out["created"] = std::move(changes.created);
  out["updated"] = std::move(changes.updated);
  out["destroyed"] = std::move(changes.destroyed);
  return out;
}

Answer quotaQuery(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  FilterAndSort query;
  if (const auto refused = readFilterAndSort(args, checkCondition, {"name", "used"}, query)) return *refused;
  const auto window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  auto quotas = readQuotas(call, *account);
  if (!quotas.ok()) return quotas.error();
  const std::string state = stateOf(*quotas);
  return queryResponse(account->id, state, true, *window, run(std::move(*quotas), query));
}

Answer quotaQueryChanges(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  FilterAndSort query;
  if (const auto refused = readFilterAndSort(args, checkCondition, {"name", "used"}, query)) return *refused;
  const auto wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  const auto then = parseState(wanted->since);
  if (!then) return unknownState();
  auto quotas = readQuotas(call, *account);
  if (!quotas.ok()) return quotas.error();
  const QuotaChanges changes = compare(*then, *quotas);
  QueryDelta delta;
  delta.newState = stateOf(*quotas);
  delta.maybe.insert(changes.created.begin(), changes.created.end());
  delta.maybe.insert(changes.updated.begin(), changes.updated.end());
  delta.maybe.insert(changes.destroyed.begin(), changes.destroyed.end());
  delta.results = run(std::move(*quotas), query);
  return queryChangesResponse(account->id, *wanted, delta);
}

}  // namespace posthorn::mshttpd::jmap
