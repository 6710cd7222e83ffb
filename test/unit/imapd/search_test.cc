// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <functional>
#include <memory>

#include "common/mime/limits.h"
#include "imapd/commands/commands.h"
#include "imapd/object_id.h"
#include "imapd/search/program.h"
#include "test/unit/imapd/support.h"

using namespace posthorn;
using namespace posthorn::imapd;
using namespace posthorn::imapd::test;
using store::MessageRow;

namespace {

constexpr std::int64_t kNoon = 1'767'268'800;  // 1 January 2026, 12:00 UTC
constexpr std::int64_t kDay = 86400;

/// One message and all that is known of it.
struct Sample {
  std::string subject;
  std::string from;
  std::string sent;  ///< the Date field; empty: none
  int sentDay = 0;   ///< of January 2026; 0: none
  std::string body;
  store::ZonedTime arrived;
  store::SystemFlags flags = 0;
  std::vector<std::string> keywords = {};
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> kSamples{
      {"Hello World",
       "anna@example.org",
       "Thu, 1 Jan 2026 23:30:00 -0500",
       1,
       "first text\r\n",
       {kNoon, 0},
       store::kSeen,
       {"Work"}},
      {"=?utf-8?B?R3LDvMOfZQ==?=",
       "bert@example.org",
       "Fri, 2 Jan 2026 10:00:00 +0000",
       2,
       "Sch\xC3\xB6ne Gr\xC3\xBC\xC3\x9F"
       "e\r\n",
       {kNoon + kDay, 120},
       store::kFlagged,
       {}},
      {"re: hello",
       "Carla Hello <carla@example.net>",
       "",
       0,
       "nothing\r\n",
       {kNoon + 2 * kDay, 0},
       store::kAnswered | store::kSeen,
       {"later", "Work"}},
      {"",
       "dora@example.com",
       "Sun, 4 Jan 2026 10:00:00 +0000",
       4,
       std::string(3000, 'x') + " WORLD\r\n",
       {kNoon + 3 * kDay + 11 * 3600 + 1800, 60},
       store::kDeleted,
       {}},
      {"last",
       "anna@example.org",
       "Mon, 5 Jan 2026 10:00:00 +0000",
       5,
       "a needle in it\r\n",
       {kNoon + 4 * kDay, 0},
       store::kDraft,
       {"$Junk"}},
  };
  return kSamples;
}

class Box {
 public:
  explicit Box(const std::string& engine) : world_(engine) {
    const auto now = std::chrono::floor<std::chrono::seconds>(world_.clock.wall().time_since_epoch());
    world_.clock.advance(std::chrono::seconds(kNoon + 10 * kDay) - now);
    for (const Sample& sample : samples()) {
      std::string text =
          "From: " + sample.from + "\r\nTo: list@example.org\r\nSubject: " + sample.subject + "\r\n";
      if (!sample.sent.empty()) text += "Date: " + sample.sent + "\r\n";
      text += "Cc: copy@example.org\r\nX-Empty:\r\n\r\n" + sample.body;
      auto writer = must(world_.account.message(text.size()));
      must(writer.write(text));
      must(writer.finish(sample.arrived, sample.flags, sample.keywords));
      must(world_.box().append(writer));
    }
    must(world_.box().claimRecent(2));
    mail_.emplace(selected(world_));
    rows_ = store::test::rowsOf(world_.box());
    REQUIRE(rows_.size() == samples().size());
  }

  std::vector<Uid> search(const std::string& keys) {
    const auto program = must(search::prepare(*mail_, args<imap::SearchArgs>("SEARCH " + keys).program));
    return must(search::run(*mail_, program)).uids;
  }
  /// The messages for which `yes` says so.
  std::vector<Uid> those(const std::function<bool(const Sample&, const MessageRow&)>& yes) {
    std::vector<Uid> uids;
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (yes(samples()[i], rows_[i])) uids.push_back(rows_[i].uid);
    return uids;
  }
  World& world() { return world_; }
  Mail& mail() { return *mail_; }
  const std::vector<MessageRow>& rows() { return rows_; }

 private:
  World world_;
  std::optional<Mail> mail_;
  std::vector<MessageRow> rows_;
};

std::int64_t arrivalDay(const Sample& sample) {
  return (sample.arrived.seconds + sample.arrived.zoneMinutes * 60) / kDay;
}

Errc codeOf(Mail& mail, const std::string& keys) {
  return store::test::codeOf(search::prepare(mail, args<imap::SearchArgs>("SEARCH " + keys).program));
}

}  // namespace

