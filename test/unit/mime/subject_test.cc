// SPDX-License-Identifier: Apache-2.0
#include "common/mime/subject.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Bytes base(View subject) {
  const BaseSubject found = baseSubject(subject);
  return found.text + (found.replyOrForward ? "|re" : "|");
}

}  // namespace

TEST_CASE("base subjects of RFC 5256 2.1") {
  CHECK(base("hello") == "hello|");
  CHECK(base("Re: hello") == "hello|re");
  CHECK(base("re : Fwd: FW: hello") == "hello|re");
  CHECK(base("RE[4]: hello") == "hello|re");
  CHECK(base("hello (fwd)") == "hello|re");
  CHECK(base("hello (fwd) (FWD) ") == "hello|re");
  CHECK(base("[list] Re: [list] hello") == "hello|re");
  CHECK(base("[list] hello") == "hello|");
  CHECK(base("[a][b] hello") == "hello|");
  CHECK(base("[a] [b]") == "[b]|");
  CHECK(base("[a] re: [b]") == "[b]|re");
  CHECK(base("[fwd: hello]") == "hello|re");
  CHECK(base("Re: [Fwd: [list] Re: hello (fwd)]") == "hello|re");
  CHECK(base("a\t \r\n b") == "a b|");
}

TEST_CASE("what is not to be stripped") {
  CHECK(base("[list]") == "[list]|");
  CHECK(base("Reply: x") == "Reply: x|");
  CHECK(base("re") == "re|");
  CHECK(base("[a[b] x") == "[a[b] x|");
  CHECK(base("fwd") == "fwd|");
  CHECK(base("") == "|");
  CHECK(base("Re:") == "|re");
  CHECK(base("[fwd:") == "[fwd:|");
}

TEST_CASE("encoded words are decoded first") {
  CHECK(base("=?utf-8?q?Re=3A_=C3=BC?=") == "\xC3\xBC|re");
}

TEST_CASE("long chains are stripped in time") {
  Bytes subject;
  for (int i = 0; i < 20'000; ++i) subject.append("re: [x] fwd: ");
  CHECK(base(subject + "y") == "y|re");
  Bytes wrapped;
  for (int i = 0; i < 20'000; ++i) wrapped.append("[fwd: ");
  CHECK(base(wrapped + "y" + Bytes(20'000, ']')) == "y|re");
  Bytes blobs;
  for (int i = 0; i < 300'000; ++i) blobs.append("[a]");
  CHECK(base(blobs) == "[a]|");
  CHECK(base(blobs + "re: y") == "y|re");
}
