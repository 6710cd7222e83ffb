// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/exchange.h"

#include <chrono>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "common/events/event_text.h"
#include "tools/enpd/command.h"

using namespace posthorn;
using namespace posthorn::enpd;
using events::Event;
using events::EventType;
using events::maskOf;

namespace {

class Ear final : public Subscriber {
 public:
  void onEvent(const Line& line) override { heard.push_back(line); }
  void onLost(std::uint64_t count) override { lost += count; }

  std::vector<Line> heard;
  std::uint64_t lost = 0;
};

Event event(EventType type, const std::string& owner, const std::string& mailbox = "INBOX") {
  Event made;
  made.type = type;
  made.timestamp = 1'800'000'000'123;
  made.hostname = "mail.example";
  made.process = "imapd";
  made.owner = owner;
  made.mailbox = mailbox;
  return made;
}

events::Target here(const std::string& key = "enp://127.0.0.1/store") {
  events::Target target;
  target.name = "ms-internal";
  target.key = key;
  return target;
}

Status subscribe(Exchange& exchange, Subscriber& ear, const std::string& arguments, std::size_t most = 100) {
  auto command = parseCommand("SUBSCRIBE " + arguments);
  INFO(arguments << (command.ok() ? "" : command.error().text));
  REQUIRE(command.ok());
  return exchange.subscribe(ear, std::move(command->wishes), most);
}

void unsubscribe(Exchange& exchange, Subscriber& ear, const std::string& reference) {
  auto wish = parseWish(reference);
  REQUIRE(wish.ok());
  exchange.unsubscribe(ear, *wish);
}

/// Whether a subscription to `pattern` holds an event of `owner`'s `mailbox`, done by `user`.
bool holds(const std::string& pattern, const std::string& key, const std::string& owner,
           const std::string& mailbox, const std::string& user = "") {
  Exchange exchange;
  exchange.setTargets({here(key)});
  Ear ear;
  REQUIRE(subscribe(exchange, ear, pattern).ok());
  Event made = event(EventType::NewMsg, owner, mailbox);
  made.user = user;
  exchange.publish(made);
  exchange.unsubscribeAll(ear);
  REQUIRE(ear.heard.size() <= 1);
  return !ear.heard.empty();
}

}  // namespace

TEST_CASE("which references hold which events") {
  struct Row {
    const char* pattern;
    const char* key;
    const char* owner;
    const char* mailbox;
    bool held;
  };
  constexpr const char* kStore = "enp://127.0.0.1/store";
  constexpr const char* kWithMailbox = "enp://127.0.0.1/store/%M";
  const Row rows[] = {
      {"enp://127.0.0.1/store", kStore, "anna", "INBOX", true},
      {"enp://127.0.0.1/store/%M", kStore, "anna", "Work/2026", true},
      {"enp://127.0.0.1/store/%M", kWithMailbox, "anna", "Work/2026", true},
      {"enp://127.0.0.1/store/anna", kStore, "anna", "INBOX", true},
      {"enp://127.0.0.1/store/anna", kWithMailbox, "anna", "INBOX", true},
      {"enp://127.0.0.1/store/anna", kStore, "anna", "Work/2026", true},
      {"enp://127.0.0.1/store/anna/Work", kWithMailbox, "anna", "Work/2026", true},
      {"enp://127.0.0.1/store/anna/Work/2026", kWithMailbox, "anna", "Work/2026", true},
      {"enp://127.0.0.1/store/anna/Work/2025", kWithMailbox, "anna", "Work/2026", false},
      {"enp://127.0.0.1/store/anna/Work", kWithMailbox, "anna", "Workshop", false},
      {"enp://127.0.0.1/store/anna", kStore, "annabel", "INBOX", false},
      {"enp://127.0.0.1/stor", kStore, "anna", "INBOX", false},
      {"enp://127.0.0.1/store/x", kStore, "anna", "INBOX", false},
      {"enp://other/store", kStore, "anna", "INBOX", false},
      {"enp://127.0.0.1", kStore, "anna", "INBOX", true},
      {"enp://127.0.0.1/store?mailboxName=anna", kStore, "anna", "INBOX", true},
      {"enp://127.0.0.1/store?mailboxName=anna", kStore, "anna", "Work", false},
      {"enp://127.0.0.1/store?owner=anna", kStore, "anna", "Work", true},
      {"enp://127.0.0.1/store?owner=anna", kStore, "bert", "INBOX", false},
      {"enp://127.0.0.1/store/anna/Work?owner=anna", kStore, "anna", "INBOX", false},
      {"enp://127.0.0.1/store/%U/Work", kWithMailbox, "anna", "Work", true},
      {"enp://127.0.0.1/store/%U/Work", kWithMailbox, "bert", "Work/2026", true},
      {"enp://127.0.0.1/store/%U/Work", kWithMailbox, "bert", "INBOX", false},
      {"enp://127.0.0.1/store/%U/Work?owner=bert", kWithMailbox, "anna", "Work", false},
      {"enp://127.0.0.1/*/anna", kWithMailbox, "anna", "INBOX", true},
      {"enp://h/bert", "enp://h/%o/%M", "bert", "INBOX", true},
      {"enp://127.0.0.1/store/anna%40x.example", kWithMailbox, "anna@x.example", "INBOX", true},
      {"enp://127.0.0.1/store/anna/Entw%C3%BCrfe%20%25", kWithMailbox, "anna", "Entw\xC3\xBCrfe %", true},
  };
  for (const Row& row : rows) {
    INFO(row.pattern << " under " << row.key << " for " << row.owner << " " << row.mailbox);
    CHECK(holds(row.pattern, row.key, row.owner, row.mailbox) == row.held);
  }
  CHECK(holds("enp://127.0.0.1/store?user=carl", kStore, "anna", "INBOX", "carl"));
  CHECK_FALSE(holds("enp://127.0.0.1/store?user=carl", kStore, "anna", "INBOX"));
  CHECK(holds("enp://127.0.0.1/store?user=anna", kStore, "anna", "INBOX"));
}