TEST_CASE("keys of flags") {
  Box box(anyEngine());
  const std::pair<const char*, store::SystemFlags> flags[] = {{"SEEN", store::kSeen},
                                                              {"ANSWERED", store::kAnswered},
                                                              {"FLAGGED", store::kFlagged},
                                                              {"DELETED", store::kDeleted},
                                                              {"DRAFT", store::kDraft}};
  for (const auto& [name, bit] : flags) {
    INFO(name);
    const auto wanted = bit;
    CHECK(box.search(name) == box.those([&](const auto& s, const auto&) { return (s.flags & wanted) != 0; }));
    CHECK(box.search(std::string("UN") + name) ==
          box.those([&](const auto& s, const auto&) { return (s.flags & wanted) == 0; }));
  }
  CHECK(box.search("ALL").size() == 5);
  CHECK(box.search("RECENT") == std::vector<Uid>{3, 4, 5});
  CHECK(box.search("OLD") == std::vector<Uid>{1, 2});
  CHECK(box.search("NEW") == std::vector<Uid>{4, 5});
  CHECK(box.search("KEYWORD work") == std::vector<Uid>{1, 3});
  CHECK(box.search("UNKEYWORD Work") == std::vector<Uid>{2, 4, 5});
  CHECK(box.search("KEYWORD Nobody").empty());
  CHECK(box.search("UNKEYWORD Nobody").size() == 5);
}

TEST_CASE("keys of sets") {
  Box box(anyEngine());
  must(box.world().box().expunge(one(2), false));
  std::string out;
  must(sync(box.mail(), SyncPolicy::Full, false, out));
  CHECK(box.search("1:2") == std::vector<Uid>{1, 3});
  CHECK(box.search("*") == std::vector<Uid>{5});
  CHECK(box.search("UID 2:3") == std::vector<Uid>{3});
  CHECK(box.search("UID 9:*") == std::vector<Uid>{5});
  CHECK(box.search("NOT 1") == std::vector<Uid>{3, 4, 5});
  CHECK(box.search("OR 1 UID 4") == std::vector<Uid>{1, 4});
  CHECK(box.search("2:* SEEN") == std::vector<Uid>{3});
  CHECK(codeOf(box.mail(), "5") == Errc::Invalid);
}

TEST_CASE("keys of days and ages") {
  Box box(anyEngine());
  for (int day = 1; day <= 6; ++day) {
    INFO(day);
    const std::string date = std::to_string(day) + "-Jan-2026";
    const std::int64_t wanted = kNoon / kDay + day - 1;
    CHECK(box.search("BEFORE " + date) ==
          box.those([&](const auto& s, const auto&) { return arrivalDay(s) < wanted; }));
    CHECK(box.search("ON " + date) ==
          box.those([&](const auto& s, const auto&) { return arrivalDay(s) == wanted; }));
    CHECK(box.search("SINCE " + date) ==
          box.those([&](const auto& s, const auto&) { return arrivalDay(s) >= wanted; }));
    CHECK(box.search("SENTBEFORE " + date) ==
          box.those([&](const auto& s, const auto&) { return s.sentDay != 0 && s.sentDay < day; }));
    CHECK(box.search("SENTON " + date) ==
          box.those([&](const auto& s, const auto&) { return s.sentDay == day; }));
    CHECK(box.search("SENTSINCE " + date) ==
          box.those([&](const auto& s, const auto&) { return s.sentDay != 0 && s.sentDay >= day; }));
  }
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(box.world().clock.wall().time_since_epoch()).count();
  for (const auto& sample : samples()) {
    const std::int64_t age = now - sample.arrived.seconds;
    if (age < 1) continue;
    CHECK(box.search("OLDER " + std::to_string(age)) ==
          box.those([&](const auto& s, const auto&) { return now - s.arrived.seconds >= age; }));
    CHECK(box.search("YOUNGER " + std::to_string(age)) ==
          box.those([&](const auto& s, const auto&) { return now - s.arrived.seconds <= age; }));
  }
  const auto today = imap::dateOfDays(now / kDay);
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string date =
      std::to_string(today.day) + "-" + kMonths[today.month - 1] + "-" + std::to_string(today.year);
  CHECK(box.search("SAVEDON " + date).size() == 5);
  CHECK(box.search("SAVEDSINCE " + date).size() == 5);
  CHECK(box.search("SAVEDBEFORE " + date).empty());
  CHECK(box.search("SAVEDATESUPPORTED").size() == 5);
}

