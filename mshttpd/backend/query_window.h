// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "common/base/result.h"
#include "mshttpd/backend/mail_host.h"

namespace posthorn::mshttpd::backend {

/// The part of a whole result that was asked for (RFC 8620 5.5). NotFound: the anchor is not in it.
Result<Found> windowOf(std::span<const Id> all, const imap::jmap::QueryArgs& query);

}  // namespace posthorn::mshttpd::backend
