// SPDX-License-Identifier: Apache-2.0
#include <iterator>
#include <optional>
#include <utility>

#include "common/base/ids.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/set.h"
#include "mshttpd/jmap/written_header.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::string_view kProperties[] = {"id",  "name",          "email",         "replyTo",
                                            "bcc", "textSignature", "htmlSignature", "mayDelete"};
constexpr std::size_t kMaxSignature = 16'000;

bool isLine(const Json& value) {
  return value.is_string() && isLineText(value.get_ref<const std::string&>());
}
bool isAddresses(const Json& value) {
  return value.is_null() || (value.is_array() && writeAddresses(value).ok());
}
bool isText(const Json& value) {
  return value.is_string();
}

/// What a client may set, and what null makes of it.
struct Settable {
  std::string_view name;
  bool (*fits)(const Json& value);
  std::string_view why;
  const char* fallback;  ///< nullptr: JSON null
};
constexpr Settable kSettable[] = {
    {"name", isLine, "must be one line of text", ""},
    {"replyTo", isAddresses, "must be a list of addresses or null", nullptr},
    {"bcc", isAddresses, "must be a list of addresses or null", nullptr},
    {"textSignature", isText, "must be a string", ""},
    {"htmlSignature", isText, "must be a string", ""},
};

/// One property of a create or update; false when it is none of kSettable.
bool takeProperty(const std::string& key, const Json& value, Json& object, Problems& problems) {
  for (const Settable& row : kSettable) {
    if (row.name != key) continue;
    Json set = value;
    if (set.is_null()) set = row.fallback == nullptr ? Json(nullptr) : Json(row.fallback);
    if (!row.fits(set)) problems.add(key, row.why);
    object[key] = std::move(set);
    return true;
  }
  return false;
}

Json sizeError(const Json& object) {
  for (const char* property : {"textSignature", "htmlSignature"}) {
    const auto found = object.find(property);
    if (found == object.end() || found->get_ref<const std::string&>().size() <= kMaxSignature) continue;
    Json out = setError("tooLarge", "A signature is larger than is allowed.", {property});
    out["maxSize"] = kMaxSignature;
    return out;
  }
  return {};
}

/// One Identity/set on its way.
class IdentitySet {
 public:
  IdentitySet(Call& call, const Call::Account& account, Identities identities)
      : call_(call), account_(account), identities_(std::move(identities)) {}

  /// Nothing: somebody else has written meanwhile, and nothing has happened.
  std::optional<Answer> run(const SetArgs& args) {
    const std::string oldState = identities_.state();
    if (args.ifInState && *args.ifInState != oldState)
      return Answer(Failure{"stateMismatch", "The identities are in another state."});
    for (const auto& [creationId, object] : args.create) create(creationId, object);
    for (const SetArgs::Update& one : args.update) update(one);
    for (const SetArgs::Update& one : args.destroy) destroy(one);
    const Status saved = identities_.kept().save(*account_.host);
    if (!saved.ok() && saved.error().code == Errc::Conflict) return std::nullopt;
    if (!saved.ok()) return Answer(failureOf(saved.error()));
    for (const auto& [creationId, id] : created_) call_.created(creationId, id);
    return Answer(reply_.arguments(account_.id, oldState, identities_.state()));
  }

 private:
  void create(const std::string& creationId, const Json& object) {
    Problems problems;
    Json kept = Json::object();
    const auto email = object.find("email");
    const bool hasEmail =
        email != object.end() && isLine(*email) && !email->get_ref<const std::string&>().empty();
    if (!hasEmail) problems.add("email", "must be an address");
    for (const auto& [key, value] : object.items())
      if (key != "email" && !takeProperty(key, value, kept, problems))
        problems.add(key.substr(0, 100), "cannot be set");
    if (!problems.none()) return reply_.notCreated(creationId, problems.setError());
    const auto& address = email->get_ref<const std::string&>();
    if (!maySendFrom(call_.caller(), address))
      return reply_.notCreated(creationId, setError("forbiddenFrom", "You may not send from this address."));
    if (Json error = sizeError(kept); !error.is_null())
      return reply_.notCreated(creationId, std::move(error));
    kept["email"] = address;
    const std::string id = "i" + Id128::random().hex();
    if (!identities_.kept().put(id, kept))
      return reply_.notCreated(creationId, setError("overQuota", "There is no room for further identities."));
    Json told = {{"id", id}, {"mayDelete", true}};
    for (const Settable& row : kSettable)
      if (!object.contains(std::string(row.name)))
        told[std::string(row.name)] = row.fallback == nullptr ? Json(nullptr) : Json(row.fallback);
    created_.emplace_back(creationId, id);
    call_.created(creationId, id);
    reply_.created(creationId, std::move(told));
  }

