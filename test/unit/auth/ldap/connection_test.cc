// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/connection.h"

#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/dialer.h"
#include "test/unit/auth/ldap/fakes.h"

using namespace posthorn;
using namespace posthorn::auth;
using namespace posthorn::auth::ldap;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

/// A server that takes connections and may answer each with some octets.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(socket_.get(), 8) == 0);
    REQUIRE(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    host_ = {"127.0.0.1", ntohs(address.sin_port)};
  }
  [[nodiscard]] const LdapHost& host() const { return host_; }
  void close() { socket_.reset(); }
  /// Takes one connection, waits for a question, says `answer` and closes.
  std::thread answering(std::string answer) {
    return std::thread([this, answer = std::move(answer)] {
      const UniqueFd client(accept(socket_.get(), nullptr, nullptr));
      char buffer[512];
      if (read(client.get(), buffer, sizeof buffer) <= 0) return;
      if (!answer.empty() && write(client.get(), answer.data(), answer.size()) < 0) return;
    });
  }

 private:
  UniqueFd socket_;
  LdapHost host_;
};

Steady in(std::chrono::milliseconds time) {
  return Clock::system().steady() + time;
}

std::unique_ptr<Connection> connectTo(const LdapHost& host) {
  Dialer dialer(Clock::system());
  auto socket = dialer.dial(host.name, host.port, in(5s));
  REQUIRE(socket.ok());
  auto connection = Connection::adopt(*std::move(socket), host, Clock::system());
  REQUIRE(connection.ok());
  return *std::move(connection);
}

Result<BindAnswer> bindAnsweredBy(const std::string& answer) {
  Listener server;
  auto thread = server.answering(answer);
  auto connection = connectTo(server.host());
  auto result = connection->bind("uid=a,o=x", Secret("secret"s), in(5s));
  thread.join();
  return result;
}

// Message 1, BindResponse with a result code, no names and no text.
std::string bindResponse(char code) {
  return "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01"s + code + "\x04\x00\x04\x00"s;
}

}  // namespace

TEST_CASE("answers to a bind") {
  CHECK(bindAnsweredBy(bindResponse(0))->code == 0);
  CHECK(bindAnsweredBy(bindResponse(49))->code == 49);
  const auto busy = bindAnsweredBy(bindResponse(51));
  REQUIRE_FALSE(busy.ok());
  CHECK(busy.error().code == Errc::Unavailable);
}

TEST_CASE("a policy control comes with the answer") {
  const std::string oid = "1.3.6.1.4.1.42.2.27.8.5.1";
  const std::string value = "\x30\x03\x81\x01\x02"s;
  const std::string control = "\x30"s + static_cast<char>(oid.size() + value.size() + 4) + "\x04" +
                              static_cast<char>(oid.size()) + oid + "\x04" + static_cast<char>(value.size()) +
                              value;
  const std::string body = "\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"s + "\xa0" +
                           static_cast<char>(control.size()) + control;
  const auto answer = bindAnsweredBy("\x30"s + static_cast<char>(body.size()) + body);
  REQUIRE(answer.ok());
  CHECK(answer->policy.trouble == PolicyAnswer::Trouble::MustChange);
}

TEST_CASE("a server that speaks nonsense is no server") {
  for (const std::string& answer :
       {""s, "HTTP/1.1 400 Bad Request\r\n\r\n"s, "\x30\x84\x7f\xff\xff\xff"s, "\x30\x03\x02\x01"s,
        "\x30\x0c\x02\x01\x01\x61"s, "\x00\x00\x00\x00\x00\x00"s, std::string(4096, '\xff')}) {
    const auto result = bindAnsweredBy(answer);
    REQUIRE_FALSE(result.ok());
    CHECK((result.error().code == Errc::Unavailable || result.error().code == Errc::Timeout));
  }
}

TEST_CASE("a server that hangs costs no more than the deadline") {
  Listener server;  // takes connections into its backlog and never looks
  auto connection = connectTo(server.host());
  const Steady began = Clock::system().steady();
  const auto bound = connection->bind("uid=a,o=x", Secret("secret"s), in(200ms));
  REQUIRE_FALSE(bound.ok());
  CHECK(bound.error().code == Errc::Timeout);
  CHECK(Clock::system().steady() - began < 3s);
  auto another = connectTo(server.host());
  const auto found = another->search({"o=x", Scope::Subtree, "(uid=a)", {"uid"}, 2}, in(200ms));
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().code == Errc::Timeout);
  auto third = connectTo(server.host());
  CHECK_FALSE(third->stale());
  CHECK(third->startTls(in(200ms)).error().code == Errc::Timeout);
  auto fourth = connectTo(server.host());
  REQUIRE(fourth->prepareTls({false, "", "1.2"}).ok());
  CHECK(fourth->handshake(in(200ms)).error().code == Errc::Timeout);
  CHECK(Clock::system().steady() - began < 8s);
}

TEST_CASE("nothing is sent without a name and a password") {
  Listener server;
  auto connection = connectTo(server.host());
  CHECK(connection->bind("", Secret("x"s), in(5s)).error().code == Errc::Invalid);
  CHECK(connection->bind("uid=a,o=x", Secret(""s), in(5s)).error().code == Errc::Invalid);
  CHECK(connection->bind("not a name", Secret("x"s), in(100ms)).error().code != Errc::Invalid);
}

TEST_CASE("a filter that libldap cannot read is our fault, not the server's") {
  Listener server;
  auto connection = connectTo(server.host());
  const auto found = connection->search({"o=x", Scope::Subtree, "(uid", {}, 2}, in(1s));
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().code == Errc::Invalid);
}

TEST_CASE("a connection that the server has closed is stale") {
  Listener server;
  auto thread = server.answering("");
  auto connection = connectTo(server.host());
  const auto bound = connection->bind("uid=a,o=x", Secret("secret"s), in(5s));
  CHECK_FALSE(bound.ok());
  thread.join();
}

TEST_CASE("where nobody listens there is no connection") {
  Listener server;
  const LdapHost host = server.host();
  server.close();
  Dialer dialer(Clock::system());
  const auto socket = dialer.dial(host.name, host.port, in(5s));
  REQUIRE_FALSE(socket.ok());
  CHECK(socket.error().code == Errc::Unavailable);
  CHECK(socket.error().text.find("127.0.0.1") != std::string::npos);
  CHECK(dialer.dial("localhost", host.port, in(5s)).error().code == Errc::Unavailable);
}

TEST_CASE("an authority file that is none is said") {
  Listener server;
  auto connection = connectTo(server.host());
  const auto status = connection->prepareTls({true, "/does/not/exist.pem", "1.2"});
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().text.find("/does/not/exist.pem") != std::string::npos);
}
