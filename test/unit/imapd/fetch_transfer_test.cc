// SPDX-License-Identifier: Apache-2.0
#include "imapd/fetch/fetch_transfer.h"

#include <algorithm>

#include "test/unit/imapd/support.h"

using namespace posthorn;
using namespace posthorn::imapd;
using namespace posthorn::imapd::test;
using store::test::append;

namespace {

std::string mailOf(int number, std::size_t body) {
  std::string text = "From: Anna <anna@example.org>\r\nTo: bert@example.org\r\nSubject: number " +
                     std::to_string(number) + "\r\nDate: Mon, 2 Feb 2026 10:00:00 +0100\r\n\r\n";
  while (body > 0) {
    const std::size_t line = std::min<std::size_t>(body, 70);
    text.append(line, static_cast<char>('a' + number % 26)).append("\r\n");
    body -= line;
  }
  return text;
}

/// The texts of the BODY[...] items of a response, in order.
std::vector<std::string> textsOf(const Sent& sent) {
  std::vector<std::string> texts;
  for (const auto& response : responses(sent.text)) {
    const auto* fetch = std::get_if<imap::FetchData>(&response);
    if (fetch == nullptr) continue;
    for (const auto& item : fetch->items)
      if (item.attribute.kind == imap::FetchAttribute::Kind::BodySection)
        texts.push_back(item.text.value_or("NIL"));
  }
  return texts;
}

std::size_t countOf(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

std::uint64_t modseqOf(const World& world) {
  return must(world.box().status()).highestModseq;
}

}  // namespace

TEST_CASE("a response is the same in however many windows it is made") {
  World world(anyEngine());
  std::string zeros = mailOf(3, 100'000);
  zeros[70'000] = '\0';
  const std::vector<std::string> texts{mailOf(0, 10), mailOf(1, 30'000),  mailOf(2, 200'000),
                                       zeros,         "no header at all", mailOf(4, 0)};
  for (int round = 0; round < 15; ++round)
    for (const auto& text : texts)
      append(world.box(), text, round % 2 == 0 ? store::kSeen : store::kDraft, {"k"});
  must(world.box().expunge(store::UidSet::of(std::vector<store::UidRange>{{20, 25}}), false));
  Mail mail = selected(world, {.condstore = true});
  const std::string line = GENERATE(
      as<std::string>{}, "FETCH 1:* (FLAGS UID MODSEQ)",
      "FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY EMAILID THREADID PREVIEW "
      "SAVEDATE)",
      "FETCH 1:12 (BODY.PEEK[] BODY.PEEK[TEXT]<5.90000> UID)",
      "UID FETCH 1:30 (RFC822.HEADER BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[1]<7.40000> BODY.PEEK[9])");
  INFO(line);
  const auto whole = fetched(mail, line, SIZE_MAX);
  CHECK(whole.end.status == "OK");
  CHECK_FALSE(responses(whole.text).empty());
  for (const std::size_t window : {std::size_t{1}, std::size_t{977}, FetchTransfer::kWindow}) {
    const auto windows = fetched(mail, line, window);
    INFO("windows of " << window << ": " << windows.windows);
    CHECK((windows.text == whole.text));
    CHECK(windows.end.status == "OK");
    if (window == 1) CHECK(windows.windows > 20);
  }
}

TEST_CASE("the octets of BODY[] are those of the message") {
  World world(anyEngine());
  std::vector<std::string> texts;
  for (const std::size_t size : {0, 100, 30'000, 33'000, 500'000}) texts.push_back(mailOf(1, size));
  for (const auto& text : texts) append(world.box(), text);
  Mail mail = selected(world);
  const auto sent = fetched(mail, "FETCH 1:* BODY.PEEK[]");
  CHECK((textsOf(sent) == texts));
  // Large ones are not copied through memory.
  CHECK(sent.inPlace >= texts[3].size() + texts[4].size());
  CHECK(sent.inPlace < texts[3].size() + texts[4].size() + 64);
  std::vector<std::string> parts;
  for (const auto& text : texts) parts.push_back(text.substr(3, 40'000));
  CHECK((textsOf(fetched(mail, "FETCH 1:* BODY.PEEK[]<3.40000>")) == parts));
  CHECK((textsOf(fetched(mail, "FETCH 1:* BODY.PEEK[]<900000.5>")) == std::vector<std::string>(5)));
}

TEST_CASE("a window is bounded, whatever the messages weigh") {
  World world(anyEngine());
  for (int i = 0; i < 40; ++i) append(world.box(), mailOf(i, 30'000));
  Mail mail = selected(world);
  FetchTransfer transfer(args<imap::FetchArgs>("FETCH 1:* BODY.PEEK[]"), false);
  std::size_t windows = 0;
  for (bool over = false; !over; ++windows) {
    const auto window = must(transfer.more(mail));
    std::size_t memory = 0;
    for (const auto& piece : window.pieces)
      if (const auto* text = std::get_if<std::string>(&piece)) memory += text->size();
    CHECK(memory < FetchTransfer::kWindow + 64UL * 1024);
    over = window.end.has_value();
  }
  CHECK(windows >= 8);
}

TEST_CASE("NUL octets never go out in a literal, and its length stays true") {
  World world(anyEngine());
  std::string text = mailOf(1, 50'000);
  for (std::size_t at = 300; at < text.size(); at += 977)
    if (text[at] != '\r' && text[at] != '\n') text[at] = '\0';
  append(world.box(), text);
  Mail mail = selected(world);
  std::string clean = text;
  std::replace(clean.begin(), clean.end(), '\0', '\x80');
  const auto sent = fetched(mail, "FETCH 1 (BODY.PEEK[] BODY.PEEK[]<250.1000>)");
  CHECK(sent.text.find('\0') == std::string::npos);
  CHECK((textsOf(sent) == std::vector<std::string>{clean, clean.substr(250, 1000)}));
}

TEST_CASE("\\Seen is set once, and told once") {
  World world(anyEngine());
  for (int i = 0; i < 3; ++i)
    append(world.box(), mailOf(i, 10), i == 1 ? store::kSeen : store::SystemFlags{0});
  Mail mail = selected(world);
  const auto before = modseqOf(world);
  CHECK(run(mail, "FETCH 1:3 (BODY.PEEK[] RFC822.HEADER ENVELOPE)").answer.status == "OK");
  CHECK(modseqOf(world) == before);
  const auto first = run(mail, "FETCH 1:3 (BODY[HEADER] BODY[TEXT])").untagged;
  CHECK(modseqOf(world) == before + 1);
  CHECK(countOf(first, "FLAGS (") == 2);
  const auto again = run(mail, "FETCH 1:3 (BODY[] RFC822.TEXT)").untagged;
  CHECK(modseqOf(world) == before + 1);
  CHECK(countOf(again, "FLAGS (") == 0);
  for (const auto& row : store::test::rowsOf(world.box())) CHECK(row.flags == store::kSeen);
}

TEST_CASE("flags that are asked for are told with \\Seen, MODSEQ not twice") {
  World world(anyEngine());
  for (int i = 0; i < 2; ++i) append(world.box(), mailOf(i, 10));
  Mail mail = selected(world);
  const auto flags = run(mail, "FETCH 1 (FLAGS BODY[TEXT])").untagged;
  CHECK(countOf(flags, "FLAGS (\\Seen \\Recent)") == 1);
  CHECK(countOf(flags, "FLAGS") == 1);
  const auto modseq = run(mail, "FETCH 2 (MODSEQ BODY[TEXT])").untagged;
  CHECK(countOf(modseq, "MODSEQ (" + std::to_string(modseqOf(world)) + ")") == 1);
  CHECK(countOf(modseq, "MODSEQ (") == 1);
  CHECK(mail.features.condstore);
}

TEST_CASE("with EXAMINE nothing becomes \\Seen") {
  World world(anyEngine());
  append(world.box(), mailOf(1, 10));
  Mail mail = selected(world, {}, "EXAMINE INBOX");
  const auto before = modseqOf(world);
  CHECK(textsOf(fetched(mail, "FETCH 1 BODY[]")).size() == 1);
  CHECK(modseqOf(world) == before);
}

TEST_CASE("messages that were expunged meanwhile make NO [EXPUNGEISSUED], the others are told") {
  World world(anyEngine());
  for (int i = 0; i < 5; ++i) append(world.box(), mailOf(i, 10));
  Mail mail = selected(world);
  must(world.box().expunge(store::UidSet::of(std::vector<store::UidRange>{{2, 3}}), false));
  const auto byNumber = fetched(mail, "FETCH 1:4 (UID)");
  CHECK(byNumber.text == "* 1 FETCH (UID 1)\r\n* 4 FETCH (UID 4)\r\n");
  CHECK(byNumber.end.status == "NO");
  CHECK(byNumber.end.text.starts_with("[EXPUNGEISSUED]"));
  // UIDs that do not exist are nothing (RFC 3501 6.4.8).
  const auto byUid = fetched(mail, "UID FETCH 1:4 (UID)");
  CHECK(byUid.text == byNumber.text);
  CHECK(byUid.end.status == "OK");
}

TEST_CASE("a message that goes between two windows is still told whole") {
  World world(anyEngine());
  for (int i = 0; i < 5; ++i) append(world.box(), mailOf(i, 3'000));
  Mail mail = selected(world);
  bool gone = false;
  const auto sent = fetched(mail, "FETCH 1:* BODY.PEEK[]", 1, [&] {
    if (std::exchange(gone, true)) return;
    must(world.box().expunge(store::UidSet::all(), false));
  });
  CHECK(gone);
  const auto texts = textsOf(sent);
  REQUIRE(texts.size() == 5);
  for (int i = 0; i < 5; ++i) CHECK((texts[static_cast<std::size_t>(i)] == mailOf(i, 3'000)));
  std::string out;
  must(sync(mail, SyncPolicy::Full, false, out));
  CHECK(countOf(out, "EXPUNGE") == 5);
}

TEST_CASE("CHANGEDSINCE tells of later changes only, with their MODSEQ") {
  World world(anyEngine());
  for (int i = 0; i < 4; ++i) append(world.box(), mailOf(i, 10));
  Mail unaware = selected(world);
  CHECK(fetched(unaware, "FETCH 1 (FLAGS) (CHANGEDSINCE 1)").end.status == "OK");
  CHECK(unaware.features.condstore);
  Mail mail = selected(world, {.condstore = true});
  const auto since = modseqOf(world);
  must(world.box().storeFlags(one(3), {store::FlagChange::Mode::Add, store::kFlagged, {}}));
  const auto sent = fetched(mail, "FETCH 1:* (FLAGS) (CHANGEDSINCE " + std::to_string(since) + ")");
  CHECK(sent.text == "* 3 FETCH (FLAGS (\\Flagged) MODSEQ (" + std::to_string(since + 1) + "))\r\n");
  CHECK(sent.end.status == "OK");
  CHECK(fetched(mail, "UID FETCH 1:2 (FLAGS) (CHANGEDSINCE " + std::to_string(since) + ")").text.empty());
  CHECK(fetched(mail, "FETCH 1:* (FLAGS) (CHANGEDSINCE " + std::to_string(since + 1) + ")").text.empty());
}

TEST_CASE("numbers that no message has are BAD, also in an empty mailbox when they are named") {
  World world(anyEngine());
  Mail empty = selected(world);
  CHECK(fetched(empty, "FETCH 1:* (FLAGS)").end.status == "OK");
  CHECK(fetched(empty, "FETCH 1:3 (FLAGS)").end.status == "BAD");
  CHECK(fetched(empty, "UID FETCH 1:* (FLAGS)").end.status == "OK");
  append(world.box(), mailOf(1, 1));
  Mail mail = selected(world);
  CHECK(fetched(mail, "FETCH 2 (FLAGS)").end.status == "BAD");
  CHECK(fetched(mail, "UID FETCH 2 (FLAGS)").end.status == "OK");
  // Who has not been told of a message has no number for it.
  append(world.box(), mailOf(2, 1));
  CHECK(fetched(mail, "FETCH 2 (FLAGS)").end.status == "BAD");
  CHECK(fetched(mail, "UID FETCH 1:* (FLAGS)").text == "* 1 FETCH (UID 1 FLAGS (\\Recent))\r\n");
}

TEST_CASE("keywords are announced before FETCH tells them") {
  World world(anyEngine());
  append(world.box(), mailOf(1, 1));
  Mail mail = selected(world);
  must(world.box().storeFlags(one(1), {store::FlagChange::Mode::Add, 0, {"Fresh"}}));
  const auto text = fetched(mail, "FETCH 1 (FLAGS)").text;
  REQUIRE(text.find("* FLAGS (") == 0);
  CHECK(text.find("* 1 FETCH (FLAGS (\\Recent Fresh))\r\n") != std::string::npos);
}
