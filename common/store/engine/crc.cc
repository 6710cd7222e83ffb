// SPDX-License-Identifier: Apache-2.0
#include "common/store/engine/crc.h"

#include <zlib.h>

namespace posthorn::store {

std::uint32_t crc32Of(View bytes, std::uint32_t seed) {
  return static_cast<std::uint32_t>(
      ::crc32_z(seed, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace posthorn::store
