// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "common/base/base64.h"
#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/blob_content.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMostSources = 64;

Error badSource(const std::string& text) {
  return Error{Errc::Invalid, text, text};
}

/// One blob to create: what it is made of, and why it cannot be.
class NewBlob {
 public:
  NewBlob(Call& call, const Call::Account& account)
      : call_(call),
        account_(account),
        most_(std::min(call.limits().maxSizeUpload, call.limits().maxSizeRequest)) {}

  /// A SetError, or null; then `content` and `type` are what to keep.
  Json read(const Json& object) {
    if (!object.is_object()) return setError("invalidProperties", "a blob to create is an object", {"data"});
    for (const auto& [name, value] : object.items()) {
      if (name != "data" && name != "type")
        return setError("invalidProperties", "there is no such property", {name.substr(0, 255)});
    }
    auto given = stringArgument(object, "type");
    if (!given.ok()) return setError("invalidProperties", given.error().client, {"type"});
    if (*given) type = std::move(**given);
    const Json* sources = member(object, "data");
    if (sources == nullptr || !sources->is_array())
      return setError("invalidProperties", "data must be a list of sources", {"data"});
    if (sources->size() > kMostSources) return setError("tooLarge", "too many sources of data");
    for (const Json& source : *sources) {
      const Status added = add(source);
      if (added.ok() || added.error().code == Errc::NotFound) continue;
      if (added.error().code != Errc::Invalid) return setErrorOf(added.error());
      return setError("invalidProperties", added.error().client, {"data"});
    }
    if (missing_.empty()) return nullptr;
    Json error = setError("blobNotFound", "These blobs are not there, or not any more.");
    error["notFound"] = missing_;
    return error;
  }

  Bytes content;
  std::string type = "application/octet-stream";

 private:
  /// One DataSourceObject. NotFound: its blob is among missing_.
  Status add(const Json& source) {
    if (!source.is_object()) return badSource("a source of data is an object");
    PH_TRY(const auto text, stringArgument(source, "data:asText"));
    PH_TRY(const auto encoded, stringArgument(source, "data:asBase64"));
    PH_TRY(const auto blob, stringArgument(source, "blobId"));
    if (text.has_value() + encoded.has_value() + blob.has_value() != 1)
      return badSource("a source has exactly one of data:asText, data:asBase64 and blobId");
    if (text) {
      content += *text;
    } else if (encoded) {
      const auto octets = base64::decode(*encoded);
      if (!octets) return badSource("data:asBase64 is not base64");
      content += *octets;
    } else {
      PH_CHECK(addBlob(source, *blob));
    }
    if (content.size() > most_) return makeError(Errc::TooBig, "too much data for one blob");
    return okStatus();
  }

  Status addBlob(const Json& source, const std::string& named) {
    PH_TRY(const auto offset, unsignedArgument(source, "offset"));
    PH_TRY(const auto length, unsignedArgument(source, "length"));
    const auto piece = readBlob(call_, account_, call_.resolve(named), {offset.value_or(0), length}, most_);
    if (!piece.ok() && piece.error().code == Errc::NotFound) missing_.push_back(named);
    if (!piece.ok()) return piece.error();
    if (piece->truncated) return badSource("the blob has no such octets");
    content += piece->octets;
    return okStatus();
  }

  Call& call_;
  const Call::Account& account_;
  const std::uint64_t most_;
  std::vector<std::string> missing_;
};

}  // namespace

/// Blob/upload (RFC 9404 4.1).
Answer blobUpload(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  const Json* create = member(args, "create");
  if (create == nullptr || !create->is_object()) return invalidArgument("create", "must be an object");
  if (create->size() > call.limits().maxObjectsInSet) return Failure{"requestTooLarge"};
  for (const auto& [creationId, object] : create->items())
    if (!isId(creationId)) return invalidArgument("create", "must have ids as its names");
  Json created = Json::object();
  Json notCreated = Json::object();
  for (const auto& [creationId, object] : create->items()) {
    NewBlob wanted(call, *account);
    if (Json error = wanted.read(object); !error.is_null()) {
      notCreated[creationId] = std::move(error);
      continue;
    }
    const Result<Uploads::Blob> blob =
        call.services().uploads.keep(call.caller().user, View(wanted.content), std::move(wanted.type));
    if (!blob.ok()) {
      notCreated[creationId] = setErrorOf(blob.error());
      continue;
    }
    call.created(creationId, blob->id);
    created[creationId] = {
        {"id", blob->id}, {"blobId", blob->id}, {"type", blob->type}, {"size", blob->octets}};
  }
  return Json{{"accountId", account->id},
              {"oldState", nullptr},
              {"created", created.empty() ? Json(nullptr) : std::move(created)},
              {"notCreated", notCreated.empty() ? Json(nullptr) : std::move(notCreated)}};
}

}  // namespace posthorn::mshttpd::jmap
