// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <set>

#include "common/base/ascii.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/principals.h"
#include "mshttpd/jmap/query.h"
#include "mshttpd/jmap/set.h"

// Principals (RFC 9670 2) are the people of the directory, which belongs to nobody here: they are read and
// never written, and their state says nothing.

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::string_view kProperties[] = {"id",    "type",     "name",         "description",
                                            "email", "timeZone", "capabilities", "accounts"};
/// The directory does not say when it changes.
constexpr const char* kState = "0";
/// People that a query looks through.
constexpr std::size_t kMostPeople = 500;

/// Accounts of a principal that the caller reaches: his own, and those that share with him.
class Reach {
 public:
  explicit Reach(Call& call) : call_(call) {}
  Result<bool> reaches(const std::string& user) {
    if (user == call_.caller().user) return true;
    if (!owners_) {
      PH_TRY(const auto shared,
             call_.services().hosts.sharedWith(call_.caller().user, call_.caller().client));
      owners_.emplace();
      for (const backend::SharedAccount& account : shared) owners_->insert(account.owner);
    }
    return owners_->count(user) > 0;
  }

 private:
  Call& call_;
  std::optional<std::set<std::string>> owners_;
};

/// RFC 8620 2: an Account as the session resource tells it.
Json accountOf(Call& call, const Principal& person) {
  const AccountView view{accountId(person.id), person.id, person.id == call.caller().user};
  Json capabilities = Json::object();
  for (const CapabilitySpec& row : capabilityTable())
    if (row.account != nullptr && (view.own || row.shared))
      capabilities[std::string(row.uri)] = row.account(call.limits(), call.caller(), view);
  return {{"name", person.name},
          {"isPersonal", view.own},
          {"isReadOnly", false},
          {"accountCapabilities", std::move(capabilities)}};
}

Result<Json> principalJson(Call& call, Reach& reach, const Principal& person, const GetArgs& wanted) {
  Json out = {{"id", accountId(person.id)}};  // always there (RFC 8620 5.1)
  const auto put = [&](const char* property, Json value) {
    if (wanted.wants(property)) out[property] = std::move(value);
  };
  put("type", "individual");
  put("name", person.name);
  put("description", nullptr);
  put("email", person.email.empty() ? Json(nullptr) : Json(person.email));
  put("timeZone", nullptr);
  put("capabilities", Json::object());
  if (wanted.wants("accounts")) {
    PH_TRY(const bool reached, reach.reaches(person.id));
    out["accounts"] = reached ? Json{{accountId(person.id), accountOf(call, person)}} : Json(nullptr);
  }
  return out;
}

constexpr std::string_view kTexts[] = {"email", "name", "text"};

std::optional<Failure> checkCondition(const Json& condition) {
  for (const auto& [key, value] : condition.items()) {
    if (value.is_null()) continue;
    const bool text = key == "type" || key == "timeZone" ||
                      std::find(std::begin(kTexts), std::end(kTexts), key) != std::end(kTexts);
    if (!text && key != "accountIds")
      return Failure{"unsupportedFilter", "There is no condition " + key.substr(0, 100) + "."};
    const bool good = text ? value.is_string()
                           : value.is_array() && std::all_of(value.begin(), value.end(),
                                                             [](const Json& id) { return id.is_string(); });
    if (!good) return Failure{"invalidArguments", key + " in the filter has a wrong value"};
  }
  return std::nullopt;
}

bool holds(const std::string& text, const std::string& part) {
  return ascii::toLower(text).find(ascii::toLower(part)) != std::string::npos;
}

bool matches(const Json& condition, const Principal& person) {
  for (const auto& [key, value] : condition.items()) {
    if (value.is_null()) continue;
    bool fits = true;
    if (key == "accountIds") {
      fits = std::find(value.begin(), value.end(), accountId(person.id)) != value.end();
    } else {
      const auto& text = value.get_ref<const std::string&>();
      fits = key == "type"       ? text == "individual"
             : key == "timeZone" ? false
             : key == "email"    ? holds(person.email, text)
             : key == "name"     ? holds(person.name, text)
                                 : holds(person.name, text) || holds(person.email, text);
    }
    if (!fits) return false;
  }
  return true;
}

/// What the directory is asked for: a text that everybody who matches has. Empty: anybody.
std::string searchText(const Json* filter) {
  if (filter == nullptr || isFilterOperator(*filter)) return {};
  for (const std::string_view key : kTexts)
    if (const auto found = filter->find(std::string(key)); found != filter->end() && found->is_string())
      return found->get<std::string>();
  return {};
}

std::optional<Failure> readPrincipalSort(const Json& args, std::vector<SortBy>& sort) {
  if (auto wrong = readSort(args, sort)) return wrong;
  for (const SortBy& by : sort)
    if (by.property != "name" && by.property != "email" && by.property != "id")
      return Failure{"unsupportedSort", "People are sorted by name, email or id."};
  return std::nullopt;
}

