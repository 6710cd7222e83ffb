// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "common/mime/domain.h"
#include "mshttpd/jmap/blob_access.h"
#include "mshttpd/jmap/compose.h"
#include "mshttpd/jmap/email_change.h"
#include "mshttpd/jmap/methods.h"

// One commit at the back end takes all updates and destroys, and with them the comparison of ifInState;
// creates follow, and then what spoke of them.

namespace posthorn::mshttpd::jmap {

namespace {

std::string domainOf(const Caller& caller) {
  const std::size_t at = caller.email.rfind('@');
  return mime::asciiDomain(at == std::string::npos ? "" : std::string_view(caller.email).substr(at + 1))
      .value_or("localhost");
}

/// One Email/set on its way.
class EmailSet {
 public:
  EmailSet(Call& call, const Call::Account& account, SetArgs args)
      : call_(call), account_(account), host_(*account.host), args_(std::move(args)) {}

  Answer run() {
    // What names a creation of this very call waits for it.
    std::vector<SetArgs::Update> laterUpdates = split(args_.update);
    std::vector<SetArgs::Update> laterDestroys = split(args_.destroy);
    const Status first = change(args_.update, args_.destroy, args_.ifInState);
    if (!first.ok() && first.error().code == Errc::Limit)
      return Failure{"requestTooLarge",
                     "That is too much to be done at once; ask for less, or without ifInState."};
    if (!first.ok()) return failureOf(first.error());
    if (!states_.begun()) {
      const Result<backend::State> state = host_.state();
      if (!state.ok()) return failureOf(state.error());
      states_.begin(*state);
    }
    for (const auto& [creationId, object] : args_.create) create(creationId, object);
    for (auto* later : {&laterUpdates, &laterDestroys})
      for (SetArgs::Update& one : *later) one.id = call_.resolve(one.named);
    const Status last = change(laterUpdates, laterDestroys, std::nullopt);
    if (!last.ok()) failRest(laterUpdates, laterDestroys, last.error());
    return Answer(reply_.arguments(account_.id, states_.old(), states_.now()));
  }

 private:
  static std::vector<SetArgs::Update> split(std::vector<SetArgs::Update>& list) {
    const auto known =
        std::stable_partition(list.begin(), list.end(), [](const auto& one) { return !one.id.empty(); });
    std::vector<SetArgs::Update> out(std::make_move_iterator(known), std::make_move_iterator(list.end()));
    list.erase(known, list.end());
    return out;
  }

  Status change(const std::vector<SetArgs::Update>& updates, const std::vector<SetArgs::Update>& destroys,
                const std::optional<std::string>& ifState) {
    std::vector<imap::jmap::Update> wanted;
    std::set<std::string> doomed;
    for (const SetArgs::Update& one : destroys)
      if (!one.id.empty()) doomed.insert(one.id);
    // Comparing with the state comes before anything else is said of an object.
    if (ifState) PH_CHECK(compare(*ifState));
    for (const SetArgs::Update& one : updates) {
      if (auto update = judge(one, doomed)) wanted.push_back(std::move(*update));
    }
    for (const SetArgs::Update& one : destroys) {
      if (one.id.empty()) {
        reply_.notDestroyed(one.named, setError("notFound", "Nothing was created under this id."));
        continue;
      }
      imap::jmap::Update update;
      update.id = one.id;
      update.destroy = true;
      wanted.push_back(std::move(update));
    }
    if (wanted.empty() && !ifState) return okStatus();
    PH_TRY(const backend::UpdateResult result, host_.update(ifState, wanted));
    if (result.outcomes.size() != wanted.size())
      return makeError(Errc::Internal, "a back end left updates without an outcome");
    states_.step(result.oldState, result.newState);
    for (std::size_t i = 0; i < wanted.size(); ++i) tell(wanted[i], result.outcomes[i]);
    return okStatus();
  }

  /// Spares the questions that judge() asks where the state has moved on anyhow.
  Status compare(const std::string& ifState) {
    PH_TRY(const backend::State state, host_.state());
    if (state == ifState) return okStatus();
    return makeError(Errc::Conflict, "another state");
  }

