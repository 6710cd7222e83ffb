// SPDX-License-Identifier: Apache-2.0

// Configuration files: no text makes the reader throw or leave both a snapshot and an error; what a worker
// would get reads back.

#include "common/config/registry.h"
#include "common/config/snapshot.h"
#include "test/fuzz/require.h"

using namespace posthorn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded = config::parse(fuzz::text(data, size), "/etc/posthorn/posthorn.yaml");
  static_cast<void>(loaded.report());
  if (!loaded.ok()) return 0;
  for (const auto service : {config::Service::Pop, config::Service::Imap, config::Service::Http}) {
    const std::string bytes = loaded.snapshot->serialize(service);
    const auto copy = config::Snapshot::deserialize(bytes);
    fuzz::require(copy.ok() && (*copy)->serialize(service) == bytes, "a worker reads what master wrote");
  }
  return 0;
}
