// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "popd/session.h"

// What turns a command, three small functions, into a row's `run`:
//
//   struct C {
//     struct Args { ... };
//     static Result<Args> parse(Arguments in);                  pure: octets to a value
//     static Result<Done> work(Maildrop& box, const Args& a);   sees no Session; in a job, may block
//     static void respond(Session& session, Done done);         loop thread, never blocks
//   };

namespace posthorn::popd {

/// The arguments of a command that has none.
struct NoArgs {
  static Result<NoArgs> from(const Arguments& in) {
    PH_CHECK(in.end());
    return NoArgs{};
  }
};

/// The work is done in a job.
template <typename C>
void inJob(Session& session, Arguments in) {
  auto args = C::parse(in);
  if (!args.ok()) return session.refuse(args.error());
  session.onMaildrop([args = std::move(*args)](Maildrop& box) { return C::work(box, args); },
                     [](Session& to, auto done) {
                       if (!done.ok()) return to.fail(done.error());
                       C::respond(to, std::move(*done));
                     });
}

/// The work looks at the opening view only and is done at once.
template <typename C>
void inLine(Session& session, Arguments in) {
  auto args = C::parse(in);
  if (!args.ok()) return session.refuse(args.error());
  auto done = C::work(session.maildrop(), *args);
  if (!done.ok()) return session.fail(done.error());
  C::respond(session, std::move(*done));
}

/// A command about the session itself: `run(session, args)` instead of work and respond.
template <typename C>
void onSession(Session& session, Arguments in) {
  auto args = C::parse(in);
  if (!args.ok()) return session.refuse(args.error());
  C::run(session, std::move(*args));
}

}  // namespace posthorn::popd
