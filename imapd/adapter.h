// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "imapd/session.h"

// What turns a command into a row's `run`:
//
//   Result<Answer> work(Mail& mail, const imap::CopyArgs& args, Request request);   in a job, may block, sees
//   no Session
//
// The untagged lines of its Answer go first, then what others have changed (the row's SyncPolicy), then the
// tagged line. An error becomes NO with the code of answer.h. Interactive commands and those about the
// connection itself have a `run` of their own.

namespace posthorn::imapd {

template <typename Args>
using WorkFunction = Result<Answer> (*)(Mail& mail, const Args& args, Request request);

/// One answer made by one job.
template <typename Args, WorkFunction<Args> work>
void inJob(Session& session, imap::Command&& command) {
  auto args = std::make_shared<const Args>(std::move(std::get<Args>(command.args)));
  session.inJob([args, uid = command.uid, tag = std::move(command.tag)](Mail& mail) -> Result<Window> {
    PH_TRY(Answer answer, work(mail, *args, Request{uid, tag}));
    return Window{{}, std::move(answer)};
  });
}

}  // namespace posthorn::imapd