TEST_CASE("an event comes once to who subscribed twice, in each form once") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear ear;
  REQUIRE(subscribe(exchange, ear, "enp://127.0.0.1/store enp://127.0.0.1/store?owner=anna").ok());
  CHECK(exchange.publish(event(EventType::NewMsg, "anna")) == 1);
  REQUIRE(subscribe(exchange, ear, "form=text enp://127.0.0.1/store/anna").ok());
  CHECK(exchange.publish(event(EventType::NewMsg, "anna")) == 2);
  CHECK(ear.heard.size() == 3);
  exchange.unsubscribeAll(ear);
}

TEST_CASE("subscribers of one event share its line, which is the library's") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear one;
  Ear other;
  REQUIRE(subscribe(exchange, one, "enp://127.0.0.1/store").ok());
  REQUIRE(subscribe(exchange, other, "enp://127.0.0.1/store").ok());
  const Event made = event(EventType::NewMsg, "anna");
  exchange.publish(made);
  REQUIRE(one.heard.size() == 1);
  CHECK(one.heard[0] == other.heard.at(0));
  CHECK(*one.heard[0] == events::eventJson(made, "enp://127.0.0.1/store") + "\r\n");
  exchange.unsubscribeAll(one);
  exchange.unsubscribeAll(other);
}

TEST_CASE("what was unsubscribed is not heard any more") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear ear;
  REQUIRE(
      subscribe(exchange, ear, "enp://127.0.0.1/store enp://127.0.0.1/store/%U/x enp://h/s?owner=a").ok());
  CHECK(exchange.subscriptions() == 3);
  unsubscribe(exchange, ear, "enp://127.0.0.1/store/%M");
  unsubscribe(exchange, ear, "enp://127.0.0.1/unknown");
  exchange.publish(event(EventType::NewMsg, "anna"));
  CHECK(ear.heard.empty());
  CHECK(exchange.subscriptions() == 2);
  exchange.unsubscribeAll(ear);
  CHECK(exchange.subscriptions() == 0);
  exchange.lost(3);
  CHECK(ear.lost == 0);
}

TEST_CASE("a second subscription to a reference replaces types and form") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear ear;
  REQUIRE(subscribe(exchange, ear, "types=NewMsg enp://127.0.0.1/store").ok());
  REQUIRE(subscribe(exchange, ear, "types=Login form=text enp://127.0.0.1/store/%M").ok());
  CHECK(ear.subscriptions() == 1);
  CHECK(exchange.subscribed() == maskOf(EventType::Login));
  exchange.publish(event(EventType::NewMsg, "anna"));
  exchange.publish(event(EventType::Login, "anna", ""));
  REQUIRE(ear.heard.size() == 1);
  CHECK(ear.heard[0]->rfind("enp://127.0.0.1/store?evtType=Login&", 0) == 0);
  exchange.unsubscribeAll(ear);
}

TEST_CASE("what must be published follows the subscriptions") {
  Exchange exchange;
  events::Target target = here();
  target.enabled &= ~(maskOf(EventType::ExpungeMsg) | maskOf(EventType::Login));
  exchange.setTargets({target});
  int told = 0;
  exchange.setOnWanted([&told] { ++told; });
  CHECK(exchange.wanted() == 0);
  Ear ear;
  REQUIRE(subscribe(exchange, ear, "types=DeleteMsg,Login enp://127.0.0.1/store").ok());
  // ExpungeMsg is told as DeleteMsg where it is switched off.
  CHECK(exchange.wanted() == (maskOf(EventType::DeleteMsg) | maskOf(EventType::ExpungeMsg)));
  CHECK(told == 1);
  exchange.publish(event(EventType::ExpungeMsg, "anna"));
  REQUIRE(ear.heard.size() == 1);
  CHECK(ear.heard[0]->find("\"DeleteMsg\"") != std::string::npos);
  exchange.unsubscribeAll(ear);
  CHECK(exchange.wanted() == 0);
  CHECK(told == 2);
}

