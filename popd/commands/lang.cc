// SPDX-License-Identifier: Apache-2.0
#include "common/base/ascii.h"
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

constexpr View kOnlyLanguage = "en";

/// Lookup of RFC 4647 §3.4: "en-GB" and "en" find "en", "*" what the site prefers.
bool fits(View range) {
  return range == "*" || ascii::equal(range.substr(0, range.find('-')), kOnlyLanguage);
}

/// LANG (RFC 6856 §3): the language of the texts behind +OK and -ERR. There is one so far.
struct Lang {
  struct Args {
    std::optional<std::string> range;
  };
  static Result<Args> parse(Arguments in) {
    if (in.atEnd()) return Args{};
    PH_TRY(const View range, in.word());
    PH_CHECK(in.end());
    return Args{std::string(range)};
  }
  static void run(Session& session, Args args) {
    if (!args.range) return session.answer(okReply("Languages follow") + "en English\r\n.\r\n");
    if (!fits(*args.range)) return session.answer(errReply({}, "No such language"));
    session.answer(okReply("en Language is English"));
  }
};

}  // namespace

void commands::lang(Session& session, Arguments arguments) {
  onSession<Lang>(session, arguments);
}

}  // namespace posthorn::popd
