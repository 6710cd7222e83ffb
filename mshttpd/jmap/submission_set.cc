// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "common/base/ids.h"
#include "common/mime/encode.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/email_change.h"
#include "mshttpd/jmap/envelope.h"
#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/outgoing.h"
#include "mshttpd/jmap/sent_message.h"
#include "mshttpd/jmap/set.h"
#include "mshttpd/jmap/submissions.h"
#include "mshttpd/jmap/written_header.h"

namespace posthorn::mshttpd::jmap {

namespace {

/// A message that is ready to go.
struct Ready {
  std::string identityId;
  backend::Message email;
  Outgoing message;
  Envelope envelope;
};

/// One EmailSubmission/set on its way.
class SubmissionSet {
 public:
  SubmissionSet(Call& call, const Call::Account& account, Identities identities, KeptObjects kept)
      : call_(call), account_(account), identities_(std::move(identities)), kept_(std::move(kept)) {}

  Answer run(const SetArgs& args, const Json* onUpdate, const std::vector<std::string>& onDestroy) {
    if (args.ifInState && *args.ifInState != kept_.state())
      return Failure{"stateMismatch", "The submissions are in another state."};
    for (const auto& [creationId, object] : args.create) create(creationId, object);
    // Sending takes its time, and another request may have sent meanwhile: its records stay.
    if (!records_.empty()) refresh();
    const SetReply reply = reply_;
    const auto emails = emails_;
    std::string oldState = kept_.state();
    Status saved = keepAll(args);
    for (unsigned again = 1; again < KeptObjects::kMostAttempts && lost(saved); ++again) {
      refresh();
      oldState = kept_.state();
      // What has gone out has gone out, and is told.
      if (args.ifInState && args.create.empty() && *args.ifInState != oldState)
        return Failure{"stateMismatch", "The submissions are in another state."};
      reply_ = reply;
      emails_ = emails;
      saved = keepAll(args);
    }
    if (!saved.ok() && args.create.empty()) return failureOf(lost(saved) ? busy() : saved.error());
    followUp(onUpdate, onDestroy);
    return Answer(reply_.arguments(account_.id, oldState, saved.ok() ? kept_.state() : oldState));
  }

 private:
  static bool lost(const Status& saved) { return !saved.ok() && saved.error().code == Errc::Conflict; }
  static Error busy() { return makeError(Errc::Busy, "others keep writing the submissions"); }

  Status keepAll(const SetArgs& args) {
    for (const auto& [id, object] : records_) keep(id, object);
    for (const SetArgs::Update& one : args.update) update(one);
    for (const SetArgs::Update& one : args.destroy) destroy(one);
    // What has gone out has gone out, whether the record of it can be kept or not.
    dropOldSubmissions(kept_, call_.now());
    return kept_.save(*account_.host);
  }

  void create(const std::string& creationId, const Json& object) {
    const std::variant<Ready, Json> prepared = prepare(object);
    if (const auto* error = std::get_if<Json>(&prepared)) return reply_.notCreated(creationId, *error);
    const auto& ready = std::get<Ready>(prepared);
    const Outgoing& message = ready.message;
    const Result<Sent> sent = call_.services().submission.send(
        ready.envelope, message.source(), message.facts.canonical, message.facts.eightBit);
    const Json error = sent.ok() ? notTaken(ready.envelope, *sent) : sendError(sent.error(), ready.envelope);
    if (!error.is_null()) return reply_.notCreated(creationId, error);
    record(creationId, object, ready, *sent);
  }

  void record(const std::string& creationId, const Json& object, const Ready& ready, const Sent& sent) {
    const std::string id = "s" + Id128::random().hex();
    Json kept = {{"identityId", ready.identityId},
                 {"emailId", ready.email.id},
                 {"threadId", ready.email.threadId},
                 {"envelope", envelopeJson(ready.envelope)},
                 {"sendAt", printUtcDate(secondsOf(call_.now()))},
                 {"deliveryStatus", deliveryStatus(ready.envelope, sent)}};
    const Json whole = submissionObject(id, kept);
    Json told = Json::object();
    for (const auto& [key, value] : whole.items()) {
      const auto given = object.find(key);
      if (given == object.end() || *given != value) told[key] = value;
    }
    records_.emplace_back(id, std::move(kept));
    call_.created(creationId, id);
    emails_["#" + creationId] = emails_[id] = ready.email.id;
    reply_.created(creationId, std::move(told));
  }

