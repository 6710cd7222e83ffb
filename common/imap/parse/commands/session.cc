// SPDX-License-Identifier: Apache-2.0

// What has to do with the session itself: logging in, capabilities, ID.

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/imap/parse/commands/commands.h"

namespace posthorn::imap::commands {

Result<Args> none(Scanner& /*in*/, UidForm /*uid*/) {
  return Args(NoArgs{});
}

Result<Args> login(Scanner& in, UidForm /*uid*/) {
  LoginArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.user, in.astring());
  PH_CHECK(in.space());
  PH_TRY(args.password, in.astring());
  return Args(std::move(args));
}

Result<Args> authenticate(Scanner& in, UidForm /*uid*/) {
  AuthenticateArgs args;
  PH_CHECK(in.space());
  PH_TRY(const View mechanism, in.atom());
  args.mechanism = ascii::toUpper(mechanism);
  if (in.atEnd()) return Args(std::move(args));
  PH_CHECK(in.space());
  if (in.takeWord("=")) {
    args.initial.emplace();
    return Args(std::move(args));
  }
  // The characters of base64 are all ATOM-CHARs.
  PH_TRY(const View text, in.atom());
  args.initial = base64::decode(text);
  if (!args.initial) return Scanner::invalid("Not base64");
  return Args(std::move(args));
}

Result<Args> proxyAuth(Scanner& in, UidForm /*uid*/) {
  ProxyAuthArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.user, in.astring());
  return Args(std::move(args));
}

Result<Args> compress(Scanner& in, UidForm /*uid*/) {
  PH_CHECK(in.space());
  PH_TRY(const View algorithm, in.atom());
  return Args(CompressArgs{ascii::toUpper(algorithm)});
}

Result<Args> enable(Scanner& in, UidForm /*uid*/) {
  EnableArgs args;
  PH_CHECK(in.space());
  do {
    if (args.capabilities.size() == kMaxCapabilities) return Scanner::tooMuch("Too many capabilities");
    PH_TRY(const View name, in.atom());
    args.capabilities.push_back(ascii::toUpper(name));
  } while (in.take(' ') && !in.atEnd());
  return Args(std::move(args));
}

namespace {

Status idField(Scanner& in, IdArgs& args) {
  if (args.fields.size() == kMaxIdFields) return Scanner::tooMuch("Too many fields");
  PH_TRY(std::string name, in.astring());
  if (name.size() > kMaxIdName) return Scanner::tooMuch("Field name too long");
  const auto same = [&](const auto& field) { return ascii::equal(field.first, name); };
  if (std::any_of(args.fields.begin(), args.fields.end(), same)) return Scanner::invalid("Field given twice");
  PH_CHECK(in.space());
  PH_TRY(auto value, in.nstring());
  if (value && value->size() > kMaxIdValue) return Scanner::tooMuch("Field value too long");
  args.fields.emplace_back(std::move(name), std::move(value));
  return okStatus();
}

}  // namespace

Result<Args> id(Scanner& in, UidForm /*uid*/) {
  IdArgs args;
  PH_CHECK(in.space());
  if (in.takeWord("NIL")) return Args(std::move(args));
  PH_CHECK(in.expect('('));
  if (in.take(')')) return Args(std::move(args));
  do {
    PH_CHECK(idField(in, args));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
