// SPDX-License-Identifier: Apache-2.0
// RFC 6856 section 2.1: nothing outside ASCII in a header for a client that did not ask for UTF8.
#include "popd/surrogate.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "common/store/store.h"
#include "popd/reply.h"

using namespace posthorn;
using namespace posthorn::popd;

namespace {

bool ascii(View text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

/// Every line end is CRLF and no line is longer than RFC 5322 allows.
bool wellFormed(View text) {
  std::size_t from = 0;
  while (from < text.size()) {
    const auto end = text.find("\r\n", from);
    if (end == View::npos || end - from > 998) return false;
    from = end + 2;
  }
  return true;
}

struct World {
  explicit World(const std::string& text) {
    auto made = store::Store::open("memory:");
    REQUIRE(made.ok());
    store = *made;
    auto account = store->account({"anna", "", {}}, store::Engine::Create::Yes);
    REQUIRE(account.ok());
    auto inbox = account->mailbox("INBOX");
    auto writer = account->message(text.size());
    REQUIRE(writer.ok());
    REQUIRE(writer->write(text).ok());
    REQUIRE(writer->finish({}).ok());
    REQUIRE(inbox->append(*writer).ok());
    auto box = Maildrop::open(*account, Maildrop::Lock::No);
    REQUIRE(box.ok());
    drop = std::make_unique<Maildrop>(std::move(*box));
  }
  /// The whole response of RETR, or TOP.
  std::string get(std::optional<std::uint32_t> lines = {}) {
    auto body = drop->read(1);
    REQUIRE(body.ok());
    auto opening = openMessage(*drop, std::move(*body), lines,
                               [](std::uint64_t octets) { return okReply(std::to_string(octets)); });
    REQUIRE(opening.ok());
    std::string all = opening->head;
    if (!opening->transfer) return all;
    Window window = std::move(opening->first);
    while (true) {
      for (const net::Piece& piece : window.pieces) {
        const auto* text = std::get_if<std::string>(&piece);
        all.append(text != nullptr ? View(*text) : std::get<net::Slice>(piece).text);
      }
      if (window.last) return all;
      auto next = opening->transfer->more(*drop);
      REQUIRE(next.ok());
      window = std::move(*next);
    }
  }
  std::shared_ptr<store::Store> store;
  std::unique_ptr<Maildrop> drop;
};

}  // namespace

TEST_CASE("texts and display names become encoded words") {
  CHECK(asciiHeader("Subject: Gr\xC3\xBC\xC3\x9F"
                    "e\r\n") == "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n");
  CHECK(asciiHeader("From: J\xC3\xBCrgen M\xC3\xBCller <j@example.org>\r\n") ==
        "From: =?utf-8?B?SsO8cmdlbiBNw7xsbGVy?= <j@example.org>\r\n");
  CHECK(asciiHeader("To: \"M\xC3\xBCller, J.\" <j@example.org>, bert@example.org\r\n") ==
        "To: =?utf-8?B?TcO8bGxlciwgSi4=?= <j@example.org>,\r\n bert@example.org\r\n");
  CHECK(asciiHeader("Subject: \xE9t\xE9\r\n") == "Subject: =?unknown-8bit?B?6XTp?=\r\n");
}

TEST_CASE("an address that needs more than ASCII becomes one that nobody has") {
  CHECK(asciiHeader("From: X <j\xC3\xBC@example.org>\r\n") ==
        "From: X <internationalized-address@removed.invalid>\r\n");
  CHECK(asciiHeader("Cc: j\xC3\xBC@example.org, b@example.org\r\n") ==
        "Cc: internationalized-address@removed.invalid,\r\n b@example.org\r\n");
  CHECK(asciiHeader("Cc: \"j\xC3\xBC\"@example.org\r\n") ==
        "Cc: internationalized-address@removed.invalid\r\n");
}

TEST_CASE("fields in ASCII and the structure of others stay") {
  const std::string plain = "Received: from x\r\n\tby y\r\nSubject: a\r\n b\r\n.odd\r\n";
  CHECK(asciiHeader(plain) == plain);
  CHECK(asciiHeader("Content-Type: text/plain; name=\"\xC3\xBC.txt\"\r\n") ==
        "Content-Type: text/plain; name=\"__.txt\"\r\n");
  CHECK(asciiHeader("no field \xC3\xBC\r\n") == "no field __\r\n");
}

TEST_CASE("whatever a header holds, what comes out is ASCII in lines") {
  std::string seed =
      "From: \"\xC3\xBC <(,;:@>\\\r\n \xFF\xFE\" (\xC3\xBC\r\nSubject:\xC3\r\n\xBC: \xC3\xBC\r\n";
  for (std::size_t cut = 0; cut <= seed.size(); ++cut) {
    for (const char odd : {'\xC3', '"', '<', '(', '\\', ',', '\n'}) {
      std::string text = seed.substr(0, cut) + odd + seed.substr(cut);
      CHECK(ascii(asciiHeader(text)));
    }
  }
  std::string recipients = "To: ";
  for (int i = 0; i < 500; ++i) recipients += "M\xC3\xBCller <user" + std::to_string(i) + "@example.org>, ";
  const std::string made =
      asciiHeader(recipients + "x@example.org\r\nSubject: " + std::string(5000, '\xC3') + "\r\n");
  CHECK(ascii(made));
  CHECK(wellFormed(made));
}

TEST_CASE("RETR and TOP send the surrogate, and the original to clients that speak UTF8") {
  const std::string body =
      ".dot\r\nGr\xC3\xBC\xC3\x9F"
      "e\r\n";
  World world("Subject: \xC3\xBC\r\nX: 1\r\n\r\n" + body);
  const std::string header = "Subject: =?utf-8?B?w7w=?=\r\nX: 1\r\n\r\n";
  CHECK(world.get() ==
        "+OK " + std::to_string(header.size() + body.size()) + "\r\n" + header + "." + body + ".\r\n");
  CHECK(world.get(0) == "+OK " + std::to_string(header.size() + body.size()) + "\r\n" + header + ".\r\n");
  CHECK(world.get(1).ends_with("\r\n\r\n..dot\r\n.\r\n"));
  world.drop->setUtf8(true);
  CHECK(world.get().find("Subject: \xC3\xBC\r\n") != std::string::npos);
}

TEST_CASE("eight bits in the body alone change nothing") {
  World world("Subject: plain\r\n\r\n\xC3\xBC\r\n");
  CHECK(world.get() == "+OK 22\r\nSubject: plain\r\n\r\n\xC3\xBC\r\n.\r\n");
}

TEST_CASE("a message that is all header comes too") {
  World world("Subject: \xC3\xBC\r\n");
  CHECK(world.get() == "+OK 27\r\nSubject: =?utf-8?B?w7w=?=\r\n.\r\n");
}

TEST_CASE("a header that is too long to be rewritten is refused with the code") {
  World world("Subject: \xC3\xBC\r\nX: " + std::string(kMaxSurrogateHeader, 'x') + "\r\n\r\nbody\r\n");
  CHECK(world.get().starts_with("-ERR [UTF8] "));
  world.drop->setUtf8(true);
  CHECK(world.get().starts_with("+OK "));
}
