// SPDX-License-Identifier: Apache-2.0
#include "popd/transfer.h"

#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "common/base/unique_fd.h"
#include "common/store/store.h"

using namespace posthorn;
using namespace posthorn::popd;

namespace {

/// A maildrop of a store in memory, filled with `texts`.
struct World {
  explicit World(const std::vector<std::string>& texts) {
    auto made = store::Store::open("memory:");
    REQUIRE(made.ok());
    store = *made;
    auto opened = store->account({"anna", "", {}}, store::Engine::Create::Yes);
    REQUIRE(opened.ok());
    for (const std::string& text : texts) {
      auto inbox = opened->mailbox("INBOX");
      REQUIRE(inbox.ok());
      auto writer = opened->message(text.size());
      REQUIRE(writer.ok());
      REQUIRE(writer->write(text).ok());
      REQUIRE(writer->finish({}).ok());
      REQUIRE(inbox->append(*writer).ok());
    }
    auto box = Maildrop::open(*opened, Maildrop::Lock::No);
    REQUIRE(box.ok());
    drop = std::make_unique<Maildrop>(std::move(*box));
  }
  std::shared_ptr<store::Store> store;
  std::unique_ptr<Maildrop> drop;
};

struct Sent {
  std::string text;
  std::size_t windows = 0;
  std::size_t mostPieces = 0;
};

/// Everything that a transfer sends; no window may hold more than its bound and what is doubled in it.
Sent sent(Transfer& transfer, const Maildrop& box, std::size_t bound) {
  Sent all;
  for (bool last = false; !last;) {
    auto window = transfer.more(box);
    REQUIRE(window.ok());
    last = window->last;
    std::size_t memory = 0;
    for (const net::Piece& piece : window->pieces) {
      const auto* text = std::get_if<std::string>(&piece);
      const auto* slice = std::get_if<net::Slice>(&piece);
      REQUIRE((text != nullptr || slice != nullptr));
      const View view = text != nullptr ? View(*text) : slice->text;
      memory += view.size();
      all.text.append(view);
    }
    CHECK(memory <= 2 * bound + 128);
    all.mostPieces = std::max(all.mostPieces, window->pieces.size());
    ++all.windows;
  }
  return all;
}

Sent message(World& world, MessageNumber number, std::optional<std::uint32_t> lines = {},
             bool whole = false) {
  auto body = world.drop->read(number);
  REQUIRE(body.ok());
  if (!whole) body->dotLines = true;  // as if it had to be looked at
  MessageTransfer transfer(std::move(*body), lines);
  return sent(transfer, *world.drop, whole ? 1U << 30U : MessageTransfer::kWindow);
}

}  // namespace

TEST_CASE("large messages go out in windows, verbatim ones in one") {
  std::string text = "Subject: x\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\r\n";
  World world({text});
  const Sent windows = message(world, 1);
  CHECK(windows.text == text + ".\r\n");
  CHECK(windows.windows > 1);
  const Sent whole = message(world, 1, {}, true);
  CHECK(whole.text == windows.text);
  CHECK(whole.windows == 1);
}

TEST_CASE("a message of dots makes no more slices than a few hundred") {
  std::string text = "Subject: x\r\n\r\n";
  std::string expected = text;
  for (int i = 0; i < 100'000; ++i) {
    text += ".\r\n";
    expected += "..\r\n";
  }
  World world({text});
  const Sent all = message(world, 1);
  CHECK(all.text == expected + ".\r\n");
  CHECK(all.mostPieces <= 1100);
}

TEST_CASE("TOP ends where it should, whichever way it goes") {
  World world({"a: b\r\n\r\none\r\ntwo\r\n"});
  for (const bool whole : {false, true}) {
    CHECK(message(world, 1, 0, whole).text == "a: b\r\n\r\n.\r\n");
    CHECK(message(world, 1, 1, whole).text == "a: b\r\n\r\none\r\n.\r\n");
    CHECK(message(world, 1, 9, whole).text == "a: b\r\n\r\none\r\ntwo\r\n.\r\n");
  }
}

TEST_CASE("listings leave marked messages out") {
  World world({"a: 1\r\n\r\n", "a: 22\r\n\r\n", "a: 333\r\n\r\n"});
  world.drop->mark(2);
  ListingTransfer transfer([](const Maildrop& box, MessageNumber number, std::string& out) {
    out += std::to_string(box.size(number));
  });
  CHECK(sent(transfer, *world.drop, ListingTransfer::kWindow).text == "1 8\r\n3 10\r\n.\r\n");
}

TEST_CASE("marks count until they are taken away, and go in one commit") {
  World world({"a: 1\r\n\r\n", "a: 22\r\n\r\n"});
  Maildrop& box = *world.drop;
  CHECK(box.octets() == 17);
  box.mark(1);
  CHECK(box.messages() == 1);
  CHECK(box.octets() == 9);
  CHECK(box.visible(1).error().code == Errc::NotFound);
  CHECK(box.visible(3).error().code == Errc::NotFound);
  CHECK(box.visible(0).error().code == Errc::NotFound);
  box.unmarkAll();
  CHECK(box.messages() == 2);
  box.mark(2);
  REQUIRE(box.removeMarked().status.ok());
  auto account = world.store->account({"anna", "", {}}, store::Engine::Create::No);
  REQUIRE(account.ok());
  CHECK(Maildrop::open(*account, Maildrop::Lock::No).value().last() == 1);
}