TEST_CASE("keys of sizes, changes and ids") {
  Box box(anyEngine());
  for (const auto& row : box.rows()) {
    const std::string size = std::to_string(row.facts.size);
    CHECK(box.search("LARGER " + size) ==
          box.those([&](const auto&, const auto& r) { return r.facts.size > row.facts.size; }));
    CHECK(box.search("SMALLER " + size) ==
          box.those([&](const auto&, const auto& r) { return r.facts.size < row.facts.size; }));
    CHECK(box.search("MODSEQ " + std::to_string(row.modseq)) ==
          box.those([&](const auto&, const auto& r) { return r.modseq >= row.modseq; }));
    CHECK(box.search("EMAILID " + emailIdText(row.facts.emailId)) == std::vector<Uid>{row.uid});
    CHECK(box.search("THREADID " + threadIdText(row.facts.threadId)) ==
          box.those([&](const auto&, const auto& r) { return r.facts.threadId == row.facts.threadId; }));
  }
  CHECK(box.search("EMAILID F00").empty());
  CHECK(box.search("NOT EMAILID F00").size() == 5);
  CHECK(box.search("THREADID M12").empty());
  const auto program =
      must(search::prepare(box.mail(), args<imap::SearchArgs>("SEARCH MODSEQ 1 2:3").program));
  CHECK(program.modseq);
  const auto found = must(search::run(box.mail(), program));
  CHECK(found.uids == std::vector<Uid>{2, 3});
  CHECK(found.highest == std::max(box.rows()[1].modseq, box.rows()[2].modseq));
}

TEST_CASE("keys of header fields") {
  Box box(anyEngine());
  CHECK(box.search("SUBJECT hello") == std::vector<Uid>{1, 3});
  CHECK(box.search("SUBJECT WORLD") == std::vector<Uid>{1});
  CHECK(box.search("FROM ANNA") == std::vector<Uid>{1, 5});
  CHECK(box.search("FROM hello") == std::vector<Uid>{3});
  CHECK(box.search("TO list@").size() == 5);
  CHECK(box.search("TO anna").empty());
  CHECK(box.search("CC copy").size() == 5);
  CHECK(box.search("BCC a").empty());
  CHECK(box.search("HEADER x-empty \"\"").size() == 5);
  CHECK(box.search("HEADER Date \"\"") == std::vector<Uid>{1, 2, 4, 5});
  CHECK(box.search("HEADER Date 2026") == std::vector<Uid>{1, 2, 4, 5});
  CHECK(box.search("HEADER Nothing \"\"").empty());
  CHECK(box.search("SUBJECT \"=?utf-8\"").empty());
}

TEST_CASE("keys of texts") {
  Box box(anyEngine());
  CHECK(box.search("BODY world") == std::vector<Uid>{4});
  CHECK(box.search("TEXT world") == std::vector<Uid>{1, 4});
  CHECK(box.search("TEXT example.net") == std::vector<Uid>{3});
  CHECK(box.search("BODY example.net").empty());
  CHECK(box.search("BODY \"\"").size() == 5);
  CHECK(box.search("BODY text TEXT first") == std::vector<Uid>{1});
  CHECK(box.search("OR BODY needle BODY nothing") == std::vector<Uid>{3, 5});
  CHECK(box.search("NOT TEXT hello") == std::vector<Uid>{2, 4, 5});
  CHECK(box.search("OR (BODY first SEEN) NOT (OR BODY needle (TEXT hello))") == std::vector<Uid>{1, 2, 4});
}

TEST_CASE("texts are compared in the charset that the client names") {
  Box box(anyEngine());
  const auto found = [&](const std::string& charset, const std::string& text) {
    imap::SearchProgram program;
    program.charset = charset;
    program.key.kind = imap::SearchKey::Kind::Subject;
    program.key.text = text;
    return must(search::run(box.mail(), must(search::prepare(box.mail(), program)))).uids;
  };
  CHECK(found("UTF-8", "gr\xC3\x9C") == std::vector<Uid>{2});
  CHECK(found("", "gr\xC3\xBC") == std::vector<Uid>{2});
  CHECK(found("iso-8859-1", "gr\xFC") == std::vector<Uid>{2});
  CHECK(found("koi8-r", "gr\xFC").empty());
  imap::SearchProgram unknown;
  unknown.charset = "x-nobody-knows";
  const auto refused = search::prepare(box.mail(), unknown);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::Unsupported);
  CHECK(refused.error().client.starts_with("[BADCHARSET ("));
}

