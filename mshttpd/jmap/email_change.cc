// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/email_change.h"

#include <algorithm>

#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/keywords.h"

namespace posthorn::mshttpd::jmap {

namespace {

/// Of one message. The back end has its own bound, of a mailbox.
constexpr std::size_t kMaxKeywords = 64;
constexpr std::size_t kMaxMailboxes = 1000;

/// {"a": true, ...} → its keys; nothing for anything else.
std::optional<std::vector<std::string>> keysOf(const Json& set) {
  if (!set.is_object()) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& [key, value] : set.items()) {
    if (value != true) return std::nullopt;
    out.push_back(key);
  }
  return out;
}

std::optional<std::vector<std::string>> flagsOf(const Json& set) {
  const auto keys = keysOf(set);
  if (!keys) return std::nullopt;
  std::vector<std::string> out;
  for (const std::string& key : *keys) {
    auto flag = flagOf(key);
    if (!flag) return std::nullopt;
    // "$Seen" and "$seen" are one.
    if (std::find(out.begin(), out.end(), *flag) == out.end()) out.push_back(std::move(*flag));
  }
  return out;
}

std::optional<std::vector<backend::Id>> mailboxesOf(const Call& call, const Json& set) {
  const auto keys = keysOf(set);
  if (!keys || keys->empty()) return std::nullopt;
  std::vector<backend::Id> out;
  for (const std::string& key : *keys) {
    backend::Id id = call.resolve(key);
    if (id.empty()) return std::nullopt;
    if (std::find(out.begin(), out.end(), id) == out.end()) out.push_back(std::move(id));
  }
  return out;
}

constexpr std::string_view kKeywordsWanted = "must be an object of keywords that are true";
constexpr std::string_view kMailboxesWanted =
    "must be an object of ids of mailboxes that are true, one at least";

/// One member of a patch of keywords or mailboxIds as a whole.
Json changeWhole(const Call& call, const Patch& patch, imap::jmap::Update& out) {
  if (patch.path[0] == "keywords") {
    out.setFlags = patch.value->is_null() ? std::vector<std::string>() : flagsOf(*patch.value);
    return out.setFlags ? Json() : setError("invalidProperties", std::string(kKeywordsWanted), {"keywords"});
  }
  out.setMailboxes = mailboxesOf(call, *patch.value);
  return out.setMailboxes ? Json()
                          : setError("invalidProperties", std::string(kMailboxesWanted), {"mailboxIds"});
}

/// "keywords/$seen", "mailboxIds/x".
Json changeOne(const Call& call, const Patch& patch, imap::jmap::Update& out) {
  const std::string& property = patch.path[0];
  const bool keyword = property == "keywords";
  const bool drop = patch.value->is_null();
  if (!drop && *patch.value != true)
    return setError("invalidProperties", "A member of " + property + " is true, or null to take it away.",
                    {property});
  if (keyword) {
    const auto flag = flagOf(patch.path[1]);
    if (!flag)
      return setError("invalidProperties", "\"" + patch.path[1].substr(0, 255) + "\" is no keyword.",
                      {property});
    (drop ? out.dropFlags : out.addFlags).push_back(*flag);
    return {};
  }
  const backend::Id id = call.resolve(patch.path[1]);
  if (id.empty()) return setError("invalidProperties", "There is no such mailbox.", {property});
  (drop ? out.dropMailboxes : out.addMailboxes).push_back(id);
  return {};
}

}  // namespace

