// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/blob_access.h"

#include <utility>

#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/blob.h"

namespace posthorn::mshttpd::jmap {

OpenBlobFile blobFiles(Call& call, const Call::Account& account, std::uint64_t most) {
  return [&call, &account, most](const std::string& named) -> Result<BlobFile> {
    const std::string id = call.resolve(named);
    if (id.empty()) return makeError(Errc::NotFound, "no such blob");
    if (!parseMailBlobId(id)) {
      PH_TRY(Uploads::Open upload, call.services().uploads.open(call.caller().user, id));
      return BlobFile{std::make_shared<const UniqueFd>(std::move(upload.file)), upload.blob.octets,
                      std::move(upload.blob.type)};
    }
    std::uint64_t size = 0;
    std::string type;
    PH_TRY(const backend::Source source, openBlob(call, account, id, size, type));
    PH_TRY(BlobFile file, copyToFile(source, most));
    file.type = std::move(type);
    return file;
  };
}

}  // namespace posthorn::mshttpd::jmap
