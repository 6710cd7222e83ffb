// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/smtp_submission.h"

#include <thread>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "common/base/ascii.h"
#include "mshttpd/backend/smtp_talk.h"

namespace posthorn::mshttpd::backend {
namespace {

/// An SMTP server for one connection: each rule is said to the first command that begins so and then is
/// spent;
/// "" is the greeting, "." the end of the message. A rule of "(close)" hangs up, one of "(wait)" says
/// nothing.
class Server {
 public:
  using Rules = std::vector<std::pair<std::string, std::string>>;

  explicit Server(Rules rules)
      : rules_(std::move(rules)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof any;
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&any), length) == 0);
    REQUIRE(::listen(listener_.get(), 5) == 0);
    REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&any), &length) == 0);
    port = ntohs(any.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  /// All lines that came; when the client has gone.
  std::string heard() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([] {});
    return heard_;
  }

  std::uint16_t port = 0;

 private:
  void serve() {
    UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer || !say(peer, "")) return;
    std::string buffer;
    bool inData = false;
    for (;;) {
      char window[4096];
      const ssize_t got = ::recv(peer.get(), window, sizeof window, 0);
      if (got <= 0) return;
      buffer.append(window, static_cast<std::size_t>(got));
      for (std::size_t end = 0; (end = buffer.find("\r\n")) != std::string::npos;) {
        const std::string line = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        heard_ += line + "\n";
        if (inData && line != ".") continue;
        inData = line == "DATA";
        if (!say(peer, line)) return;
      }
    }
  }
  bool say(const UniqueFd& peer, const std::string& line) {
    for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
      if (line.compare(0, rule->first.size(), rule->first) != 0 || (rule->first.empty() != line.empty()))
        continue;
      std::string reply = rule->second;
      rules_.erase(rule);
      if (reply == "(close)") return false;
      if (reply == "(wait)") return true;
      reply += "\r\n";
      return ::send(peer.get(), reply.data(), reply.size(), MSG_NOSIGNAL) ==
             static_cast<ssize_t>(reply.size());
    }
    return line == "QUIT" ? false : ::send(peer.get(), "500 ?\r\n", 7, MSG_NOSIGNAL) == 7;
  }

  Rules rules_;
  UniqueFd listener_;
  std::thread thread_;
  std::string heard_;
};

SmtpSettings settings(std::initializer_list<std::uint16_t> ports) {
  SmtpSettings out;
  for (const std::uint16_t port : ports) out.places.push_back({"127.0.0.1", port, {}});
  out.hello = "mail.example.com";
  out.tls = SmtpSettings::Tls::Never;
  out.connect = std::chrono::seconds(5);
  out.command = std::chrono::seconds(5);
  out.finish = std::chrono::milliseconds(300);
  return out;
}

/// A port where nobody listens.
std::uint16_t nobody() {
  const Server gone({});
  return gone.port;
}

Source sourceOf(Bytes text) {
  return [text = std::move(text)]() mutable -> Result<Bytes> { return std::exchange(text, {}); };
}

const Bytes kMessage = "Subject: x\r\n\r\n.dot\r\n..\r\nend";

Server::Rules rules(const Server::Rules& more = {}) {
  Server::Rules out = more;
  const Server::Rules usual = {
      {"", "220 hello"},
      {"EHLO mail.example.com", "250-hello\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n250 SIZE 1000"},
      {"MAIL FROM:<anna@example.com>", "250 2.1.0 Ok"},
      {"RCPT TO:<b@example.com>", "250 2.1.5 Ok"},
      {"RCPT TO:<c@example.com>", "250 2.1.5 Ok c"},
      {"DATA", "354 go"},
      {".", "250 2.0.0 queued as X"},
      {"QUIT", "221 bye"}};
  out.insert(out.end(), usual.begin(), usual.end());
  return out;
}

Envelope envelope() {
  return {"anna@example.com", {}, {{"b@example.com", {}}, {"c@example.com", {}}}};
}

