// SPDX-License-Identifier: Apache-2.0
#include "common/base/base64.h"
#include "common/base/utf8.h"
#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/blob_content.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMostSources = 64;

Error badSource(std::string text) {
  return Error{Errc::Invalid, text, text};
}

/// One DataSourceObject, appended to `out`.
Status addSource(Call& call, const Call::Account& account, const Json& source, Bytes& out,
                 std::uint64_t most) {
  if (!source.is_object()) return badSource("a source of data is an object");
  PH_TRY(const auto text, stringArgument(source, "data:asText"));
  PH_TRY(const auto encoded, stringArgument(source, "data:asBase64"));
  PH_TRY(const auto blob, stringArgument(source, "blobId"));
  if (text.has_value() + encoded.has_value() + blob.has_value() != 1)
    return badSource("a source has exactly one of data:asText, data:asBase64 and blobId");
  if (text) {
    out += *text;
  } else if (encoded) {
    const auto octets = base64::decode(*encoded);
    if (!octets) return badSource("data:asBase64 is not base64");
    out += *octets;
  } else {
    PH_TRY(const auto offset, unsignedArgument(source, "offset"));
    PH_TRY(const auto length, unsignedArgument(source, "length"));
    PH_TRY(const BlobPiece piece,
           readBlob(call, account, call.resolve(*blob), {offset.value_or(0), length}, most));
    if (piece.truncated) return badSource("the blob has no such octets");
    out += piece.octets;
  }
  if (out.size() > most) return makeError(Errc::TooBig, "too much data for one blob");
  return okStatus();
}

Result<Uploads::Blob> upload(Call& call, const Call::Account& account, const Json& object) {
  const Json* sources = object.is_object() ? member(object, "data") : nullptr;
  if (sources == nullptr || !sources->is_array()) return badSource("data must be a list of sources");
  if (sources->size() > kMostSources) return makeError(Errc::TooBig, "too many sources of data");
  PH_TRY(auto type, stringArgument(object, "type"));
  Bytes content;
  for (const Json& source : *sources)
    PH_CHECK(addSource(call, account, source, content, call.limits().maxSizeRequest));
  return call.services().uploads.keep(call.caller().user, View(content),
                                      type ? std::move(*type) : "application/octet-stream");
}

}  // namespace

/// Blob/upload (RFC 9404 4.1).
Answer blobUpload(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  const Json* create = member(args, "create");
  if (create == nullptr || !create->is_object()) return invalidArgument("create", "must be an object");
  if (create->size() > call.limits().maxObjectsInSet) return Failure{"requestTooLarge"};
  Json created = Json::object();
  Json notCreated = Json::object();
  for (const auto& [creationId, object] : create->items()) {
    const Result<Uploads::Blob> blob = upload(call, *account, object);
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