TEST_CASE("each local target has its key, its switches and its share of the payload") {
  Exchange exchange;
  events::Target whole = here("enp://h/whole");
  whole.maxHeader = 100;
  events::Target inbox = here("enp://h/inbox");
  inbox.nonInbox = false;
  events::Target far = here("enp://h/far");
  far.local = false;
  exchange.setTargets({whole, inbox, far});
  Ear ear;
  REQUIRE(subscribe(exchange, ear, "enp://h").ok());
  Event made = event(EventType::NewMsg, "anna", "Work");
  made.header = "Subject: x\r\n\r\n";
  CHECK(exchange.publish(made) == 1);
  made.mailbox = "INBOX";
  CHECK(exchange.publish(made) == 2);
  REQUIRE(ear.heard.size() == 3);
  CHECK(ear.heard[1]->find("Subject: x") != std::string::npos);
  CHECK(ear.heard[2]->find("Subject: x") == std::string::npos);
  exchange.unsubscribeAll(ear);
}

TEST_CASE("limits hold for a whole command, and nothing of a refused one is done") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear ear;
  REQUIRE(subscribe(exchange, ear, "enp://h/a enp://h/b", 2).ok());
  CHECK(subscribe(exchange, ear, "enp://h/a enp://h/c", 2).error().code == Errc::Limit);
  CHECK(ear.subscriptions() == 2);
  CHECK(subscribe(exchange, ear, "enp://h/a enp://h/b", 2).ok());
  for (std::size_t i = 0; i < Exchange::kMaxWild; ++i)
    REQUIRE(subscribe(exchange, ear, "enp://h/*/" + std::to_string(i), 1000).ok());
  CHECK(subscribe(exchange, ear, "enp://h/*/more", 1000).error().code == Errc::Limit);
  CHECK(subscribe(exchange, ear, "enp://h/*/0", 1000).ok());
  unsubscribe(exchange, ear, "enp://h/*/0");
  CHECK(subscribe(exchange, ear, "enp://h/*/more", 1000).ok());
  exchange.unsubscribeAll(ear);
  CHECK(exchange.subscribed() == 0);
}

TEST_CASE("an event that was published as text goes out as it came, or as JSON") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear text;
  Ear json;
  REQUIRE(subscribe(exchange, text, "form=text enp://h/store/anna").ok());
  REQUIRE(subscribe(exchange, json, "enp://h/store?owner=anna").ok());
  const std::string reference =
      "enp://h/store?evtType=NewMsg&mailboxName=anna&owner=anna&size=7&x=%22%E2%82%AC%22&event=fake";
  const auto told = exchange.publishText(reference);
  REQUIRE(told.ok());
  CHECK(*told == 2);
  CHECK(*text.heard.at(0) == reference + "\r\n");
  const auto object = nlohmann::json::parse(*json.heard.at(0));
  CHECK(object["event"] == "MessageNew");
  CHECK(object["evtType"] == "NewMsg");
  CHECK(object["x"] == "\"\xE2\x82\xAC\"");
  CHECK(object["reference"] == reference);
  CHECK_FALSE(exchange.publishText("enp://h/store?evtType=Nonsense").ok());
  CHECK_FALSE(exchange.publishText("enp://h/store").ok());
  exchange.unsubscribeAll(text);
  exchange.unsubscribeAll(json);
}

TEST_CASE("a relayed event keeps its own key") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear ear;
  REQUIRE(subscribe(exchange, ear, "form=text enp://far/store").ok());
  CHECK(exchange.relay(event(EventType::NewMsg, "anna"), "enp://far/store/%M") == 1);
  CHECK(ear.heard.at(0)->rfind("enp://far/store/anna?evtType=NewMsg&", 0) == 0);
  exchange.unsubscribeAll(ear);
}

TEST_CASE("ten thousand accounts of one subscriber cost an event nothing") {
  Exchange exchange;
  exchange.setTargets({here()});
  Ear ear;
  std::vector<Wish> wishes;
  for (int i = 0; i < 10'000; ++i)
    wishes.push_back(*parseWish("enp://127.0.0.1/store?owner=user" + std::to_string(i) + "@test.example"));
  REQUIRE(exchange.subscribe(ear, std::move(wishes), 20'000).ok());
  CHECK(exchange.subscriptions() == 10'000);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 2'000; ++i) {
    exchange.publish(event(EventType::NewMsg, "user" + std::to_string(i * 5) + "@test.example"));
    exchange.publish(event(EventType::NewMsg, "nobody" + std::to_string(i) + "@test.example"));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(ear.heard.size() == 2'000);
  // A scan over all subscriptions would make 40 million comparisons; with sanitizers and neighbours this
  // takes a fraction of a second.
  CHECK(took.count() < 10);
  exchange.unsubscribeAll(ear);
  CHECK(exchange.subscriptions() == 0);
}
