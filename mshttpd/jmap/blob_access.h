// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// Blobs that `account` reaches, as files: uploads as they lie in the spool; messages and their parts copied
/// out of the back end, so that its connection is free for an append. At most `most` octets. `call` and
/// `account` outlive it.
OpenBlobFile blobFiles(Call& call, const Call::Account& account, std::uint64_t most);

}  // namespace posthorn::mshttpd::jmap