void order(std::vector<Principal>& people, const std::vector<SortBy>& sort) {
  std::stable_sort(people.begin(), people.end(), [&](const Principal& a, const Principal& b) {
    for (const SortBy& by : sort) {
      const auto key = [&](const Principal& one) {
        return collationKey(by.property == "name"    ? one.name
                            : by.property == "email" ? one.email
                                                     : one.id,
                            by.collation);
      };
      const int compared = key(a).compare(key(b));
      if (compared != 0) return by.ascending ? compared < 0 : compared > 0;
    }
    return a.id < b.id;
  });
}

}  // namespace

/// Principal/get (RFC 9670 2.1). All at once: as many people as a query finds.
Answer principalGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = senderAccount(call, args, failure);
  if (account == nullptr) return failure;
  GetArgs wanted;
  if (auto wrong = readGetArgs(call, args, kProperties, wanted)) return *wrong;
  Principals& directory = call.services().principals;
  std::vector<Principal> people;
  if (wanted.all) {
    auto found = directory.find(call.caller().user, "",
                                std::min<std::size_t>(kMostPeople, call.limits().maxObjectsInGet));
    if (!found.ok()) return found.error();
    people = std::move(*found);
  }
  for (const std::string& id : wanted.ids) {
    const std::optional<std::string> user = userOf(id);
    const auto found =
        user ? directory.get(call.caller().user, *user) : Result<std::optional<Principal>>(std::nullopt);
    if (!found.ok()) return found.error();
    if (*found)
      people.push_back(**found);
    else
      wanted.notFound.push_back(id);
  }
  Reach reach(call);
  Json list = Json::array();
  for (const Principal& person : people) {
    Result<Json> object = principalJson(call, reach, person, wanted);
    if (!object.ok()) return object.error();
    list.push_back(std::move(*object));
  }
  return getResponse(account->id, kState, std::move(list), wanted.notFound);
}

/// Principal/changes (RFC 9670 2.2).
Answer principalChanges(Call& call, const Json& args) {
  Failure failure;
  if (senderAccount(call, args, failure) == nullptr) return failure;
  const Result<std::string> since = stateArgument(args, "sinceState");
  if (!since.ok()) return since.error();
  if (const auto most = maxChangesArgument(args); !most.ok()) return most.error();
  return Failure{"cannotCalculateChanges", "The directory does not tell what has changed."};
}

/// Principal/set (RFC 9670 2.3): forbidden, whatever it is.
Answer principalSet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = senderAccount(call, args, failure);
  if (account == nullptr) return failure;
  SetArgs wanted;
  if (auto wrong = readSetArgs(call, args, wanted)) return *wrong;
  if (wanted.ifInState && *wanted.ifInState != kState)
    return Failure{"stateMismatch", "There is no such state."};
  const Json error = setError("forbidden", "People are kept in the directory.");
  SetReply reply;
  for (const auto& [creationId, object] : wanted.create) reply.notCreated(creationId, error);
  for (const SetArgs::Update& one : wanted.update) reply.notUpdated(one.named, error);
  for (const SetArgs::Update& one : wanted.destroy) reply.notDestroyed(one.named, error);
  return Answer(reply.arguments(account->id, kState, kState));
}

/// Principal/query (RFC 9670 2.4).
Answer principalQuery(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = senderAccount(call, args, failure);
  if (account == nullptr) return failure;
  const Json* filter = member(args, "filter");
  if (auto wrong = checkFilter(filter, checkCondition)) return *wrong;
  std::vector<SortBy> sort;
  if (auto wrong = readPrincipalSort(args, sort)) return *wrong;
  const Result<QueryWindow> window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  auto people = call.services().principals.find(call.caller().user, searchText(filter), kMostPeople);
  if (!people.ok()) return people.error();
  std::vector<Principal> found;
  for (const Principal& person : *people)
    if (matchesFilter(filter, [&](const Json& condition) { return matches(condition, person); }))
      found.push_back(person);
  order(found, sort);
  std::vector<std::string> ids;
  ids.reserve(found.size());
  for (const Principal& person : found) ids.push_back(accountId(person.id));
  return queryResponse(account->id, kState, false, *window, ids);
}

/// Principal/queryChanges (RFC 9670 2.5).
Answer principalQueryChanges(Call& call, const Json& args) {
  Failure failure;
  if (senderAccount(call, args, failure) == nullptr) return failure;
  if (auto wrong = checkFilter(member(args, "filter"), checkCondition)) return *wrong;
  std::vector<SortBy> sort;
  if (auto wrong = readPrincipalSort(args, sort)) return *wrong;
  const Result<QueryChangesArgs> wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  return Failure{"cannotCalculateChanges", "The directory does not tell what has changed."};
}

}  // namespace posthorn::mshttpd::jmap
