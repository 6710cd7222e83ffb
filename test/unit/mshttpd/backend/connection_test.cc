// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/connection.h"

#include <chrono>

#include <catch2/catch.hpp>

#include "test/unit/mshttpd/backend/imap_server.h"

using namespace posthorn;
using namespace posthorn::mshttpd::backend;
using namespace posthorn::mshttpd::backend::test;
using namespace std::chrono_literals;
using imap::CommandName;

namespace {

const ProxyAdmin kAdmin{"adm", "secret"};

Result<std::unique_ptr<Connection>> connectTo(const ImapServer& server, const Patience& patience = {}) {
  Dialer dialer(Clock::system());
  const Steady deadline = Clock::system().steady() + 5s;
  auto wire = Wire::connect(dialer, {"127.0.0.1", server.port(), ""}, nullptr, deadline);
  REQUIRE(wire.ok());
  return Connection::open(*std::move(wire), patience);
}

std::unique_ptr<Connection> loggedIn(const ImapServer& server, const Patience& patience = {}) {
  auto connection = connectTo(server, patience);
  REQUIRE(connection.ok());
  REQUIRE((*connection)->logIn(kAdmin, {"anna", "192.0.2.7"}).ok());
  return *std::move(connection);
}

Request noop() {
  return {.name = CommandName::Noop, .args = imap::NoArgs{}};
}

}  // namespace

TEST_CASE("a proxy login goes in one burst and names the client's address") {
  const ImapServer server;
  const auto connection = loggedIn(server);
  CHECK(connection->user() == "anna");
  const auto heard = server.heard();
  REQUIRE(heard.size() == 3);
  CHECK(heard[0].find("\"x-originating-ip\" \"192.0.2.7\"") != std::string::npos);
  CHECK(heard[1].find("AUTHENTICATE PLAIN ") != std::string::npos);
  CHECK(heard[2].find("CAPABILITY") != std::string::npos);
}

TEST_CASE("a server without SASL-IR is told when it asks") {
  ImapServer server("IMAP4rev1 AUTH=PLAIN");
  std::string got;
  server.on("AUTHENTICATE PLAIN", [&](ImapServer::Talker& talker) {
    talker.say("+ \r\n");
    std::string line;
    while (!line.ends_with("\r\n")) line += talker.more(1);
    got = line;
    return talker.tag + " OK in\r\n";
  });
  const auto connection = loggedIn(server);
  CHECK(got == "YW5uYQBhZG0Ac2VjcmV0\r\n");
}

TEST_CASE("another user takes over where the server knows UNAUTHENTICATE") {
  const ImapServer server;
  const auto connection = loggedIn(server);
  connection->selected = "rw INBOX";
  REQUIRE(connection->logIn(kAdmin, {"bert", ""}).ok());
  CHECK(connection->user() == "bert");
  CHECK(connection->selected.empty());
  CHECK(server.accepted() == 1);
  const ImapServer other("IMAP4rev1 SASL-IR AUTH=PLAIN");
  const auto stays = loggedIn(other);
  CHECK(stays->logIn(kAdmin, {"bert", ""}).error().code == Errc::Unsupported);
  CHECK(stays->user() == "anna");
}

TEST_CASE("a refused login is Denied, and the password is in no text") {
  const ImapServer server;
  const auto connection = connectTo(server);
  REQUIRE(connection.ok());
  const Status status = (*connection)->logIn({"adm", "geheim"}, {"anna", ""});
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == Errc::Denied);
  CHECK(status.error().describe().find("geheim") == std::string::npos);
  CHECK_FALSE((*connection)->dead());
}

TEST_CASE("what does not speak IMAP is no server") {
  for (const std::string& greeting :
       {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("* BYE full\r\n"),
        std::string("220 mail ESMTP\r\n"), std::string("\0\0\0\r\n", 5), std::string("* NO\r\n")}) {
    ImapServer server;
    server.greet(greeting);
    const auto connection = connectTo(server);
    INFO(greeting);
    REQUIRE_FALSE(connection.ok());
    CHECK(connection.error().code == Errc::Unavailable);
    CHECK_FALSE(connection.error().client.empty());
  }
}

TEST_CASE("a server that says nothing costs no more than the patience with it") {
  ImapServer server;
  server.on("NOOP", [](ImapServer::Talker& talker) {
    static_cast<void>(talker.more(1));  // for ever, as far as the client can see
    return std::string();
  });
  const auto connection = loggedIn(server, {.login = 5s, .silence = 200ms});
  const Steady began = Clock::system().steady();
  const auto reply = connection->ask(noop());
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().code == Errc::Timeout);
  CHECK(Clock::system().steady() - began < 5s);
  CHECK(connection->dead());
  CHECK_FALSE(connection->heard());
}

