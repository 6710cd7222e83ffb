// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/events/notifier.h"
#include "mshttpd/backend/backends.h"
#include "mshttpd/http/upload_spool.h"
#include "mshttpd/login/web_sessions.h"

namespace posthorn::mshttpd {

/// What a worker does every minute: web sessions that are over go (and subscribers hear of a Logout), old
/// uploads go, connections to mail servers that nobody uses close. Several workers may do it at once. Job
/// thread.
Status keepHouse(login::WebSessions& sessions, UploadSpool& uploads, backend::Backends& hosts,
                 const events::Notifier* notifier);

}  // namespace posthorn::mshttpd