  void refresh() {
    Result<KeptObjects> fresh = readSubmissions(*account_.host);
    if (fresh.ok()) kept_ = std::move(*fresh);
  }

  void keep(const std::string& id, Json object) {
    if (kept_.put(id, object)) return;
    // Of a letter to a thousand people the list is left out: the answer has told it.
    object["envelope"] = nullptr;
    object["deliveryStatus"] = nullptr;
    static_cast<void>(kept_.put(id, std::move(object)));
  }

  std::variant<Ready, Json> prepare(const Json& object) {
    Problems problems;
    for (const auto& [key, value] : object.items())
      if (key != "identityId" && key != "emailId" && key != "envelope")
        problems.add(key.substr(0, 100), "cannot be set");
    Ready ready;
    ready.identityId = idOf(object, "identityId");
    const Json* identity = identities_.find(ready.identityId);
    if (identity == nullptr) problems.add("identityId", "must be the id of an identity");
    const std::string emailId = idOf(object, "emailId");
    if (emailId.empty()) problems.add("emailId", "must be the id of an email");
    if (!problems.none()) return problems.setError();
    const backend::Id ids[] = {emailId};
    const Result<backend::Messages> found = account_.host->messages(ids, {});
    if (!found.ok()) return setErrorOf(found.error());
    if (found->messages.empty()) {
      problems.add("emailId", "must be the id of an email");
      return problems.setError();
    }
    ready.email = found->messages.front();
    const std::uint64_t most = call_.limits().maxMessageSize;
    if (ready.email.octets > most) return messageTooLarge(most);
    Result<Outgoing> message = readMessage(*account_.host, emailId, ready.email.octets);
    if (!message.ok()) return setErrorOf(message.error());
    ready.message = std::move(*message);
    if (Json error = checkMessage(ready.message); !error.is_null()) return error;
    const Json* envelope = member(object, "envelope");
    auto made = envelopeOf(envelope != nullptr ? *envelope : Json(), ready.message.header, call_.caller(),
                           identity->at("email").get<std::string>());
    if (const auto* error = std::get_if<Json>(&made)) return *error;
    ready.envelope = std::get<Envelope>(std::move(made));
    // Answers to nobody (an empty sender) are allowed; another's name is not.
    if (!ready.envelope.from.empty() && !maySendFrom(call_.caller(), ready.envelope.from))
      return setError("forbiddenMailFrom", "You may not send from " + ready.envelope.from + ".");
    return ready;
  }

  Json checkMessage(const Outgoing& message) {
    if (call_.caller().addresses.empty())
      return setError("forbiddenToSend", "The directory gives you no address to send from.");
    std::vector<std::string> invalid = message.header.invalid;
    std::string why = "These parts of the message are missing or not as RFC 5322 wants them.";
    if (message.facts.longestLine > mime::kLongestLine) {
      invalid.emplace_back("bodyStructure");
      why.append(" A line is longer than 998 octets.");
    }
    if (!invalid.empty()) {
      Json error = setError("invalidEmail", why);
      error["properties"] = invalid;
      return error;
    }
    for (const std::string& from : message.header.from)
      if (!maySendFrom(call_.caller(), from))
        return setError("forbiddenFrom", "You may not write as " + from + ".");
    return {};
  }

  [[nodiscard]] std::string idOf(const Json& object, const char* name) const {
    const Json* value = member(object, name);
    return value != nullptr && value->is_string() ? call_.resolve(value->get<std::string>()) : std::string();
  }