Result<Sent> send(SmtpSettings with, const Envelope& to = envelope(), bool eightBit = false) {
  return SmtpSubmission(std::move(with)).send(to, sourceOf(kMessage), kMessage.size(), eightBit);
}

}  // namespace

TEST_CASE("a message is handed over", "[smtp]") {
  Server server(rules());
  const auto sent = send(settings({server.port}), envelope(), true);
  REQUIRE(sent.ok());
  CHECK(sent->recipients[0].text == "250 2.1.5 Ok");
  CHECK(sent->recipients[1].text == "250 2.1.5 Ok c");
  CHECK(sent->data.code == 250);
  CHECK(sent->data.text == "250 2.0.0 queued as X");
  CHECK(server.heard() ==
        "EHLO mail.example.com\nMAIL FROM:<anna@example.com> SIZE=27 BODY=8BITMIME\nRCPT TO:<b@example.com>\n"
        "RCPT TO:<c@example.com>\nDATA\nSubject: x\n\n..dot\n...\nend\n.\nQUIT\n");
}

TEST_CASE("each recipient has its own reply", "[smtp]") {
  Server server(rules({{"RCPT TO:<b", "550-5.1.1 no\r\n550 5.1.1 such user"}}));
  auto sent = send(settings({server.port}));
  REQUIRE(sent.ok());
  CHECK(sent->recipients[0].code == 550);
  CHECK(sent->recipients[0].text == "550-5.1.1 no\n550 5.1.1 such user");
  CHECK(sent->recipients[1].code == 250);
  CHECK(sent->data.code == 250);
  Server none(rules({{"RCPT TO:<b", "550 no"}, {"RCPT TO:<c", "450 later"}}));
  sent = send(settings({none.port}));
  REQUIRE(sent.ok());
  CHECK(sent->recipients[1].code == 450);
  CHECK(sent->data.code == 0);
  CHECK(none.heard().find("DATA") == std::string::npos);
}

TEST_CASE("by LMTP each recipient is answered once more behind the message", "[smtp]") {
  const std::pair<std::string, std::string> hello{"LHLO mail.example.com", "250-hello\r\n250 PIPELINING"};
  const auto lmtp = [](std::uint16_t port) {
    SmtpSettings with = settings({port});
    with.lmtp = true;
    return with;
  };
  Server server(rules({hello, {".", "552 5.2.2 full\r\n250 2.0.0 delivered"}}));
  auto sent = send(lmtp(server.port));
  REQUIRE(sent.ok());
  CHECK(sent->recipients[0].text == "552 5.2.2 full");
  CHECK(sent->recipients[1].text == "250 2.0.0 delivered");
  CHECK(sent->data.text == "250 2.0.0 delivered");
  // One that was refused before is not answered again.
  Server one(rules({hello, {"RCPT TO:<b", "550 5.1.1 no"}, {".", "250 2.0.0 delivered"}}));
  sent = send(lmtp(one.port));
  REQUIRE(sent.ok());
  CHECK(sent->recipients[0].code == 550);
  CHECK(sent->recipients[1].text == "250 2.0.0 delivered");
  // The first has the message: nobody may think that nothing was sent.
  Server half(rules({hello, {".", "250 2.0.0 delivered"}}));
  sent = send(lmtp(half.port));
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().code == Errc::Timeout);
  Server smtp(rules({{"LHLO", "500 what"}}));
  sent = send(lmtp(smtp.port));
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().text.find("http.smtplmtp") != std::string::npos);
}

TEST_CASE("a message that is refused after its end", "[smtp]") {
  Server server(rules({{".", "554 5.7.1 spam"}}));
  const auto sent = send(settings({server.port}));
  REQUIRE(sent.ok());
  CHECK(sent->data.text == "554 5.7.1 spam");
}

