// SPDX-License-Identifier: Apache-2.0

// The configuration that a worker is handed: any bytes are refused or read.

#include "common/config/snapshot.h"
#include "test/fuzz/require.h"

using namespace posthorn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(config::Snapshot::deserialize(fuzz::text(data, size)));
  return 0;
}
