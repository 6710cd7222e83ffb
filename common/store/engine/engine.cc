// SPDX-License-Identifier: Apache-2.0
#include "common/store/engine/engine.h"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "common/store/embedded/engine.h"
#include "common/store/memory/engine.h"

namespace posthorn::store {

Result<std::size_t> BlobSlice::read(std::uint64_t at, char* out, std::size_t size) const {
  if (at >= length) return std::size_t{0};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, length - at));
  if (fd < 0) return memory.copy(out, wanted, static_cast<std::size_t>(at));
  std::size_t done = 0;
  while (done < wanted) {
    const ssize_t got = ::pread(fd, out + done, wanted - done, static_cast<off_t>(offset + at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errnoError("read blob");
    if (got == 0) return makeError(Errc::Corrupt, "read blob: the segment ends inside of it");
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<std::unique_ptr<Engine>> openEngine(View url) {
  constexpr View kEmbedded = "embedded:";
  if (url == "memory:") return openMemoryEngine();
  if (url.substr(0, kEmbedded.size()) == kEmbedded)
    return openEmbeddedEngine(std::string(url.substr(kEmbedded.size())));
  return makeError(Errc::Invalid, "store: no engine answers to \"" + std::string(url) + "\"");
}

}  // namespace posthorn::store