TEST_CASE("the next host takes what the first cannot", "[smtp]") {
  for (const Server::Rules& first :
       {Server::Rules{{"", "421 busy"}}, Server::Rules{{"", "(close)"}}, rules({{"MAIL", "451 later"}}),
        rules({{"EHLO", "500 ?"}, {"HELO", "500 ?"}}), rules({{"RCPT TO:<b", "(close)"}}),
        rules({{"DATA", "(close)"}})}) {
    Server broken(first);
    Server good(rules());
    const auto sent = send(settings({nobody(), broken.port, good.port}));
    REQUIRE(sent.ok());
    CHECK(sent->data.code == 250);
    CHECK(good.heard().find("\nend\n.\n") != std::string::npos);
  }
}

TEST_CASE("nothing is sent twice once it may have gone", "[smtp]") {
  for (const char* end : {"(close)", "(wait)", "nonsense", "354 go on"}) {
    Server first(rules({{".", end}}));
    Server second(rules());
    const auto sent = send(settings({first.port, second.port}));
    REQUIRE(!sent.ok());
    CHECK(sent.error().code == Errc::Timeout);
    CHECK(sent.error().client.find("may have gone out") != std::string::npos);
    CHECK(second.heard().empty());
  }
}

TEST_CASE("a server that takes DATA for done has nothing", "[smtp]") {
  Server odd(rules({{"DATA", "250 2.0.0 queued as Y"}}));
  auto sent = send(settings({odd.port}));
  REQUIRE(!sent.ok());
  CHECK(sent.error().code == Errc::Unavailable);
  CHECK(odd.heard().find("Subject") == std::string::npos);
  Server first(rules({{"DATA", "334 what"}}));
  Server good(rules());
  CHECK(send(settings({first.port, good.port})).ok());
}

TEST_CASE("replies of all shapes are read or refused, and none is held without a bound", "[smtp]") {
  const std::string text(3900, 'x');
  Server wordy(rules({{"RCPT TO:<b", "250 " + text}, {".", "250-a\r\n250-b\r\n250"}}));
  const auto sent = send(settings({wordy.port}));
  REQUIRE(sent.ok());
  CHECK(sent->recipients[0].text == "250 " + text);
  CHECK(sent->data.text == "250-a\n250-b\n250");
  std::string endless;
  for (int i = 0; i < 101; ++i) endless += "250-more\r\n";
  for (const std::string& bad :
       {std::string("250 ") + std::string(9000, 'x'), endless + "250 end", std::string("199 x"),
        std::string("250_x"), std::string("250-a\r\n550 b"), std::string()}) {
    Server server(rules({{"MAIL", bad}}));
    CHECK(send(settings({server.port})).error().code == Errc::Unavailable);
  }
}

