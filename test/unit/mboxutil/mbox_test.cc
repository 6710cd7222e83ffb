// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/mbox.h"

#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>

#include "test/unit/store/account/support.h"
#include "tools/mboxutil/import/mbox_from.h"
#include "tools/mboxutil/import/mbox_scan.h"
#include "tools/mboxutil/import/mbox_text.h"

using namespace posthorn;
using namespace posthorn::migrate;
using store::test::must;
using store::test::TempDir;

namespace {

constexpr View kFrom = "From a@x Sat Jan  3 01:05:34 1998 +0000\n";

struct Seen {
  std::string text;
  MboxMarks marks;
};

Seen shown(View text, Quoting quoting, std::size_t step) {
  Seen seen;
  MboxText filter(quoting, [&](View part) -> Status {
    seen.text.append(part);
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += step) must(filter.feed(text.substr(at, step)));
  must(filter.finish());
  seen.marks = filter.marks();
  return seen;
}

/// The texts of the messages of an mbox, as clients see them.
std::vector<std::string> texts(const std::string& mbox, Quoting quoting = Quoting::None) {
  const TempDir dir;
  std::ofstream(dir.path() + "/box", std::ios::binary) << mbox;
  const auto file = must(must(Directory::open(dir.path())).file("box"));
  MboxScan scan(file, quoting);
  std::vector<std::string> all;
  for (;;) {
    const auto entry = must(scan.next());
    if (!entry) return all;
    all.push_back(shown(View(mbox).substr(entry->begin, entry->end - entry->begin), quoting, 7).text);
  }
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("From lines: dates with and without seconds and zones") {
  CHECK(parseFromLine("From a@x Sat Jan  3 01:05:34 1998 +0200\n") == 883'782'334);
  CHECK(parseFromLine("From a@x Sat Jan  3 01:05:34 +0000 1998\r\n") == 883'789'534);
  CHECK(parseFromLine("From \"a b\" <x> sat jan 3 01:05 EST 1998").has_value());
  CHECK(parseFromLine("From a Sat Jan  3 01:05:34 1998 remote from b").has_value());
  for (const char* line :
       {"From a@x", "From me to you", "From a Sat Jan 32 01:05:34 1998", "From a Sat Foo 3 01:05 1998",
        "From a Sat Jan 3 25:05:34 1998", "From a Sat Jan 3 0105 1998", "From a Sat Jan 3 01:05:34",
        ">From a Sat Jan 3 01:05:34 1998", "from a Sat Jan 3 01:05:34 1998", "",
        "From a Sat Jan 3 01:05:34 98"})
    CHECK_FALSE(parseFromLine(line));
  CHECK_FALSE(parseFromLine("From " + std::string(2000, 'x') + " Sat Jan 3 01:05:34 1998"));
}

TEST_CASE("fields of servers are taken out, however the text is cut") {
  const View text =
      "Subject: one\nStatus: RO\nX-Status: AF\nX-Keywords: Work\n $Fwd\nX-UID: 3  \nContent-Length: 5\nTo: "
      "b\n"
      "X-IMAPbase: 17 12 Work\nStatusbar: stays\n\nStatus: stays\nX-UID: 4\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{63}, std::size_t{1000}}) {
    const auto seen = shown(text, Quoting::None, step);
    CHECK(seen.text == "Subject: one\nTo: b\nStatusbar: stays\n\nStatus: stays\nX-UID: 4\n");
    CHECK(seen.marks.flags() == (store::kSeen | store::kAnswered | store::kFlagged));
    CHECK_FALSE(seen.marks.recent());
    CHECK(seen.marks.uid == 3U);
    CHECK(seen.marks.length == 5U);
    CHECK(seen.marks.keywords == "Work  $Fwd");
    CHECK(seen.marks.base == "17 12 Work");
    CHECK_FALSE(seen.marks.internal);
  }
  CHECK(shown("X-UID: 99999999999\nX-UID", Quoting::None, 3).text == "X-UID");
  CHECK(shown("", Quoting::None, 1).marks.recent());
}

TEST_CASE("quoted From lines by kind of mbox") {
  const View text = "Subject: x\n>From: header\n\n>From a\n>>From b\n>>>From c\n> From d\n>Fromage\n";
  CHECK(shown(text, Quoting::None, 5).text == text);
  CHECK(shown(text, Quoting::Rd, 5).text ==
        "Subject: x\n>From: header\n\nFrom a\n>From b\n>>From c\n> From d\n>Fromage\n");
  CHECK(shown(text, Quoting::O, 5).text ==
        "Subject: x\n>From: header\n\nFrom a\n>>From b\n>>>From c\n> From d\n>Fromage\n");
}

TEST_CASE("messages end before the next From line, less one line end") {
  const std::string from(kFrom);
  CHECK(texts(from + "a: b\n\none\n\n" + from + "a: c\n\ntwo\n") == Texts{"a: b\n\none\n", "a: c\n\ntwo"});
  CHECK(texts(from + "a: b\n\none\n\n\n\n" + from + "x\n\n") == Texts{"a: b\n\none\n\n\n", "x\n"});
  CHECK(texts(from + "a: b\r\n\r\none\r\n\r\n" + from) == Texts{"a: b\r\n\r\none\r\n", ""});
  CHECK(texts(from + "a: b\n\nFrom here on\nFrom a@x Sat Jan\n\n") ==
        Texts{"a: b\n\nFrom here on\nFrom a@x Sat Jan\n"});
  CHECK(texts("") == Texts{});
  CHECK(texts(from) == Texts{""});
}

TEST_CASE("a From line inside a text is found at every place of the window") {
  const std::string from(kFrom);
  for (std::size_t pad = 262'100; pad < 262'160; ++pad) {
    const std::string body = "a: b\n\n" + std::string(pad, 'x') + "\n";
    CHECK(texts(from + body + "\n" + from + "two\n\n").size() == 2);
  }
}

TEST_CASE("Content-Length counts only when it leads to a From line or the end") {
  const std::string from(kFrom);
  const std::string inner = "text\n\n" + from + "inside\n";
  const std::string good = "Content-Length: " + std::to_string(inner.size()) + "\n\n";
  CHECK(texts(from + good + inner + "\n" + from + "two\n\n") == Texts{"\n" + inner, "two\n"});
  CHECK(texts(from + good + inner + "\n") == Texts{"\n" + inner});
  CHECK(texts(from + good + inner + "\n" + from + "two\n\n", Quoting::Rd).size() == 3);
  for (const char* length : {"1", "6", "7", "999999", "18446744073709551615", "-1", "x", "0"})
    CHECK(texts(from + "Content-Length: " + length + "\n\n" + inner + "\n" + from + "two\n\n").size() == 3);
}

TEST_CASE("a file without a From line is no mbox, and neither are links and pipes") {
  const TempDir dir;
  std::ofstream(dir.path() + "/text") << "Subject: x\n\n";
  CHECK(MboxSource::open(dir.path() + "/text", {}).error().code == Errc::Unsupported);
  CHECK(MboxSource::open(dir.path() + "/none", {}).error().code == Errc::NotFound);
  std::ofstream(dir.path() + "/box") << kFrom << "a: b\n\n";
  REQUIRE(::symlink("box", (dir.path() + "/link").c_str()) == 0);
  REQUIRE(::mkfifo((dir.path() + "/pipe").c_str(), 0600) == 0);
  CHECK_FALSE(MboxSource::open(dir.path() + "/link", {}).ok());
  CHECK_FALSE(MboxSource::open(dir.path() + "/pipe", {}).ok());
  const auto source = must(MboxSource::open(dir.path(), {}));
  const auto folders = must(source->folders());
  REQUIRE(folders.size() == 1);
  CHECK(folders[0].name == "box");
  // It may be one whose first line is damaged.
  CHECK(folders[0].note == "left out, because no From line begins them: text");
}

TEST_CASE("UIDs of an mbox count below the base's last one, ascending; twins stay two") {
  const TempDir dir;
  const std::string from(kFrom);
  std::ofstream(dir.path() + "/box") << from << "X-IMAP: 17 9 Work\nSubject: internal\n\nx\n\n"
                                     << from << "X-UID: 3\nX-Keywords: Work late\n\na\n\n"
                                     << from << "X-UID: 2\n\nb\n\n"
                                     << from << "X-UID: 9\n\nc\n\n"
                                     << from << "X-UID: 10\n\nd\n\n"
                                     << from << "\ne\n\n"
                                     << from << "\ne\n\n";
  MboxOptions options;
  options.uidls = must(UidlFormat::parse(UidlFormat::kDefault));
  const auto source = must(MboxSource::open(dir.path() + "/box", options));
  const auto folders = must(source->folders());
  REQUIRE(folders.size() == 1);
  const auto listing = must(source->list(folders[0]));
  CHECK(listing.uidValidity == 17);
  CHECK(listing.uidNext == 10);
  CHECK(listing.keywords == std::vector<std::string>{"Work", "late"});
  std::vector<store::Uid> uids;
  std::set<Id128> ids;
  for (const auto& message : listing.messages) {
    uids.push_back(message.uid);
    ids.insert(message.id);
  }
  CHECK(uids == std::vector<store::Uid>{3, 9, 0, 0, 0, 0});
  CHECK(ids.size() == 6);
  CHECK(listing.messages[0].uidl == "0000000300000011");
  CHECK(listing.messages[0].keywords == 3);
}
