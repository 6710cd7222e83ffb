// SPDX-License-Identifier: Apache-2.0
#include "common/config/text.h"

#include <string>

namespace posthorn::config {

std::string spellDuration(std::int64_t seconds) {
  if (seconds != 0 && seconds % kDay == 0) return std::to_string(seconds / kDay) + "d";
  if (seconds != 0 && seconds % kHour == 0) return std::to_string(seconds / kHour) + "h";
  if (seconds != 0 && seconds % kMinute == 0) return std::to_string(seconds / kMinute) + "m";
  return std::to_string(seconds) + "s";
}

std::string spellSize(std::int64_t bytes) {
  if (bytes > 0 && bytes % kGiga == 0) return std::to_string(bytes / kGiga) + "G";
  if (bytes > 0 && bytes % kMega == 0) return std::to_string(bytes / kMega) + "M";
  if (bytes > 0 && bytes % kKilo == 0) return std::to_string(bytes / kKilo) + "k";
  return std::to_string(bytes);
}

}  // namespace posthorn::config