TEST_CASE("nobody there: try again later", "[smtp]") {
  const auto sent = send(settings({nobody(), nobody()}));
  REQUIRE(!sent.ok());
  CHECK(sent.error().code == Errc::Unavailable);
  CHECK(sent.error().client.find("was not sent") != std::string::npos);
  CHECK(sent.error().client.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("a sender who is refused is told, and no other host is asked", "[smtp]") {
  Server server(rules({{"MAIL", "550 5.7.1 not you"}}));
  Server second(rules());
  const auto sent = send(settings({server.port, second.port}));
  REQUIRE(!sent.ok());
  CHECK(sent.error().code == Errc::Denied);
  CHECK(sent.error().client.find("550 5.7.1 not you") != std::string::npos);
  CHECK(second.heard().empty());
}

TEST_CASE("what the server does not offer is not asked of it", "[smtp]") {
  const Server::Rules old = {{"EHLO", "500 what"}, {"HELO mail.example.com", "250 hello"}};
  Server plain(rules(old));
  CHECK(send(settings({plain.port})).ok());
  CHECK(plain.heard().find("MAIL FROM:<anna@example.com>\n") != std::string::npos);
  Server seven(rules(old));
  CHECK(send(settings({seven.port}), envelope(), true).error().code == Errc::Unsupported);
  Envelope dsn = envelope();
  dsn.to[0].parameters = {"NOTIFY=SUCCESS"};
  Server without(rules(old));
  CHECK(send(settings({without.port}), dsn).error().code == Errc::Unsupported);
  Server with(rules());
  CHECK(send(settings({with.port}), dsn).ok());
  CHECK(with.heard().find("RCPT TO:<b@example.com> NOTIFY=SUCCESS\n") != std::string::npos);
  Server small(rules({{"EHLO", "250-x\r\n250 SIZE 10"}}));
  const auto large = send(settings({small.port}));
  REQUIRE(large.ok());
  CHECK(large->mostOctets == 10);
  CHECK(small.heard().find("MAIL") == std::string::npos);
}

TEST_CASE("logins", "[smtp]") {
  SmtpSettings with = settings({});
  with.user = "web";
  with.password = "secret";
  const std::pair<const char*, std::string> rows[] = {
      {"AUTH LOGIN PLAIN", "AUTH PLAIN AHdlYgBzZWNyZXQ=\n"},
      {"AUTH=PLAIN", "AUTH PLAIN AHdlYgBzZWNyZXQ=\n"},
      {"AUTH LOGIN", "AUTH LOGIN\nd2Vi\nc2VjcmV0\n"},
  };
  for (const auto& [offer, wanted] : rows) {
    Server server(rules({{"EHLO", std::string("250-x\r\n250 ") + offer},
                         {"AUTH PLAIN", "235 ok"},
                         {"AUTH LOGIN", "334 VXNlcm5hbWU6"},
                         {"d2Vi", "334 UGFzc3dvcmQ6"},
                         {"c2VjcmV0", "235 ok"}}));
    with.places = {{"127.0.0.1", server.port, {}}};
    CHECK(send(with).ok());
    CHECK(server.heard().find(wanted) != std::string::npos);
  }
  Server refusing(rules({{"EHLO", "250-x\r\n250 AUTH PLAIN"}, {"AUTH", "535 wrong"}}));
  with.places = {{"127.0.0.1", refusing.port, {}}};
  CHECK(send(with).error().code == Errc::Unavailable);
  Server without(rules());
  with.places = {{"127.0.0.1", without.port, {}}};
  CHECK(send(with).error().code == Errc::Unavailable);
}

TEST_CASE("an envelope cannot carry commands", "[smtp]") {
  for (const char* bad : {"b@example.com>\r\nDATA", "b\n@x", "\xC3\xBC@x", ""}) {
    Envelope to = envelope();
    to.to[0].address = bad;
    CHECK(send(settings({1}), to).error().code == Errc::Invalid);
  }
  for (const char* bad : {"NOTIFY=NEVER\r\nDATA", "BODY=8BITMIME", "NOTIFY=A B", "SIZE=1"}) {
    Envelope to = envelope();
    to.fromParameters = {bad};
    CHECK(send(settings({1}), to).error().code == Errc::Invalid);
  }
}

TEST_CASE("dots are doubled in pieces of any size", "[smtp]") {
  const Bytes text = ".\r\n..a\r\nb.\r\n\r.\n.\r\n.";
  for (std::size_t step = 1; step < 8; ++step) {
    DotStuffing dots;
    Bytes out;
    for (std::size_t at = 0; at < text.size(); at += step) dots.feed(View(text).substr(at, step), out);
    dots.finish(out);
    CHECK(out == "..\r\n...a\r\nb.\r\n\r.\n.\r\n..\r\n");
  }
  DotStuffing none;
  Bytes out;
  none.finish(out);
  CHECK(out.empty());
}

TEST_CASE("places", "[smtp]") {
  const std::tuple<const char*, const char*, int> rows[] = {{"mail", "mail", 25},
                                                            {"mail:587", "mail", 587},
                                                            {"[::1]", "::1", 25},
                                                            {"[::1]:26", "::1", 26},
                                                            {"::1", "::1", 25}};
  for (const auto& [text, host, port] : rows) {
    const Place place = parsePlace(text, 25);
    CHECK(place.host == host);
    CHECK(place.port == port);
  }
}

}  // namespace posthorn::mshttpd::backend
