// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>

#include "common/tls/certificate.h"
#include "common/tls/context.h"
#include "common/tls/tickets.h"
#include "test/unit/net/support.h"
#include "test/unit/tls/support.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace posthorn::net::test;
using namespace posthorn::tls;
using namespace posthorn::tls::test;
using namespace std::chrono_literals;

namespace {

/// A stream that speaks TLS from the first byte, and its client.
struct Rig {
  explicit Rig(std::shared_ptr<const Context> given, const ClientSettings& settings = {})
      : Rig(std::move(given), settings, connectedPair()) {}
  Rig(std::shared_ptr<const Context> given, const ClientSettings& settings, Pair pair)
      : context(std::move(given)),
        stream(loop, std::move(pair.server), {}, {}, {.linger = 200ms}),
        client(loop, std::move(pair.client), settings) {
    stream.setHandler(&handler);
    stream.open(context->newLayer());
    client.start();
  }
  bool connect() {
    return loop.runUntil([&] { return (client.connected && handler.opened == 1) || client.failed; }) &&
           !client.failed;
  }
  std::shared_ptr<const Context> context;
  Loop loop;
  Recorder handler;
  Stream stream;
  TlsClient client;
};

}  // namespace

TEST_CASE("TLS from the first byte: agreed, readable, echoing") {
  Rig rig(makeContext({.alpn = {"pop3"}}), {.serverName = "localhost", .alpn = {"imap", "pop3"}});
  REQUIRE(rig.connect());
  rig.handler.doInput = [&] {
    rig.stream.write(rig.stream.input().view());
    rig.stream.input().clear();
  };
  REQUIRE(rig.stream.secure() != nullptr);
  CHECK(rig.stream.secure()->protocol == "TLSv1.3");
  CHECK(rig.stream.secure()->bits >= 128);
  CHECK(rig.stream.secure()->alpn == "pop3");
  CHECK(rig.stream.secure()->serverName == "localhost");
  CHECK_FALSE(rig.stream.secure()->resumed);
  for (const char c : std::string("CAPA\r\n")) {
    const std::size_t before = rig.client.got.size();
    rig.client.send(std::string(1, c));
    REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() == before + 1; }));
  }
  CHECK(rig.client.got == "CAPA\r\n");
  rig.stream.close();
  REQUIRE(rig.loop.runUntil([&] { return rig.client.eof; }));
}

TEST_CASE("big texts and files pass TLS byte for byte, both ways") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  Rig rig(makeContext({}), {.maxVersion = version});
  REQUIRE(rig.connect());
  const std::string body = pattern(3'000'000);
  FileRange part = fileOf(body);
  part.offset = 12'345;
  part.length = 2'500'000;
  rig.stream.write("+OK\r\n");
  rig.stream.writeFile(part);
  rig.stream.write(".\r\n");
  const std::string expected = "+OK\r\n" + body.substr(12'345, 2'500'000) + ".\r\n";
  REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() >= expected.size(); }));
  CHECK((rig.client.got == expected));
  CHECK(rig.stream.pendingMemory() == 0);

  std::string up;
  rig.handler.doInput = [&] {
    up += rig.stream.input().view();
    rig.stream.input().clear();
  };
  rig.client.send(body);
  REQUIRE(rig.loop.runUntil([&] { return up.size() == body.size(); }));
  CHECK((up == body));
}

TEST_CASE("input that fills the buffer is not forgotten inside the TLS library") {
  Rig rig(makeContext({}));
  REQUIRE(rig.connect());
  const std::string sent = pattern(200'000);
  rig.client.send(sent);
  REQUIRE(rig.loop.runUntil([&] { return rig.stream.input().full(); }));
  std::string got;
  // Consumed outside of onInput, as after a job: what waits in the library must come without a readable
  // socket.
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (got.size() < sent.size() && std::chrono::steady_clock::now() < end) {
    got += rig.stream.input().view().substr(0, 1000);
    rig.stream.input().consume(1000);
    rig.loop.runOnce(rig.stream.input().empty() ? 5ms : 0ms);
  }
  CHECK((got == sent));
}

TEST_CASE("a reader that stops costs one window of memory under TLS") {
  Rig rig(makeContext({}));
  REQUIRE(rig.connect());
  rig.client.listen(false);
  const std::string body = pattern(10'000'000);
  rig.stream.writeFile(fileOf(body));
  for (int i = 0; i < 50; ++i) rig.loop.runOnce(2ms);
  CHECK(rig.stream.pending() > 1'000'000);
  CHECK(rig.stream.pendingMemory() < 256UL * 1024);
  rig.client.listen(true);
  REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() == body.size(); }));
  CHECK((rig.client.got == body));
}

