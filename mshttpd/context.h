// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/auth/authenticator.h"
#include "common/events/notifier.h"
#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/login/web_sessions.h"
#include "mshttpd/settings.h"

namespace posthorn::mshttpd {

/// What jobs stand on, for one set of options: a job keeps the one that it began with. Never changes; all of
/// it may be used on any thread.
struct Context {
  Settings settings;
  std::shared_ptr<auth::Authenticator> logins;
  std::shared_ptr<login::WebSessions> sessions;
  std::shared_ptr<const events::Notifier> notifier;
  std::shared_ptr<const jmap::Services> services;  ///< never null
};
using ContextPtr = std::shared_ptr<const Context>;

}  // namespace posthorn::mshttpd
