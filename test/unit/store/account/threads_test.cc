// SPDX-License-Identifier: Apache-2.0
// Strangers choose Message-IDs: what they choose must not keep mail from a user.
#include <algorithm>

#include "common/base/ids.h"
#include "common/store/hash_index.h"
#include "common/store/ops.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

constexpr std::size_t kIdsPerMail = 9;
constexpr std::size_t kMails = 470;  // nine ids each: more than 64 KiB in one bucket

/// Ids whose stable hashes end in the same bits, as many as an index of 512 buckets looks at.
std::vector<std::string> colliding(std::size_t count) {
  std::vector<std::string> ids;
  for (std::uint64_t i = 0; ids.size() < count; ++i) {
    std::string id = std::to_string(i) + "@x";
    if ((stableHash(id) & 511) == 7) ids.push_back(std::move(id));
  }
  return ids;
}

std::string mail(const std::string& own, const std::string& references) {
  return "Message-ID: <" + own + ">\r\nReferences:" + references + "\r\n\r\ntext\r\n";
}

/// Mail from a stranger who wants one bucket to overflow. Every one must be taken.
void crowd(const World& world) {
  const auto ids = colliding(kMails * kIdsPerMail);
  auto inbox = world.box();
  for (std::size_t first = 0; first < ids.size(); first += kIdsPerMail) {
    std::string references;
    for (std::size_t i = 1; i < kIdsPerMail; ++i) references += "\r\n <" + ids[first + i] + ">";
    append(inbox, mail(ids[first], references));
  }
}

std::size_t fullestBucket(const World& world) {
  std::size_t most = 0;
  const auto snapshot = must(world.account.domain().snapshot());
  must(snapshot->scan(key::of('J'), key::after(key::of('J')), [&](View, View value) {
    most = std::max(most, must(HashIndex::decode(value)).size());
    return true;
  }));
  return most;
}

template <typename Change>
void changeUser(const World& world, Change change) {
  must(world.account.domain().commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_TRY(const auto value, batch.get(key::user()));
    PH_TRY(auto user, UserRecord::decode(value));
    change(user);
    return batch.put(key::user(), user.encode());
  }));
}

bool replyJoins(const World& world, const std::string& about) {
  auto inbox = world.box();
  append(inbox, mail(about, ""));
  append(inbox, mail("reply-to-" + about, " <" + about + ">"));
  const auto rows = rowsOf(inbox);
  return rows[rows.size() - 1].facts.threadId == rows[rows.size() - 2].facts.threadId;
}

}  // namespace

TEST_CASE("crafted message ids meet a secret: no bucket grows more than others") {
  World world("memory");
  crowd(world);
  CHECK(fullestBucket(world) < 100);
  CHECK(replyJoins(world, "honest@x"));
  world.sound();
}

TEST_CASE("crafted message ids cannot stop deliveries to an account without a secret") {
  World world("memory");
  append(world.box(), mail("from-before@x", ""));
  changeUser(world, [](UserRecord& user) { user.idSecret = 0; });
  crowd(world);
  CHECK(must(readUser(*must(world.account.domain().snapshot()))).idSecret == 0);
  CHECK(fullestBucket(world) == 200);
  CHECK(replyJoins(world, "honest@x"));
  world.sound();
}

TEST_CASE("two accounts hash the same message ids differently") {
  World one("memory");
  World other("memory");
  for (const World* world : {&one, &other}) append(world->box(), mail("same@x", ""));
  const auto secret = [](const World& world) {
    return must(readUser(*must(world.account.domain().snapshot()))).idSecret;
  };
  CHECK(secret(one) != 0);
  CHECK(secret(one) != secret(other));
}

TEST_CASE("a damaged bucket of message ids costs threads, no mail") {
  World world("memory");
  auto inbox = world.box();
  for (int i = 0; i < 11; ++i) append(inbox, mail(std::to_string(i) + "@x", ""));
  must(world.account.domain().commit(
      Sync::Durable, [&](Batch& batch) { return batch.put(key::of('J', std::uint32_t{0}), "odd"); }));
  const auto before = must(readUser(*must(world.account.domain().snapshot()))).messageIds.buckets;
  for (int i = 20; i < 60; ++i) append(inbox, mail(std::to_string(i) + "@x", ""));
  CHECK(rowsOf(inbox).size() == 51);
  // A split that failed has not been counted.
  CHECK(must(readUser(*must(world.account.domain().snapshot()))).messageIds.buckets == before);
}