Placement readPlacement(const Call& call, const Json& object, Problems& problems, const Placement& fallback) {
  Placement out = fallback;
  const auto mailboxes = object.find("mailboxIds");
  if (mailboxes != object.end()) {
    const auto ids = mailboxesOf(call, *mailboxes);
    out.mailboxes = ids.value_or(std::vector<backend::Id>());
    if (!ids) problems.add("mailboxIds", kMailboxesWanted);
  } else if (out.mailboxes.empty()) {
    problems.add("mailboxIds", kMailboxesWanted);
  }
  const auto keywords = object.find("keywords");
  if (keywords != object.end() && !keywords->is_null()) {
    const auto flags = flagsOf(*keywords);
    out.flags = flags.value_or(std::vector<std::string>());
    if (!flags) problems.add("keywords", kKeywordsWanted);
  }
  const auto received = object.find("receivedAt");
  if (received != object.end() && !received->is_null()) {
    const auto seconds = received->is_string() ? parseUtcDate(received->get<std::string>()) : std::nullopt;
    if (seconds)
      out.receivedAt = imap::DateTime{*seconds, 0};
    else
      problems.add("receivedAt", "must be a date as \"2014-10-30T06:12:00Z\"");
  }
  return out;
}

Json boundsError(const Placement& placement) {
  if (placement.flags.size() > kMaxKeywords)
    return setError("tooManyKeywords", "An email can have 64 keywords.");
  if (placement.mailboxes.size() > kMaxMailboxes)
    return setError("tooManyMailboxes", "An email can be in 1000 mailboxes.");
  return {};
}

Json readChange(const Call& call, const Json& patch, EmailChange& out) {
  const auto patches = readPatch(patch);
  if (!patches)
    return setError("invalidPatch", "Two members of the patch overlap, or one is no JSON pointer.");
  for (const Patch& one : *patches) {
    const std::string& property = one.path[0];
    Json error;
    if (property != "keywords" && property != "mailboxIds") {
      if (one.path.size() > 1)
        return setError("invalidPatch", "Inside of " + property.substr(0, 255) + " nothing can be set.");
      out.same[property] = *one.value;
    } else if (one.path.size() == 1) {
      error = changeWhole(call, one, out.update);
    } else if (one.path.size() == 2) {
      error = changeOne(call, one, out.update);
    } else {
      return setError("invalidPatch", property + " holds no objects.");
    }
    if (!error.is_null()) return error;
  }
  const imap::jmap::Update& update = out.update;
  return boundsError(
      {update.setFlags.value_or(update.addFlags), update.setMailboxes.value_or(update.addMailboxes), {}});
}

Json outcomeError(const imap::jmap::UpdateData& outcome) {
  using Outcome = imap::jmap::UpdateData::Outcome;
  switch (outcome.outcome) {
    case Outcome::Updated:
    case Outcome::Destroyed:
      return {};
    case Outcome::NotFound:
      return setError("notFound", "There is no such email.");
    case Outcome::Forbidden:
      return setError("forbidden", "You may not do this to this email.");
    case Outcome::NoMailbox:
      return setError("invalidProperties", "There is no such mailbox.", {"mailboxIds"});
    case Outcome::TooManyKeywords:
      return setError("tooManyKeywords", "The mailbox takes no further keywords.");
    case Outcome::TooManyMailboxes:
      return setError("tooManyMailboxes", "The email is in too many mailboxes.");
    case Outcome::NoMailboxLeft:
      return setError("invalidProperties", "An email must be in one mailbox at least.", {"mailboxIds"});
    case Outcome::OverQuota:
      return setError("overQuota", "There is no room left in the mail account.");
  }
  return setError("serverFail");
}

Json appendError(const Error& error) {
  if (error.code == Errc::NotFound)
    return setError("invalidProperties", "There is no such mailbox.", {"mailboxIds"});
  if (error.code == Errc::Limit) return setError("tooManyKeywords", "The mailbox takes no further keywords.");
  return setErrorOf(error);
}

Json messageTooLarge(std::uint64_t most) {
  Json out = setError("tooLarge",
                      "The message is larger than the " + std::to_string(most) + " octets that are allowed.");
  out["maxSize"] = most;
  return out;
}

Json createdEmail(const backend::Appended& appended) {
  return {{"id", appended.id},
          {"blobId", messageBlobId(appended.id)},
          {"threadId", appended.threadId},
          {"size", appended.octets}};
}

}  // namespace posthorn::mshttpd::jmap
