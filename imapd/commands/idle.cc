// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

/// An IDLE at work; shared by the session's line handler and the callback of the interest. Loop thread.
struct Idling {
  events::Interest interest;
  bool telling = false;  ///< a job looks for changes
  bool dirty = false;    ///< a change was announced meanwhile
};
using IdlingPtr = std::shared_ptr<Idling>;

void await(Session& session, const IdlingPtr& idling);

void tell(Session& session, const IdlingPtr& idling) {
  if (session.congested()) {
    session.whenDrained([idling](Session& to) { tell(to, idling); });
    return await(session, idling);
  }
  idling->telling = true;
  idling->dirty = false;
  session.tellChanges([idling](Session& to) {
    idling->telling = false;
    if (idling->dirty) return tell(to, idling);
    await(to, idling);
  });
}

void await(Session& session, const IdlingPtr& idling) {
  session.holdInput([idling](Session& to, const std::string& line) {
    idling->interest.reset();
    if (!imap::isIdleDone(line)) return to.bad("DONE was expected");
    to.answer({});
  });
}

}  // namespace

/// IDLE (RFC 2177). Nothing is polled: the event area says when the account was changed.
void commands::idle(Session& session, imap::Command&&) {
  auto idling = std::make_shared<Idling>();
  session.stream().write("+ idling\r\n");
  if (session.state() != kSelected && !session.mail().features.metadata) return await(session, idling);
  const std::weak_ptr<Idling> weak = idling;
  // The interest comes before the first look, so that no change falls between.
  idling->interest = session.watch([&session, weak] {
    const IdlingPtr alive = weak.lock();
    if (!alive) return;
    alive->dirty = true;
    if (!alive->telling && session.phase() == Session::Phase::Reading) tell(session, alive);
  });
  tell(session, idling);
}

}  // namespace posthorn::imapd