TEST_CASE("STLS turns a clear stream into a TLS one") {
  Pair pair = connectedPair();
  Loop loop;
  Recorder handler;
  Stream stream(loop, std::move(pair.server), {}, {});
  stream.setHandler(&handler);
  const auto context = makeContext({});
  handler.doInput = [&] {
    if (stream.secure() != nullptr) return;
    CHECK(stream.input().view() == "STLS\r\n");
    stream.input().clear();
    CHECK(stream.startTls(context->newLayer(), "+OK begin\r\n", "-ERR no\r\n").ok());
  };
  stream.open();
  REQUIRE(::send(pair.client.get(), "STLS\r\n", 6, 0) == 6);
  char reply[64];
  REQUIRE(loop.runUntil([&] { return stream.state() == Transport::Handshake; }));
  for (int i = 0; i < 5; ++i) loop.runOnce(2ms);
  REQUIRE(::recv(pair.client.get(), reply, sizeof reply, 0) == 11);
  CHECK(std::string(reply, 11) == "+OK begin\r\n");
  TlsClient client(loop, std::move(pair.client), {});
  client.start();
  REQUIRE(loop.runUntil([&] { return handler.opened == 2; }));
  client.send("CAPA\r\n");
  REQUIRE(loop.runUntil([&] { return stream.input().view() == "CAPA\r\n"; }));
  CHECK_FALSE(stream.startTls(context->newLayer(), "+OK", "-ERR").ok());
}

TEST_CASE("clear text behind STLS is thrown away and the connection closed") {
  const bool sameSegment = GENERATE(true, false);
  Pair pair = connectedPair();
  Loop loop;
  Recorder handler;
  Stream stream(loop, std::move(pair.server), {}, {}, {.linger = 50ms});
  net::test::Client client(loop, std::move(pair.client));
  stream.setHandler(&handler);
  const auto context = makeContext({});
  std::optional<Status> started;
  handler.doInput = [&] {
    stream.input().consume(6);
    if (!sameSegment) client.send("USER mallory\r\n");  // it waits in the kernel, not in the buffer
    started = stream.startTls(context->newLayer(), "+OK begin\r\n", "-ERR pipelined\r\n");
  };
  stream.open();
  client.send(sameSegment ? "STLS\r\nUSER mallory\r\n" : "STLS\r\n");
  REQUIRE(loop.runUntil([&] { return client.eof; }));
  REQUIRE(started);
  REQUIRE_FALSE(started->ok());
  CHECK(started->error().code == Errc::Denied);
  CHECK(client.got == "-ERR pipelined\r\n");
  CHECK(stream.input().empty());
  REQUIRE(loop.runUntil([&] { return handler.closed == 1; }));
  CHECK(handler.inputs == 1);
}

TEST_CASE("garbage instead of a handshake ends the stream with a readable reason") {
  Pair pair = connectedPair();
  Loop loop;
  Recorder handler;
  Stream stream(loop, std::move(pair.server), {}, {}, {.linger = 50ms});
  stream.setHandler(&handler);
  net::test::Client client(loop, std::move(pair.client));
  stream.open(makeContext({})->newLayer());
  client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  REQUIRE(loop.runUntil([&] { return handler.closed == 1; }));
  REQUIRE(handler.error);
  CHECK(handler.error->text == "TLS handshake: http request");
  CHECK(handler.opened == 0);
}

TEST_CASE("every byte of random garbage ends, none crashes") {
  const auto context = makeContext({});
  for (std::size_t seed = 0; seed < 50; ++seed) {
    Pair pair = connectedPair();
    Loop loop;
    Recorder handler;
    Stream stream(loop, std::move(pair.server), {}, {}, {.linger = 20ms});
    stream.setHandler(&handler);
    net::test::Client client(loop, std::move(pair.client));
    stream.open(context->newLayer());
    client.send(pattern(2000 + seed).substr(seed));
    client.halfClose();
    REQUIRE(loop.runUntil([&] { return handler.closed == 1; }));
    CHECK(handler.error);
  }
}

TEST_CASE("the certificate is chosen by the name that the client asks for") {
  const auto context = makeContext(
      {.identities = {
           makeIdentity("default.example"), makeIdentity("mail", "DNS:mail.example.org,DNS:pop.example.org"),
           makeIdentity("wild", "DNS:*.example.org"), makeIdentity("exact", "DNS:x.example.org")}});
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"", "default.example"},
      {"default.example", "default.example"},
      {"mail.example.org", "mail"},
      {"POP.Example.ORG", "mail"},
      {"other.example.org", "wild"},
      {"x.example.org", "exact"},
      {"a.b.example.org", "default.example"},
      {"example.org", "default.example"},
  };
  for (const auto& [asked, shown] : expected) {
    INFO(asked);
    Rig rig(context, {.serverName = asked});
    REQUIRE(rig.connect());
    CHECK(rig.client.certificateName() == shown);
  }
}

