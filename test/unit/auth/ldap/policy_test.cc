// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/policy.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::auth;
using namespace posthorn::auth::ldap;
using namespace std::string_literals;

namespace {

using Trouble = PolicyAnswer::Trouble;

Result<PasswordCheck> judged(int code, Trouble trouble = Trouble::None) {
  BindAnswer answer;
  answer.code = code;
  answer.policy.trouble = trouble;
  answer.server = "ldap1";
  return judgeBind(answer);
}

}  // namespace

TEST_CASE("what a password policy says") {
  CHECK(parsePolicy("")->trouble == Trouble::None);
  CHECK(parsePolicy("\x30\x00"s)->trouble == Trouble::None);
  CHECK(parsePolicy("\x30\x03\x81\x01\x00"s)->trouble == Trouble::Expired);
  CHECK(parsePolicy("\x30\x03\x81\x01\x01"s)->trouble == Trouble::Locked);
  CHECK(parsePolicy("\x30\x03\x81\x01\x02"s)->trouble == Trouble::MustChange);
  CHECK(parsePolicy("\x30\x03\x81\x01\x06"s)->trouble == Trouble::Other);
  const auto grace = parsePolicy("\x30\x05\xA0\x03\x81\x01\x02"s);
  CHECK(grace->graceLogins == 2);
  CHECK_FALSE(grace->secondsLeft);
  CHECK(parsePolicy("\x30\x06\xA0\x04\x80\x02\x01\x00"s)->secondsLeft == 256);
  const auto both = parsePolicy("\x30\x08\xA0\x03\x81\x01\x05\x81\x01\x02"s);
  CHECK(both->graceLogins == 5);
  CHECK(both->trouble == Trouble::MustChange);
}

TEST_CASE("a malformed policy answer is no answer") {
  const std::string whole = "\x30\x08\xA0\x03\x81\x01\x05\x81\x01\x02"s;
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    INFO(cut);
    CHECK_FALSE(parsePolicy(whole.substr(0, cut)).ok());
  }
  CHECK_FALSE(parsePolicy(whole + "x").ok());
  CHECK_FALSE(parsePolicy("\x30\x84\x7F\xFF\xFF\xFF"s).ok());
  CHECK_FALSE(parsePolicy("\x30\x80"s).ok());
  CHECK_FALSE(parsePolicy("\x30\x03\x81\x01\xFF"s).ok());
  CHECK_FALSE(parsePolicy("\x30\x02\x81\x00"s).ok());
  CHECK_FALSE(parsePolicy("\x30\x07\x81\x05\x01\x01\x01\x01\x01"s).ok());
  CHECK_FALSE(parsePolicy("\x31\x00"s).ok());
  CHECK_FALSE(parsePolicy("\x30\x03\x82\x01\x00"s).ok());
}

TEST_CASE("what the answer to a bind says of the password") {
  CHECK(*judged(0) == PasswordCheck::Match);
  CHECK(*judged(0, Trouble::MustChange) == PasswordCheck::MustChange);
  CHECK(*judged(0, Trouble::Expired) == PasswordCheck::Expired);
  CHECK(*judged(0, Trouble::Locked) == PasswordCheck::Locked);
  CHECK(*judged(0, Trouble::Other) == PasswordCheck::Match);
  CHECK(*judged(49) == PasswordCheck::Mismatch);
  CHECK(*judged(49, Trouble::Expired) == PasswordCheck::Expired);
  CHECK(*judged(49, Trouble::Locked) == PasswordCheck::Locked);
  CHECK(*judged(49, Trouble::Other) == PasswordCheck::Mismatch);
  CHECK(*judged(32) == PasswordCheck::Mismatch);
  CHECK(*judged(48) == PasswordCheck::NoPassword);
  CHECK(*judged(19) == PasswordCheck::Locked);
  CHECK(*judged(53) == PasswordCheck::Locked);
  CHECK(judged(34).error().code == Errc::Corrupt);
  CHECK(judged(13).error().code == Errc::Unsupported);
  CHECK(judged(8).error().code == Errc::Unsupported);
  // Whatever else a server may say, it is not that the password is right.
  for (int code = -10; code < 200; ++code) {
    if (code == 0) continue;
    INFO(code);
    const auto check = judged(code);
    CHECK((!check.ok() || *check != PasswordCheck::Match));
  }
  CHECK(judged(10).error().code == Errc::Unavailable);
}
