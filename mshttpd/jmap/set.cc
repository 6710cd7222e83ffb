// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/set.h"

#include <algorithm>
#include <set>

#include "common/base/ascii.h"
#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {

namespace {

Json orNull(const Json& value) {
  return value.empty() ? Json(nullptr) : value;
}

/// An absent or null map is empty; nothing when it is no object.
std::optional<Json> mapArgument(const Json& args, const char* name) {
  const Json* found = member(args, name);
  if (found == nullptr) return Json::object();
  return found->is_object() ? std::optional(*found) : std::nullopt;
}

std::optional<std::string> undoEscapes(std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '~') {
      out.push_back(part[i]);
      continue;
    }
    if (++i == part.size() || (part[i] != '0' && part[i] != '1')) return std::nullopt;
    out.push_back(part[i] == '0' ? '~' : '/');
  }
  return out;
}

}  // namespace

std::optional<Failure> readSetArgs(const Call& call, const Json& args, SetArgs& out) {
  const auto state = stringArgument(args, "ifInState");
  if (!state.ok()) return failureOf(state.error());
  out.ifInState = *state;
  const std::optional<Json> create = mapArgument(args, "create");
  const std::optional<Json> update = mapArgument(args, "update");
  const auto destroy = stringsArgument(args, "destroy");
  if (!destroy.ok()) return failureOf(destroy.error());
  if (!create || !update)
    return Failure{"invalidArguments", std::string(create ? "update" : "create") + " must be an object"};
  const std::size_t objects = create->size() + update->size() + (*destroy ? (**destroy).size() : 0);
  const unsigned most = call.limits().maxObjectsInSet;
  if (objects > most)
    return Failure{"requestTooLarge", "at most " + std::to_string(most) + " objects at once"};
  for (const auto& [id, object] : create->items()) {
    if (!isId(id)) return Failure{"invalidArguments", "a creation id in create is no id"};
    if (!object.is_object()) return Failure{"invalidArguments", "create must hold objects"};
    out.create.emplace_back(id, object);
  }
  for (const auto& [id, patch] : update->items()) {
    if (!patch.is_object()) return Failure{"invalidArguments", "update must hold objects"};
    out.update.push_back({call.resolve(id), id, patch});
  }
  std::set<std::string> seen;
  if (*destroy)
    for (const std::string& id : **destroy)
      if (seen.insert(id).second) out.destroy.push_back({call.resolve(id), id, {}});
  return std::nullopt;
}

Json SetReply::arguments(const std::string& accountId, const Json& oldState, const Json& newState) const {
  return Json{{"accountId", accountId},
              {"oldState", oldState},
              {"newState", newState},
              {"created", orNull(created_)},
              {"updated", orNull(updated_)},
              {"destroyed", orNull(destroyed_)},
              {"notCreated", orNull(notCreated_)},
              {"notUpdated", orNull(notUpdated_)},
              {"notDestroyed", orNull(notDestroyed_)}};
}

std::optional<std::vector<Patch>> readPatch(const Json& patch) {
  std::vector<Patch> out;
  std::vector<std::vector<std::string>> paths;
  for (const auto& [pointer, value] : patch.items()) {
    Patch one;
    one.value = &value;
    for (const std::string_view part : ascii::split(pointer, '/')) {
      auto plain = undoEscapes(part);
      if (!plain) return std::nullopt;
      one.path.push_back(std::move(*plain));
    }
    paths.push_back(one.path);
    out.push_back(std::move(one));
  }
  // Sorted, a path stands right before those that it is the beginning of.
  std::sort(paths.begin(), paths.end());
  for (std::size_t i = 1; i < paths.size(); ++i) {
    const auto& before = paths[i - 1];
    if (before.size() <= paths[i].size() && std::equal(before.begin(), before.end(), paths[i].begin()))
      return std::nullopt;
  }
  return out;
}

}  // namespace posthorn::mshttpd::jmap
