// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/email_change.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::string_view kProperties[] = {"id", "mailboxIds", "keywords", "receivedAt"};

bool known(std::string_view property) {
  for (const std::string_view one : kProperties)
    if (one == property) return true;
  return false;
}

/// Which accounts, and what happens afterwards.
struct CopyArgs {
  const Call::Account* from = nullptr;
  const Call::Account* to = nullptr;
  const Json* create = nullptr;
  bool destroyOriginal = false;
  std::optional<std::string> destroyIfInState;
  std::optional<std::string> ifInState;
  std::optional<std::string> ifFromInState;
};

Result<CopyArgs> readArgs(const Json& args) {
  CopyArgs out;
  PH_TRY(out.destroyOriginal, boolArgument(args, "onSuccessDestroyOriginal", false));
  PH_TRY(out.destroyIfInState, stringArgument(args, "destroyFromIfInState"));
  PH_TRY(out.ifInState, stringArgument(args, "ifInState"));
  PH_TRY(out.ifFromInState, stringArgument(args, "ifFromInState"));
  PH_TRY(const auto from, stringArgument(args, "fromAccountId"));
  PH_TRY(const auto to, stringArgument(args, "accountId"));
  if (from == to) return invalidArgument("fromAccountId", "must be another account");
  out.create = member(args, "create");
  if (out.create == nullptr || !out.create->is_object())
    return invalidArgument("create", "must be an object");
  for (const auto& [creationId, object] : out.create->items())
    if (!isId(creationId) || !object.is_object())
      return invalidArgument("create", "must hold objects under ids");
  return out;
}

/// What the copy has unless the client says otherwise.
struct Original {
  Placement placement;
  backend::Source text;
  std::uint64_t octets = 0;
};

Result<Original> readOriginal(backend::MailHost& from, const backend::Id& id) {
  const backend::Id ids[] = {id};
  PH_TRY(const backend::Messages found, from.messages(ids, {}));
  if (found.messages.empty()) return makeError(Errc::NotFound, "no such email");
  const backend::Message& message = found.messages.front();
  Original out;
  out.placement.flags = message.flags;
  out.placement.receivedAt = message.internalDate;
  out.octets = message.octets;
  PH_TRY(out.text, from.text(id, {}, false));
  return out;
}

struct Copied {
  backend::Appended email;
  backend::Id original;
};

std::variant<Copied, Json> copyOne(Call& call, const CopyArgs& args, const Json& object) {
  const Json* named = member(object, "id");
  Problems problems;
  for (const auto& [key, value] : object.items())
    if (!known(key)) problems.add(key.substr(0, 100), "cannot be set in a copy");
  if (named == nullptr || !named->is_string()) problems.add("id", "must be the id of an email");
  const std::string id =
      named != nullptr && named->is_string() ? call.resolve(named->get<std::string>()) : "";
  Placement placement = readPlacement(call, object, problems);
  if (!problems.none()) return problems.setError();
  if (id.empty()) return setError("notFound", "There is no such email.");
  Result<Original> original = readOriginal(*args.from->host, id);
  if (!original.ok()) return setErrorOf(original.error());
  Problems none;
  placement = readPlacement(call, object, none, original->placement);
  if (Json error = boundsError(placement); !error.is_null()) return error;
  // Both accounts may share a connection, which the append holds until its last octet.
  const Result<BlobFile> text = copyToFile(original->text, original->octets);
  if (!text.ok()) return setErrorOf(text.error());
  Result<backend::Appended> appended = args.to->host->append(
      {text->source(), text->octets, placement.mailboxes, placement.flags, placement.receivedAt, true});
  if (!appended.ok()) return appendError(appended.error());
  return Copied{std::move(*appended), id};
}

/// The state of an account, which must be `wanted` where that is given.
Result<backend::State> stateOf(const Call::Account& account, const std::optional<std::string>& wanted) {
  PH_TRY(backend::State state, account.host->state());
  if (wanted && *wanted != state) return makeError(Errc::Conflict, "another state");
  return state;
}

}  // namespace

/// Email/copy (RFC 8621 4.7, RFC 8620 5.4).
Answer emailCopy(Call& call, const Json& args) {
  Result<CopyArgs> wanted = readArgs(args);
  if (!wanted.ok()) return wanted.error();
  Failure failure;
  wanted->from = call.account(args, "fromAccountId", failure);
  if (wanted->from == nullptr) {
    if (failure.type == "accountNotFound") failure.type = "fromAccountNotFound";
    return failure;
  }
  wanted->to = call.account(args, failure);
  if (wanted->to == nullptr) return failure;
  if (wanted->create->size() > call.limits().maxObjectsInSet) return tooManyObjects(call);
  const Result<backend::State> from = stateOf(*wanted->from, wanted->ifFromInState);
  if (!from.ok()) return from.error();
  const Result<backend::State> old = stateOf(*wanted->to, wanted->ifInState);
  if (!old.ok()) return old.error();
  StateSpan states;
  states.begin(*old);
  Json created = Json::object();
  Json notCreated = Json::object();
  Json originals = Json::array();
  for (const auto& [creationId, object] : wanted->create->items()) {
    const auto result = copyOne(call, *wanted, object);
    if (const auto* error = std::get_if<Json>(&result)) {
      notCreated[creationId] = *error;
      continue;
    }
    const auto& copied = std::get<Copied>(result);
    states.step(copied.email.before, copied.email.state);
    call.created(creationId, copied.email.id);
    created[creationId] = createdEmail(copied.email);
    originals.push_back(copied.original);
  }
  if (wanted->destroyOriginal && !originals.empty()) {
    Json destroy = {{"accountId", wanted->from->id}, {"destroy", std::move(originals)}};
    if (wanted->destroyIfInState) destroy["ifInState"] = *wanted->destroyIfInState;
    call.follow("Email/set", std::move(destroy));
  }
  return Json{{"fromAccountId", wanted->from->id},
              {"accountId", wanted->to->id},
              {"oldState", states.old()},
              {"newState", states.now()},
              {"created", created.empty() ? Json(nullptr) : std::move(created)},
              {"notCreated", notCreated.empty() ? Json(nullptr) : std::move(notCreated)}};
}

}  // namespace posthorn::mshttpd::jmap
