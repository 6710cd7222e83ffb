// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "imapd/answer.h"
#include "imapd/mail.h"

namespace posthorn::imapd {

/// A response in the making. It is asked for its next window when the client has taken the last one, so that
/// a slow reader costs one window and no thread. Shared by the session and the job that fills the window.
class Transfer {
 public:
  virtual ~Transfer() = default;
  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// The next window; not after the one that has an end. Job.
  virtual Result<Window> more(Mail& mail) = 0;
  /// What was sent so far ends inside a response: after an error nothing is left but to hang up.
  [[nodiscard]] virtual bool inLiteral() const { return false; }
};

}  // namespace posthorn::imapd