  std::optional<imap::jmap::Update> judge(const SetArgs::Update& one, const std::set<std::string>& doomed) {
    const auto refuse = [&](Json error) {
      reply_.notUpdated(one.id.empty() ? one.named : one.id, std::move(error));
      return std::nullopt;
    };
    if (one.id.empty()) return refuse(setError("notFound", "Nothing was created under this id."));
    if (doomed.count(one.id) > 0) return refuse(setError("willDestroy"));
    EmailChange change;
    Json error = readChange(call_, one.patch, change);
    if (error.is_null() && !change.same.empty()) error = checkSame(one.id, change.same);
    if (!error.is_null()) return refuse(std::move(error));
    change.update.id = one.id;
    return change.update;
  }

  /// RFC 8620 5.3: what cannot be set may be sent as it is already.
  Json checkSame(const std::string& id, const Json& same) {
    std::vector<std::string> names;
    for (const auto& [name, value] : same.items()) names.push_back(name);
    const MethodSpec* get = findMethod("Email/get");
    if (get == nullptr)
      return setError("invalidProperties", "Only keywords and mailboxIds can be changed.", names);
    const Answer answer = get->run(call_, {{"accountId", account_.id}, {"ids", {id}}, {"properties", names}});
    if (!answer.ok()) {
      // A property that there is not is no argument of Email/get.
      const bool unknown = answer.failure().type == "invalidArguments";
      return unknown ? setError("invalidProperties", "Only keywords and mailboxIds can be changed.", names)
                     : setError(answer.failure().type, answer.failure().description);
    }
    const Json& list = answer.arguments().at("list");
    if (list.empty()) return setError("notFound", "There is no such email.");
    std::vector<std::string> different;
    for (const auto& [name, value] : same.items())
      if (list.front().value(name, Json()) != value) different.push_back(name);
    return different.empty()
               ? Json()
               : setError("invalidProperties", "Only keywords and mailboxIds can be changed.", different);
  }

  void tell(const imap::jmap::Update& update, const imap::jmap::UpdateData& outcome) {
    Json error = outcomeError(outcome);
    if (update.destroy)
      error.is_null() ? reply_.destroyed(update.id) : reply_.notDestroyed(update.id, std::move(error));
    else
      error.is_null() ? reply_.updated(update.id) : reply_.notUpdated(update.id, std::move(error));
  }

  void create(const std::string& creationId, const Json& object) {
    Problems problems;
    const Placement placement = readPlacement(call_, object, problems);
    Composing with;
    with.open = blobFiles(call_, account_, call_.limits().maxSizeAttachmentsPerEmail);
    with.now = call_.now();
    with.domain = domainOf(call_.caller());
    with.maxMessage = call_.limits().maxMessageSize;
    with.maxAttachments = call_.limits().maxSizeAttachmentsPerEmail;
    const std::variant<Composed, Json> message = compose(object, with, std::move(problems));
    if (const auto* error = std::get_if<Json>(&message)) return reply_.notCreated(creationId, *error);
    if (Json error = boundsError(placement); !error.is_null())
      return reply_.notCreated(creationId, std::move(error));
    const auto& composed = std::get<Composed>(message);
    const Result<backend::Appended> appended =
        host_.append({composed.source(), composed.octets, placement.mailboxes, placement.flags,
                      placement.receivedAt, false});
    if (!appended.ok()) return reply_.notCreated(creationId, appendError(appended.error()));
    states_.step(appended->before, appended->state);
    call_.created(creationId, appended->id);
    reply_.created(creationId, createdEmail(*appended));
  }

  /// What came before is done, and is told.
  void failRest(const std::vector<SetArgs::Update>& updates, const std::vector<SetArgs::Update>& destroys,
                const Error& error) {
    for (const SetArgs::Update& one : updates)
      if (!one.id.empty()) reply_.notUpdated(one.id, setErrorOf(error));
    for (const SetArgs::Update& one : destroys)
      if (!one.id.empty()) reply_.notDestroyed(one.id, setErrorOf(error));
  }

  Call& call_;
  const Call::Account& account_;
  backend::MailHost& host_;
  SetArgs args_;
  SetReply reply_;
  StateSpan states_;
};

}  // namespace

/// Email/set (RFC 8621 4.6).
Answer emailSet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  SetArgs wanted;
  if (auto wrong = readSetArgs(call, args, wanted)) return *wrong;
  return EmailSet(call, *account, std::move(wanted)).run();
}

}  // namespace posthorn::mshttpd::jmap
