// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// Uploads belong to the user and are in each of his accounts already; what a message holds becomes an
/// upload.
Result<std::string> copyBlob(Call& call, const Call::Account& from, const std::string& id) {
  if (!parseMailBlobId(id)) {
    PH_TRY(const Uploads::Open upload, call.services().uploads.open(call.caller().user, id));
    return upload.blob.id;
  }
  std::uint64_t size = 0;
  std::string type;
  PH_TRY(const backend::Source source, openBlob(call, from, id, size, type));
  PH_TRY(const BlobFile file, copyToFile(source, call.limits().maxSizeUpload));
  UniqueFd own(::fcntl(file.file->get(), F_DUPFD_CLOEXEC, 0));
  if (!own) return errnoError("cannot duplicate a descriptor");
  PH_TRY(const Uploads::Blob kept, call.services().uploads.keep(call.caller().user, std::move(own), type));
  return kept.id;
}

}  // namespace

/// Blob/copy (RFC 8620 6.3).
Answer blobCopy(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* to = call.account(args, failure);
  if (to == nullptr) return failure;
  const Call::Account* from = call.account(args, "fromAccountId", failure);
  if (from == nullptr && failure.type == "accountNotFound") failure.type = "fromAccountNotFound";
  if (from == nullptr) return failure;
  PH_TRY(const auto ids, stringsArgument(args, "blobIds"));
  if (!ids) return invalidArgument("blobIds", "must be a list of ids");
  if (ids->size() > call.limits().maxObjectsInSet) return Failure{"requestTooLarge"};

  Json copied = Json::object();
  Json notCopied = Json::object();
  for (const std::string& given : *ids) {
    const Result<std::string> id = copyBlob(call, *from, call.resolve(given));
    if (id.ok())
      copied[given] = *id;
    else
      notCopied[given] = setErrorOf(id.error());
  }
  return Json{{"fromAccountId", from->id},
              {"accountId", to->id},
              {"copied", copied.empty() ? Json(nullptr) : std::move(copied)},
              {"notCopied", notCopied.empty() ? Json(nullptr) : std::move(notCopied)}};
}

}  // namespace posthorn::mshttpd::jmap
