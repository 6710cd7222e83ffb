// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/config/snapshot.h"
#include "common/net/loop.h"
#include "mshttpd/backend/backends.h"
#include "mshttpd/backend/smtp_submission.h"
#include "mshttpd/http/upload_spool.h"
#include "mshttpd/jmap/gate.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/jmap/principals.h"

namespace posthorn::mshttpd {

/// Owns what jmap::Services refers to, for the life of the worker.
struct Providers {
  std::shared_ptr<backend::Backends> hosts;
  std::unique_ptr<UploadSpool> uploads;
  std::unique_ptr<backend::SmtpSubmission> submission;
  std::unique_ptr<jmap::Principals> principals;
  std::unique_ptr<jmap::Gate> requests = std::make_unique<jmap::Gate>();
};

}  // namespace posthorn::mshttpd