  void update(const SetArgs::Update& one) {
    const std::string id = one.id.empty() ? call_.resolve(one.named) : one.id;
    const Json* known = identities_.find(id);
    const Json* kept = identities_.kept().find(id);
    if (known == nullptr && kept == nullptr)
      return reply_.notUpdated(id.empty() ? one.named : id,
                               setError("notFound", "There is no such identity."));
    const auto patches = readPatch(one.patch);
    if (!patches) return reply_.notUpdated(id, setError("invalidPatch"));
    Json next = kept != nullptr ? *kept : Json::object();
    Problems problems;
    for (const Patch& patch : *patches) {
      if (patch.path.size() > 1)
        return reply_.notUpdated(id, setError("invalidPatch", "Lists are replaced as a whole."));
      const std::string& key = patch.path[0];
      if (takeProperty(key, *patch.value, next, problems)) continue;
      const bool same = known != nullptr && known->contains(key) && known->at(key) == *patch.value;
      if (!same) problems.add(key.substr(0, 100), "cannot be changed");
    }
    if (!problems.none()) return reply_.notUpdated(id, problems.setError());
    if (Json error = sizeError(next); !error.is_null()) return reply_.notUpdated(id, std::move(error));
    if (!identities_.kept().put(id, std::move(next), true))
      return reply_.notUpdated(id, setError("overQuota", "There is no room for so much text."));
    reply_.updated(id);
  }

  void destroy(const SetArgs::Update& one) {
    const std::string id = one.id.empty() ? call_.resolve(one.named) : one.id;
    const Json* known = identities_.find(id);
    if (known != nullptr && known->at("mayDelete") == false)
      return reply_.notDestroyed(id,
                                 setError("forbidden", "This is an address that the directory gives you."));
    if (!identities_.kept().remove(id))
      return reply_.notDestroyed(id.empty() ? one.named : id,
                                 setError("notFound", "There is no such identity."));
    reply_.destroyed(id);
  }

  Call& call_;
  const Call::Account& account_;
  Identities identities_;
  SetReply reply_;
  std::vector<std::pair<std::string, std::string>> created_;
};

}  // namespace

/// Identity/get (RFC 8621 6.1).
Answer identityGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = senderAccount(call, args, failure);
  if (account == nullptr) return failure;
  GetArgs wanted;
  if (auto wrong = readGetArgs(call, args, kProperties, wanted)) return *wrong;
  const Result<Identities> identities = Identities::read(call.caller(), *account->host);
  if (!identities.ok()) return identities.error();
  std::vector<std::string> ids = wanted.ids;
  if (wanted.all)
    for (const Json& one : identities->list()) ids.push_back(one.at("id").get<std::string>());
  Json list = Json::array();
  for (const std::string& id : ids) {
    const Json* found = identities->find(id);
    if (found == nullptr) {
      wanted.notFound.push_back(id);
      continue;
    }
    Json object = Json::object();
    for (const auto& [key, value] : found->items())
      if (wanted.wants(key)) object[key] = value;
    list.push_back(std::move(object));
  }
  return getResponse(account->id, identities->state(), std::move(list), wanted.notFound);
}

/// Identity/changes (RFC 8621 6.2). What the directory changes cannot be calculated.
Answer identityChanges(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = senderAccount(call, args, failure);
  if (account == nullptr) return failure;
  Result<Identities> identities = Identities::read(call.caller(), *account->host);
  if (!identities.ok()) return identities.error();
  return keptChanges(account->id, args, identities->kept(), identities->stateSuffix());
}

/// Identity/set (RFC 8621 6.3).
Answer identitySet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = senderAccount(call, args, failure);
  if (account == nullptr) return failure;
  SetArgs wanted;
  if (auto wrong = readSetArgs(call, args, wanted)) return *wrong;
  for (unsigned attempt = 0; attempt < KeptObjects::kMostAttempts; ++attempt) {
    Result<Identities> identities = Identities::read(call.caller(), *account->host);
    if (!identities.ok()) return identities.error();
    if (auto answer = IdentitySet(call, *account, std::move(*identities)).run(wanted)) return *answer;
  }
  return makeError(Errc::Busy, "others keep writing the identities");
}

}  // namespace posthorn::mshttpd::jmap
