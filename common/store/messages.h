// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::store::messages {

inline constexpr log::Message kUpkeepFailed{
    "upkeep-failed", log::Level::Warning, "Store",
    "Housekeeping of an account failed; its mail is not touched",
    "See that the disk has room; run mboxutil check on the account that user= names."};

inline constexpr log::Message kNotThePartition{
    "partition-missing", log::Level::Critical, "Store",
    "What lies at a partition's path is not that partition; until its volume is mounted there, or mboxutil "
    "partition accepts what is there, its mail is neither shown nor taken",
    "Mount its volume. If it is mounted and its mail is there, or if the partition shall begin anew there, "
    "run mboxutil partition with its name."};

inline constexpr log::Message kOverQuota{
    "over-quota", log::Level::Notice, "Store",
    "An account went over its quota: a message would have passed the limits that bytes= and messages= say",
    "Its mail waits at the MTA until there is room or store.quotagraceperiod is over; raise the quota or "
    "have "
    "the user clean up."};

inline constexpr log::Message kUnderQuota{"under-quota", log::Level::Information, "Store",
                                          "An account is under its quota again", ""};

}  // namespace posthorn::store::messages