  void update(const SetArgs::Update& one) {
    const std::string id = one.id.empty() ? call_.resolve(one.named) : one.id;
    const Json* kept = kept_.find(id);
    if (kept == nullptr)
      return reply_.notUpdated(id.empty() ? one.named : id,
                               setError("notFound", "There is no such submission."));
    const Json whole = submissionObject(id, *kept);
    const auto patches = readPatch(one.patch);
    if (!patches) return reply_.notUpdated(id, setError("invalidPatch"));
    std::vector<std::string> different;
    for (const Patch& patch : *patches) {
      const std::string& key = patch.path[0];
      if (patch.path.size() > 1) return reply_.notUpdated(id, setError("invalidPatch"));
      if (whole.contains(key) && whole.at(key) == *patch.value) continue;
      if (key == "undoStatus" && *patch.value == "canceled")
        return reply_.notUpdated(id, setError("cannotUnsend", "The message has gone out."));
      different.push_back(key.substr(0, 100));
    }
    if (!different.empty())
      return reply_.notUpdated(id,
                               setError("invalidProperties", "A submission cannot be changed.", different));
    emails_[id] = kept->value("emailId", "");
    reply_.updated(id);
  }

  void destroy(const SetArgs::Update& one) {
    const std::string id = one.id.empty() ? call_.resolve(one.named) : one.id;
    const Json* kept = kept_.find(id);
    if (kept == nullptr)
      return reply_.notDestroyed(id.empty() ? one.named : id,
                                 setError("notFound", "There is no such submission."));
    emails_[id] = kept->value("emailId", "");
    kept_.remove(id);
    reply_.destroyed(id);
  }

  /// RFC 8621 7.5: one Email/set for all that went well.
  void followUp(const Json* onUpdate, const std::vector<std::string>& onDestroy) {
    Json update = Json::object();
    Json destroy = Json::array();
    if (onUpdate != nullptr)
      for (const auto& [id, patch] : onUpdate->items())
        if (const auto found = emails_.find(id); found != emails_.end()) update[found->second] = patch;
    for (const std::string& id : onDestroy)
      if (const auto found = emails_.find(id); found != emails_.end()) destroy.push_back(found->second);
    if (update.empty() && destroy.empty()) return;
    Json args = {{"accountId", account_.id}};
    if (!update.empty()) args["update"] = std::move(update);
    if (!destroy.empty()) args["destroy"] = std::move(destroy);
    call_.follow("Email/set", std::move(args));
  }

  Call& call_;
  const Call::Account& account_;
  Identities identities_;
  KeptObjects kept_;
  SetReply reply_;
  std::vector<std::pair<std::string, Json>> records_;  // of what was sent just now
  std::map<std::string, backend::Id> emails_;  // of submissions that went well, by id and by "#creation id"
};

}  // namespace

/// EmailSubmission/set (RFC 8621 7.5).
Answer submissionSet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = senderAccount(call, args, failure);
  if (account == nullptr) return failure;
  SetArgs wanted;
  if (auto wrong = readSetArgs(call, args, wanted)) return *wrong;
  const Json* onUpdate = member(args, "onSuccessUpdateEmail");
  const bool patches =
      onUpdate == nullptr ||
      (onUpdate->is_object() &&
       std::all_of(onUpdate->begin(), onUpdate->end(), [](const Json& patch) { return patch.is_object(); }));
  if (!patches) return invalidArgument("onSuccessUpdateEmail", "must be an object of patches");
  const auto onDestroy = stringsArgument(args, "onSuccessDestroyEmail");
  if (!onDestroy.ok()) return onDestroy.error();
  Result<Identities> identities = Identities::read(call.caller(), *account->host);
  if (!identities.ok()) return identities.error();
  Result<KeptObjects> kept = readSubmissions(*account->host);
  if (!kept.ok()) return kept.error();
  return SubmissionSet(call, *account, std::move(*identities), std::move(*kept))
      .run(wanted, onUpdate, onDestroy->value_or(std::vector<std::string>()));
}

}  // namespace posthorn::mshttpd::jmap