TEST_CASE("needles are found wherever the text is cut") {
  World world("memory");
  const std::string needle =
      "Gr\xC3\xBC\xC3\x9F"
      "e aus M\xC3\xBCnchen";
  std::vector<std::size_t> places;
  for (std::size_t edge : {mime::kTextWindow, 2 * mime::kTextWindow, std::size_t{64} * 1024})
    for (std::size_t back = 0; back <= needle.size() + 1; ++back) places.push_back(edge - back);
  for (const std::size_t place : places) {
    // Lines would be cut by no mail program there; the text has none.
    const std::string text = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + std::string(place, '.') +
                             needle + std::string(100, '.') + "\r\n";
    store::test::append(world.box(), text);
  }
  store::test::append(world.box(), "\r\n" + std::string(70'000, '.') +
                                       "Gr\xC3\xBC\xC3\x9F"
                                       "e\r\n");
  Mail mail = selected(world);
  const auto count = [&](const std::string& key) {
    imap::SearchProgram program;
    program.key.kind = imap::SearchKey::Kind::Body;
    program.key.text = key;
    return must(search::run(mail, must(search::prepare(mail, program)))).uids.size();
  };
  CHECK(count(needle) == places.size());
  CHECK(count("GR\xC3\x9C\xC3\x9F"
              "E AUS") == places.size());
  CHECK(count("Gr\xC3\xBC\xC3\x9F"
              "e") == places.size() + 1);
  CHECK(count(needle + "x") == 0);
}

TEST_CASE("nobody is searched for whose session has ended") {
  World world(anyEngine());
  store::test::append(world.box(), "Subject: hello\r\n\r\nx\r\n");
  Mail mail = selected(world);
  imap::SearchProgram program;
  program.key.kind = imap::SearchKey::Kind::Body;
  program.key.text = "x";
  const auto alive = std::make_shared<std::atomic<bool>>(true);
  mail.alive = alive;
  CHECK(must(search::run(mail, must(search::prepare(mail, program)))).uids.size() == 1);
  imap::jmap::QueryArgs query;
  query.filter = imap::jmap::Filter();
  query.filter->kind = imap::jmap::Filter::Kind::Body;
  query.filter->text = "x";
  CHECK(must(commands::xQuery(mail, query, {})).status == "OK");
  *alive = false;
  const auto stopped = search::run(mail, must(search::prepare(mail, program)));
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == Errc::Cancelled);
  // Not one that is remembered.
  query.filter->text = "y";
  CHECK(must(commands::xQuery(mail, query, {})).status == "NO");
}

TEST_CASE("what is gone or not told of matches nothing") {
  Box box(anyEngine());
  must(box.world().box().expunge(one(1), false));
  store::test::append(box.world().box(), "Subject: hello\r\n\r\nx\r\n");
  CHECK(box.search("ALL") == std::vector<Uid>{2, 3, 4, 5});
  CHECK(box.search("SUBJECT hello") == std::vector<Uid>{3});
  CHECK(box.search("UID 1:*") == std::vector<Uid>{2, 3, 4, 5});
}

TEST_CASE("SEARCH and ESEARCH as they are answered") {
  Box box(anyEngine());
  must(box.world().box().expunge(one(1), false));
  std::string out;
  must(sync(box.mail(), SyncPolicy::Full, false, out));
  CHECK(run(box.mail(), "SEARCH SEEN").untagged == "* SEARCH 2\r\n");
  CHECK(run(box.mail(), "UID SEARCH SEEN").untagged == "* SEARCH 3\r\n");
  CHECK(run(box.mail(), "SEARCH SEEN DRAFT").untagged == "* SEARCH\r\n");
  CHECK(run(box.mail(), "UID SEARCH RETURN (MIN MAX COUNT ALL) ALL").untagged ==
        "* ESEARCH (TAG \"t\") UID MIN 2 MAX 5 COUNT 4 ALL 2:5\r\n");
  CHECK(run(box.mail(), "SEARCH RETURN (COUNT MIN) DRAFT SEEN").untagged ==
        "* ESEARCH (TAG \"t\") COUNT 0\r\n");
  const auto bad = run(box.mail(), "SEARCH 9");
  CHECK(bad.answer.status == "BAD");
  const auto charset = run(box.mail(), "SEARCH CHARSET x-none ALL");
  CHECK(charset.answer.status == "NO");
  CHECK(charset.answer.text.starts_with("[BADCHARSET"));
}