TEST_CASE("commands that were sent together get their own answers") {
  ImapServer server;
  server.on("STATUS", [](ImapServer::Talker& talker) {
    const std::string name = talker.line.substr(7, talker.line.find(' ', 7) - 7);
    return "* STATUS " + name + " (MESSAGES " + std::to_string(name.size()) + ")\r\n" + talker.tag +
           (name == "bad" ? " NO [NONEXISTENT] none\r\n" : " OK\r\n");
  });
  const auto connection = loggedIn(server);
  std::vector<Request> requests;
  for (int i = 0; i < 100; ++i) {
    std::string name = i == 50 ? "bad" : std::string(static_cast<std::size_t>(1 + i), 'a');
    requests.push_back(
        {.name = CommandName::Status, .args = imap::StatusArgs{{name}, {imap::StatusItem::Messages}}});
  }
  const auto replies = connection->askAll(requests);
  REQUIRE(replies.ok());
  REQUIRE(replies->size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK((*replies)[i].ok() == (i != 50));
    REQUIRE((*replies)[i].data.size() == 1);
    CHECK(std::get<imap::StatusData>((*replies)[i].data[0]).numbers[0].second == (i == 50 ? 3 : i + 1));
  }
  CHECK(expectOk((*replies)[50]).error().code == Errc::NotFound);
}

TEST_CASE("a literal waits for the server where it must, and its octets are whole") {
  const bool plus = GENERATE(true, false);
  ImapServer server(plus ? "IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN" : "IMAP4rev1 SASL-IR AUTH=PLAIN");
  std::string name;
  std::string text;
  server.on("APPEND", [&](ImapServer::Talker& talker) {
    std::string line = talker.line;
    // The mailbox's name is a literal, the message another.
    const auto brace = line.rfind('{');
    if (!plus) talker.say("+ go\r\n");
    name = talker.more(std::stoul(line.substr(brace + 1)));
    std::string rest;
    while (!rest.ends_with("\r\n")) rest += talker.more(1);
    talker.say("+ go\r\n");
    text = talker.more(std::stoul(rest.substr(rest.rfind('{') + 1)));
    static_cast<void>(talker.more(2));
    return talker.tag + " OK [APPENDUID 7 3] done\r\n";
  });
  const auto connection = loggedIn(server);
  const std::string odd = "a\"b\\c" + std::string(3000, 'x');  // too long to be quoted
  int left = 3;
  const auto reply = connection->append(odd, {}, 300'000, [&]() -> Result<Bytes> {
    return left-- > 0 ? Bytes(100'000, static_cast<char>('a' + left)) : Bytes();
  });
  REQUIRE(reply.ok());
  CHECK(reply->ok());
  CHECK(reply->done.code.kind == imap::ResponseCode::Kind::AppendUid);
  CHECK(name == odd);
  CHECK(text == std::string(100'000, 'c') + std::string(100'000, 'b') + std::string(100'000, 'a'));
}

TEST_CASE("a message that the server does not want is not sent") {
  ImapServer server;
  server.on("APPEND", [&](ImapServer::Talker& talker) { return talker.tag + " NO [OVERQUOTA] full\r\n"; });
  const auto connection = loggedIn(server);
  bool asked = false;
  const auto reply = connection->append("INBOX", {}, 1'000'000, [&]() -> Result<Bytes> {
    asked = true;
    return Bytes();
  });
  REQUIRE(reply.ok());
  CHECK(expectOk(*reply).error().code == Errc::OverQuota);
  CHECK_FALSE(asked);
  CHECK(connection->ask(noop()).ok());
}

TEST_CASE("a text that ends too early ends the connection, not the message") {
  ImapServer server;
  std::string got;
  server.on("APPEND", [&](ImapServer::Talker& talker) {
    talker.say("+ go\r\n");
    got = talker.more(1000);
    return got.size() < 1000 ? std::string() : talker.tag + " OK taken\r\n";
  });
  {
    const auto connection = loggedIn(server);
    int left = 1;
    const auto reply = connection->append(
        "INBOX", {}, 1000, [&]() -> Result<Bytes> { return left-- > 0 ? Bytes(10, 'x') : Bytes(); });
    CHECK_FALSE(reply.ok());
    CHECK(connection->dead());
  }
}

TEST_CASE("a goodbye in between is the end of the connection") {
  ImapServer server;
  server.on("NOOP", [](ImapServer::Talker&) { return std::string("* BYE too long\r\n"); });
  const auto connection = loggedIn(server);
  const auto reply = connection->ask(noop());
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().code == Errc::Unavailable);
  CHECK(connection->dead());
}

TEST_CASE("an answer without an end is given up") {
  ImapServer server;
  std::atomic<bool> stop = false;
  server.on("NOOP", [&](ImapServer::Talker& talker) {
    const std::string text(1024UL * 1024 - 20, 'x');
    for (int i = 0; i < 400 && !stop; ++i) talker.say("* OK [ALERT] " + text + "\r\n");
    return std::string();
  });
  {
    const auto connection = loggedIn(server);
    const auto reply = connection->ask(noop());
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().code == Errc::Unavailable);
    stop = true;
  }
}