TEST_CASE("an RSA and an ECDSA certificate of the same names serve old and new clients") {
  const auto context = makeContext({.identities = {makeIdentity("both", "DNS:both.example"),
                                                   makeIdentity("both", "DNS:both.example", true)}});
  Rig ecdsa(context, {.serverName = "both.example", .sigalgs = "ECDSA+SHA256"});
  CHECK(ecdsa.connect());
  Rig rsa(context, {.serverName = "both.example", .sigalgs = "RSA-PSS+SHA256"});
  CHECK(rsa.connect());
}

TEST_CASE("a session resumes in another context with the same ticket keys, and only there") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  CAPTURE(version);
  const Identity identity = makeIdentity("localhost");
  const std::string key = TicketKeys::makeKey();
  const auto first = makeContext({.identities = {identity}, .ticketKeys = {key}});
  SessionPtr session;
  {
    Rig rig(first, {.serverName = "localhost", .maxVersion = version});
    REQUIRE(rig.connect());
    REQUIRE(rig.loop.runUntil([&] { return rig.client.session != nullptr; }));
    session = std::move(rig.client.session);
  }
  const auto resumes = [&](const TicketKeys& keys) {
    const SessionPtr copy(SSL_SESSION_dup(session.get()));  // a client of TLS 1.3 uses a ticket once
    Rig rig(makeContext({.identities = {identity}, .ticketKeys = keys}),
            {.serverName = "localhost", .maxVersion = version, .session = copy.get()});
    REQUIRE(rig.connect());
    return rig.stream.secure()->resumed;
  };
  CHECK(resumes({key}));
  CHECK(resumes({TicketKeys::makeKey() + key}));  // rotated: the older key still opens it
  CHECK_FALSE(resumes({TicketKeys::makeKey()}));
  CHECK_FALSE(resumes({}));
}

TEST_CASE("a client that offers only foreign protocols by ALPN is refused, one that offers none is not") {
  const auto context = makeContext({.alpn = {"imap"}});
  Rig foreign(context, {.alpn = {"http/1.1"}});
  CHECK_FALSE(foreign.connect());
  CHECK(foreign.client.error.find("no application protocol") != std::string::npos);
  Rig none(context);
  REQUIRE(none.connect());
  CHECK(none.stream.secure()->alpn.empty());
}

TEST_CASE("old versions of TLS are refused") {
  const auto context = makeContext({});
  Rig old(context, {.maxVersion = TLS1_1_VERSION, .ciphers = "ALL:@SECLEVEL=0"});
  CHECK_FALSE(old.connect());
  const auto strict = makeContext({.minVersion = MinVersion::Tls13});
  Rig tooOld(strict, {.maxVersion = TLS1_2_VERSION});
  CHECK_FALSE(tooOld.connect());
  CHECK(parseMinVersion("1.3").value() == MinVersion::Tls13);
  CHECK_FALSE(parseMinVersion("1.1").ok());
}

TEST_CASE("an unusable certificate or key is named with what is wrong") {
  const Identity good = makeIdentity("good");
  const auto errorOf = [](const Identity& identity) {
    const auto made = Context::make({.identities = {identity}});
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Errc::Invalid);
    return made.error().text;
  };
  Identity mixed = good;
  mixed.keyPem = makeIdentity("other").keyPem;
  CHECK(errorOf(mixed).find("certificate good: the key does not belong to it") == 0);
  Identity noKey = good;
  noKey.keyPem = "nothing";
  CHECK(errorOf(noKey).find("certificate good: no PEM private key") == 0);
  Identity noCert = good;
  noCert.certificatePem = "nothing";
  CHECK(errorOf(noCert).find("certificate good: no PEM certificate") == 0);
  Identity brokenChain = good;
  brokenChain.certificatePem += "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydA==\n-----END CERTIFICATE-----\n";
  CHECK(errorOf(brokenChain).find("certificate good: a certificate of the chain cannot be read") == 0);
  CHECK_FALSE(Context::make({}).ok());
  CHECK_FALSE(Context::make({.identities = {good}, .ticketKeys = {"short"}}).ok());
}

TEST_CASE("names with wildcards fit one label") {
  CHECK(nameFits("a.example", "a.example"));
  CHECK(nameFits("*.example", "a.example"));
  CHECK_FALSE(nameFits("*.example", "a.b.example"));
  CHECK_FALSE(nameFits("*.example", ".example"));
  CHECK_FALSE(nameFits("*.example", "example"));
  CHECK_FALSE(nameFits("a.example", "b.example"));
}
