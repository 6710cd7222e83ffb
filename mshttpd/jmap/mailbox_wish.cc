// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/mailbox_wish.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "mshttpd/jmap/set.h"
#include "mshttpd/jmap/unicode_text.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::int64_t kMaxOrder = 0x7FFFFFFF;  // RFC 8621 2
constexpr std::string_view kServerSet[] = {"id",           "totalEmails",   "unreadEmails",
                                           "totalThreads", "unreadThreads", "myRights"};

bool serverSet(std::string_view property) {
  return std::find(std::begin(kServerSet), std::end(kServerSet), property) != std::end(kServerSet);
}

/// Empty: the name will do.
std::string whyNoName(std::string_view name) {
  if (ascii::trim(name).empty()) return "is empty";
  if (name.size() > kMaxMailboxName) return "is too long";
  if (!utf8::valid(name)) return "is not UTF-8";
  if (name.find('/') != std::string_view::npos) return "holds a slash";
  while (!name.empty()) {
    const std::uint32_t point = utf8::take(name);
    if (point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029)
      return "holds a control character";
    if (point == '*' || point == '%') return "holds a wildcard";
  }
  return {};
}

}  // namespace

void WishReader::invalid(const std::string& property, const std::string& why) {
  if (problem_.is_null()) problem_ = setError("invalidProperties", property + " " + why);
  if (problem_["type"] == "invalidProperties") problem_["properties"].push_back(property);
}

void WishReader::refusePatch(const std::string& why) {
  problem_ = setError("invalidPatch", why);
}

void WishReader::takeName(const Json& value) {
  if (!value.is_string()) return invalid("name", "must be a string");
  wish.saidName = value.get<std::string>();
  const std::string why = whyNoName(*wish.saidName);
  if (!why.empty()) return invalid("name", why);
  wish.name = toNfc(*wish.saidName);
}

void WishReader::takeParent(const Json& value) {
  if (value.is_null()) {
    wish.parent = std::optional<backend::Id>();
    return;
  }
  if (!value.is_string()) return invalid("parentId", "must be an id or null");
  const std::string id = call_.resolve(value.get<std::string>());
  waits_ = id.empty();
  wish.parent = std::optional<backend::Id>(id);
}

void WishReader::takeRole(const Json& value) {
  if (!value.is_null() && !value.is_string()) return invalid("role", "must be a string or null");
  const std::string role = value.is_null() ? std::string() : value.get<std::string>();
  if (!role.empty() && useOfRole(role).empty()) return invalid("role", "is none that this server knows");
  if (value.is_string() && role.empty()) return invalid("role", "is none that this server knows");
  wish.role = role;
}

void WishReader::takeOrder(const Json& value) {
  if (value.is_null()) {
    wish.order = std::optional<std::uint32_t>();
    return;
  }
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > kMaxOrder) ||
      value.get<std::int64_t>() < 0)
    return invalid("sortOrder", "must be a whole number from 0 to 2147483647");
  wish.order = std::optional(value.get<std::uint32_t>());
}

void WishReader::take(const std::string& property, const Json& value) {
  if (property == "name") return takeName(value);
  if (property == "parentId") return takeParent(value);
  if (property == "role") return takeRole(value);
  if (property == "sortOrder") return takeOrder(value);
  if (property == "isSubscribed") {
    if (!value.is_boolean()) return invalid(property, "must be true or false");
    wish.subscribed = value.get<bool>();
    return;
  }
  if (property == "shareWith") {
    wish.sharing = parseSharing(value, account_.owner);
    if (!wish.sharing) invalid(property, "must map principals other than the owner to rights");
    return;
  }
  invalid(property.substr(0, 255), serverSet(property) ? "is set by the server" : "is no property");
}

void WishReader::readObject(const Json& object) {
  for (const auto& [property, value] : object.items()) take(property, value);
  if (!object.contains("name")) invalid("name", "is missing");
}

bool WishReader::readsSharing(const Json& patch) {
  return std::any_of(patch.items().begin(), patch.items().end(), [](const auto& member) {
    return member.key() == "shareWith" || member.key().starts_with("shareWith/");
  });
}

/// "shareWith/PRINCIPAL" and "shareWith/PRINCIPAL/mayReadItems"; false: no such path.
bool WishReader::takeShare(const std::vector<std::string>& path, const Json& value, const Sharing& now,
                           Json& sharing) {
  if (sharing.is_null()) sharing = sharingJson(now);
  if (sharing.is_null()) sharing = Json::object();
  if (path.size() == 2) {
    if (value.is_null()) {
      sharing.erase(path[1]);
    } else {
      sharing[path[1]] = value;
    }
    return true;
  }
  if (path.size() != 3 || !sharing.contains(path[1]) || !sharing[path[1]].is_object()) return false;
  sharing[path[1]][path[2]] = value.is_null() ? Json(false) : value;
  return true;
}

void WishReader::readPatchOf(const MailboxNode& node, const Json& patch, const Sharing& now) {
  const auto patches = readPatch(patch);
  if (!patches) return refusePatch("not a valid patch");
  const Json current = mailboxJson(node);
  Json sharing;
  for (const Patch& one : *patches) {
    const std::string& property = one.path.front();
    if (property == "shareWith" && one.path.size() > 1) {
      if (!takeShare(one.path, *one.value, now, sharing)) return refusePatch("there is no such path");
    } else if (serverSet(property)) {
      const bool inside = one.path.size() == 2 && property == "myRights";
      if (one.path.size() > 1 && !inside) return refusePatch("there is no such path");
      const Json& is = current[property];
      const bool same = inside ? is.contains(one.path[1]) && is[one.path[1]] == *one.value : is == *one.value;
      if (!same) invalid(property, "is set by the server");
    } else if (one.path.size() > 1) {
      return refusePatch("there is no such path");
    } else {
      take(property, *one.value);
    }
  }
  if (!sharing.is_null()) take("shareWith", sharing);
  if (waits_) invalid("parentId", "is no mailbox");
}

}  // namespace posthorn::mshttpd::jmap
