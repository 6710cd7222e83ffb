// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/get.h"

#include <algorithm>
#include <set>
#include <utility>

#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {

bool GetArgs::wants(std::string_view property) const {
  return property == "id" || !properties ||
         std::find(properties->begin(), properties->end(), property) != properties->end();
}

Failure tooManyObjects(const Call& call) {
  return {"requestTooLarge", "at most " + std::to_string(call.limits().maxObjectsInGet) + " objects at once"};
}

std::optional<Failure> readGetArgs(const Call& call, const Json& args,
                                   std::span<const std::string_view> known, GetArgs& out) {
  auto ids = stringsArgument(args, "ids");
  if (!ids.ok()) return failureOf(ids.error());
  auto properties = stringsArgument(args, "properties");
  if (!properties.ok()) return failureOf(properties.error());
  out.properties = std::move(*properties);
  for (const std::string& property : out.properties.value_or(std::vector<std::string>())) {
    if (!known.empty() && std::find(known.begin(), known.end(), property) == known.end())
      return Failure{"invalidArguments", "there is no property " + property.substr(0, 255)};
  }
  out.all = !ids->has_value();
  if (out.all) return std::nullopt;
  if ((*ids)->size() > call.limits().maxObjectsInGet) return tooManyObjects(call);
  std::set<std::string> seen;
  for (std::string& id : **ids) {
    if (!seen.insert(id).second) continue;
    (isId(id) ? out.ids : out.notFound).push_back(std::move(id));
  }
  return std::nullopt;
}

Json getResponse(const std::string& accountId, const std::string& state, Json list,
                 const std::vector<std::string>& notFound) {
  Json out = Json::object();
  out["accountId"] = accountId;
  out["state"] = state;
  out["list"] = std::move(list);
  out["notFound"] = notFound;
  return out;
}

}  // namespace posthorn::mshttpd::jmap
