// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/proc/message.h"
#include "common/proc/sealed_memfd.h"
#include "common/proc/tls_material.h"
#include "common/proc/worker_link.h"

using namespace posthorn;
using namespace posthorn::proc;

TEST_CASE("every field of a message survives its packet") {
  Message message;
  message.kind = Kind::Launch;
  message.service = "pop";
  message.generation = 1ULL << 60;
  message.slot = 255;
  message.index = 31;
  message.pid = 4194304;
  message.number = 9;
  message.seconds = std::chrono::hours(24 * 7);
  message.text = "why \"not\"\n\xff";
  message.listeners = {{"0.0.0.0", 110, false}, {"::1", 995, true}};
  message.eventWakes = 64;
  message.eventSlot = 0;
  const auto again = decode(encode(message));
  REQUIRE(again.ok());
  CHECK(again->kind == Kind::Launch);
  CHECK(again->service == "pop");
  CHECK(again->generation == 1ULL << 60);
  CHECK(again->slot == 255);
  CHECK(again->index == 31);
  CHECK(again->pid == 4194304);
  CHECK(again->number == 9);
  CHECK(again->seconds == std::chrono::hours(24 * 7));
  CHECK(again->text.starts_with("why \"not\"\n"));
  REQUIRE(again->listeners.size() == 2);
  CHECK(again->listeners[1].address == "::1");
  CHECK(again->listeners[1].port == 995);
  CHECK(again->listeners[1].tls);
  CHECK(again->eventWakes == 64);
  CHECK(again->eventSlot == 0U);
  CHECK_FALSE(decode(encode(Message())).value().eventSlot.has_value());
}

TEST_CASE("packets of others are refused, members of later releases are not") {
  CHECK(decode(R"({"protocol":1,"kind":"ready","later":[1,2]})").ok());
  for (const char* packet :
       {"", "7", "{}", R"({"protocol":2,"kind":"ready"})", R"({"protocol":1,"kind":"reboot"})",
        R"({"protocol":1,"kind":"ready","slot":-1})", R"({"protocol":1,"kind":"ready","slot":4294967296})",
        R"({"protocol":1,"kind":"ready","slot":1.5})", R"({"protocol":1,"kind":"launch","listeners":[7]})",
        R"({"protocol":1,"kind":"launch","listeners":[{"port":65536}]})",
        R"({"protocol":1,"kind":"failed","text":7})", R"({"protocol":1,"kind":"launch","eventslot":"0"})",
        R"({"protocol":1,"kind":"launch","eventwakes":-1})"})
    CHECK_FALSE(decode(packet).ok());
}

TEST_CASE("a link carries messages with descriptors and tells its end") {
  auto ends = Link::pair();
  REQUIRE(ends.ok());
  auto& [left, right] = *ends;
  const auto nothing = right.receive();
  REQUIRE(nothing.ok());
  CHECK_FALSE(nothing->has_value());
  const auto memfd = sealedMemfd("test", "content");
  REQUIRE(memfd.ok());
  Message message;
  message.kind = Kind::Snapshot;
  message.number = 3;
  const std::array<int, 2> fds = {memfd->get(), memfd->get()};
  REQUIRE(left.send(message, fds).ok());
  auto got = right.receive();
  REQUIRE(got.ok());
  REQUIRE(got->has_value());
  CHECK((*got)->message.number == 3);
  REQUIRE((*got)->fds.size() == 2);
  CHECK(*readSealed((*got)->fds[1].get(), 100) == "content");
  REQUIRE(::send(left.fd(), "rubbish", 7, MSG_NOSIGNAL) == 7);
  CHECK(right.receive().error().code == Errc::Invalid);
  REQUIRE(left.send(message).ok());
  CHECK(right.receive().ok());
  left.release().reset();
  CHECK(right.receive().error().code == Errc::Cancelled);
  CHECK_FALSE(right.send(message).ok());
}

TEST_CASE("a peer that does not read is told apart, not waited for") {
  auto ends = Link::pair();
  REQUIRE(ends.ok());
  Message message;
  message.kind = Kind::Failed;
  message.text = std::string(2000, 'x');
  Status sent;
  for (int i = 0; i < 10'000 && sent.ok(); ++i) sent = ends->first.send(message);
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().code == Errc::Unavailable);
}

TEST_CASE("a handed-over memfd cannot be changed, and one that could is refused") {
  const auto sealed = sealedMemfd("test", "secret");
  REQUIRE(sealed.ok());
  CHECK(::write(sealed->get(), "x", 1) < 0);
  CHECK(::ftruncate(sealed->get(), 0) != 0);
  CHECK(::fcntl(sealed->get(), F_ADD_SEALS, F_SEAL_WRITE) != 0);
  CHECK(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed->get(), 0) == MAP_FAILED);
  CHECK(readSealed(sealed->get(), 5).error().code == Errc::TooBig);
  const UniqueFd open(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  CHECK(readSealed(open.get(), 100).error().code == Errc::Denied);
}

TEST_CASE("TLS material survives its bytes and no cut of them is taken for it") {
  TlsMaterial material;
  material.identities = {{"one", "CERT", "KEY"}, {"two", "", std::string(5000, 'k')}};
  material.ticketKeys = {std::string(TlsMaterial::kTicketKeyBytes, '\0'),
                         std::string(TlsMaterial::kTicketKeyBytes, 'b')};
  const std::string bytes = material.encode();
  const auto again = TlsMaterial::decode(bytes);
  REQUIRE(again.ok());
  CHECK(*again == material);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    REQUIRE_FALSE(TlsMaterial::decode(std::string_view(bytes).substr(0, length)).ok());
  CHECK_FALSE(TlsMaterial::decode(bytes + "x").ok());
  std::string huge = bytes;
  for (std::size_t i = 7; i < 11; ++i) huge[i] = '\xff';
  CHECK_FALSE(TlsMaterial::decode(huge).ok());
}
