// SPDX-License-Identifier: Apache-2.0
#include "tools/accounts/notice.h"

#include <string>

#include <catch2/catch.hpp>

namespace posthorn::tools {
namespace {

using store::QuotaNotice;

NoticeFacts facts(QuotaNotice kind = QuotaNotice::Warning) {
  return {"anna", {1500, 9}, {2000, 10}, {}, kind};
}
Letter letter() {
  return {"anna@example.com", "example.com", Wall(std::chrono::seconds(1'795'255'872)), false};
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("variables of a notice") {
  CHECK(fillNotice("a$$b [ID]$", facts()) == "a\n\nb anna\n");
  CHECK(fillNotice("[DISKUSAGE] [NUMMSG] [PERCENT] [QUOTA] [MSGQUOTA] [USED]", facts()) ==
        "2 kB 9 90% 2 kB 10 90%");
  CHECK(fillNotice("[id] [OTHER] [ID [] [", facts()) == "[id] [OTHER] [ID [] [");
  CHECK(fillNotice("[[ID]]", facts()) == "[anna]");
  CHECK(fillNotice("", facts()).empty());
  auto unlimited = facts();
  unlimited.limits = {-1, -1};
  CHECK(fillNotice("[QUOTA] [MSGQUOTA] [USED]", unlimited) == "unlimited unlimited 0%");
  CHECK(has(fillNotice("[STATE]", facts(QuotaNotice::OverQuota)), "within 120 hours"));
  auto strict = facts(QuotaNotice::OverQuota);
  strict.rules.grace = std::chrono::hours(0);
  CHECK(has(fillNotice("[STATE]", strict), "given back to its senders"));
}

TEST_CASE("a notice is a whole message") {
  const auto made = finishLetter("Subject: s\nX-Site: y\n\nline\n", letter());
  CHECK(has(made, "Subject: s\r\n"));
  CHECK(has(made, "X-Site: y\r\n"));
  CHECK(has(made, "To: <anna@example.com>\r\n"));
  CHECK(has(made, "From: Mail System <postmaster@example.com>\r\n"));
  CHECK(has(made, "Auto-Submitted: auto-generated\r\n"));
  CHECK(has(made, "Content-Transfer-Encoding: 7bit\r\n"));
  CHECK(made.substr(made.size() - 10) == "\r\n\r\nline\r\n");
  CHECK_FALSE(has(made, "Importance"));
  auto urgent = letter();
  urgent.urgent = true;
  CHECK(has(finishLetter("x", urgent), "Importance: high\r\n"));
}

TEST_CASE("text without a header is all text") {
  const auto made = finishLetter("Dear user,\nsee http://x: y\n", letter());
  CHECK(has(made, "Subject: Your mailbox is nearly full\r\n"));
  CHECK(has(made, "\r\n\r\nDear user,\r\nsee http://x: y\r\n"));
}

TEST_CASE("what a template must not say it does not say") {
  const auto made =
      finishLetter("Subject: s\nReturn-Path: <a@b>\nbcc: x@y\nMessage-ID: <1>\nTo: ä@x\n\nt\n", letter());
  CHECK_FALSE(has(made, "a@b"));
  CHECK_FALSE(has(made, "x@y"));
  CHECK_FALSE(has(made, "<1>"));
  CHECK_FALSE(has(made, "ä"));
}

TEST_CASE("other alphabets and long lines") {
  std::string subject = "Subject: ";
  for (int i = 0; i < 60; ++i) subject += "ü";
  const auto made = finishLetter(subject + "\n\nGrüße " + std::string(2000, 'x') + " end\n", letter());
  CHECK(has(made, "Subject: =?UTF-8?B?"));
  CHECK(has(made, "Content-Transfer-Encoding: 8bit\r\n"));
  std::string_view rest = made;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    REQUIRE(end != std::string_view::npos);
    CHECK(end <= 998);
    rest.remove_prefix(end + 2);
  }
}

TEST_CASE("kbytes") {
  CHECK(kilobytes(-1) == "unlimited");
  CHECK(kilobytes(0) == "0 kB");
  CHECK(kilobytes(1) == "1 kB");
  CHECK(kilobytes(1024) == "1 kB");
  CHECK(kilobytes(1025) == "2 kB");
}

}  // namespace posthorn::tools
