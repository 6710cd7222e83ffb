// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::mshttpd::messages {

inline constexpr log::Message kSmtpFailed{
    "smtp-failed", log::Level::Error, "Network",
    "A host of http.smtphost does not take mail: the next one is tried, or the user is told to try again",
    "Mend what detail= says, or take the host out of http.smtphost."};
inline constexpr log::Message kMayHaveGone{
    "smtp-unconfirmed", log::Level::Warning, "Network",
    "A host of http.smtphost had a whole message and did not confirm it: it may have gone out",
    "See in that host's log whether it did; the user still has the draft."};

}  // namespace posthorn::mshttpd::messages
