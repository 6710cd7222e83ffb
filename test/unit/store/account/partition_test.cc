// SPDX-License-Identifier: Apache-2.0
// A partition whose volume is not mounted must not begin anew on the folder below it.
#include <fstream>
#include <thread>

#include "common/store/partition_marker.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
namespace fs = std::filesystem;

namespace {

/// Two partitions and the host's records of them, as files.
class Host {
 public:
  Host() { fs::create_directory(dir.path() + "/volumes"); }
  [[nodiscard]] std::string path(const std::string& partition) const {
    return dir.path() + "/volumes/" + partition;
  }
  [[nodiscard]] std::string records() const { return dir.path() + "/records"; }
  [[nodiscard]] std::shared_ptr<Store> open() const {
    Store::Partitions partitions;
    for (const std::string name : {"primary", "second"}) partitions.urls[name] = "embedded:" + path(name);
    partitions.fallback = "primary";
    partitions.records = records();
    return must(Store::open(std::move(partitions), {}, Clock::system()));
  }

  TempDir dir;
};

std::string read(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

Errc openCode(Store& store, const std::string& partition = {}) {
  const auto account = store.account({"anna", partition, {}}, Engine::Create::Yes);
  return account.ok() ? Errc::Cancelled : account.error().code;
}

void receive(Store& store) {
  const auto account = must(store.account({"anna", "", {}}, Engine::Create::Yes));
  append(must(account.mailbox("INBOX")), "Subject: kept\r\n\r\ntext\r\n");
}

std::size_t messages(Store& store) {
  const auto account = must(store.account({"anna", "", {}}, Engine::Create::No));
  return must(must(account.mailbox("INBOX")).status()).messages;
}

}  // namespace

TEST_CASE("the first use of a partition marks it without anybody's help") {
  const Host host;
  receive(*host.open());
  const std::string marker = read(host.path("primary") + "/" + PartitionMarker::kFile);
  CHECK(marker.size() == 33);
  CHECK(read(host.records() + "/primary") == marker);
  CHECK_FALSE(fs::exists(host.records() + "/second"));  // only what is used
  CHECK(must(host.open()->accounts()) == std::vector<std::string>{"anna"});
}

TEST_CASE("an empty folder in the place of a known partition is refused, and nothing is made in it") {
  const Host host;
  const auto worker = host.open();
  receive(*worker);
  fs::rename(host.path("primary"), host.path("elsewhere"));
  const bool folder = GENERATE(true, false);
  if (folder) fs::create_directory(host.path("primary"));
  for (const auto& store : {worker, host.open()}) {
    CHECK(openCode(*store) == Errc::Unavailable);
    CHECK(codeOf(store->account({"anna", "", {}}, Engine::Create::No)) == Errc::Unavailable);
    CHECK(codeOf(store->accounts()) == Errc::Unavailable);
    CHECK(codeOf(store->remove("anna")) == Errc::Unavailable);
    CHECK(openCode(*store, "second") == Errc::Cancelled);  // the other volume is there
  }
  CHECK(fs::exists(host.path("primary")) == folder);
  if (folder) CHECK(fs::is_empty(host.path("primary")));
  if (folder) fs::remove(host.path("primary"));
  fs::rename(host.path("elsewhere"), host.path("primary"));
  CHECK(messages(*worker) == 1);
  CHECK(messages(*host.open()) == 1);
}

TEST_CASE("volumes that are mounted in each other's place are refused") {
  const Host host;
  receive(*host.open());
  CHECK(openCode(*host.open(), "second") == Errc::Cancelled);
  fs::rename(host.path("primary"), host.path("x"));
  fs::rename(host.path("second"), host.path("primary"));
  fs::rename(host.path("x"), host.path("second"));
  CHECK(openCode(*host.open()) == Errc::Unavailable);
  CHECK(openCode(*host.open(), "second") == Errc::Unavailable);
}

TEST_CASE("the operator's word makes another folder the partition, for running workers too") {
  const Host host;
  const auto worker = host.open();
  receive(*worker);
  fs::rename(host.path("primary"), host.path("elsewhere"));
  fs::create_directory(host.path("primary"));
  CHECK(openCode(*worker) == Errc::Unavailable);
  must(host.open()->acceptPartition("primary"));
  CHECK(codeOf(host.open()->account({"anna", "", {}}, Engine::Create::No)) == Errc::NotFound);
  CHECK(openCode(*worker) == Errc::Cancelled);
  CHECK(codeOf(host.open()->acceptPartition("no-such")) == Errc::NotFound);
}

TEST_CASE("a partition that comes to a host without a record of it is taken as it is") {
  const Host host;
  receive(*host.open());
  const std::string marker = read(host.path("primary") + "/" + PartitionMarker::kFile);
  fs::remove_all(host.records());
  CHECK(messages(*host.open()) == 1);
  CHECK(read(host.records() + "/primary") == marker);
  // Accounts from before there were markers.
  fs::remove_all(host.records());
  fs::remove(host.path("primary") + "/" + PartitionMarker::kFile);
  CHECK(messages(*host.open()) == 1);
}

TEST_CASE("a damaged marker or record is refused, not made anew") {
  const Host host;
  receive(*host.open());
  SECTION("marker") {
    std::ofstream(host.path("primary") + "/" + PartitionMarker::kFile) << "x";
  }
  SECTION("record") {
    std::ofstream(host.records() + "/primary") << "x";
  }
  const auto account = host.open()->account({"anna", "", {}}, Engine::Create::Yes);
  CHECK_FALSE(account.ok());
}

TEST_CASE("many first uses at once agree on one marker") {
  const Host host;
  std::vector<std::thread> threads;
  std::vector<int> good(8, 0);
  for (std::size_t i = 0; i < good.size(); ++i)
    threads.emplace_back([&, i] {
      Store::Partitions partitions;
      partitions.urls["primary"] = "embedded:" + host.path("primary");
      partitions.fallback = "primary";
      partitions.records = host.records();
      const auto store = Store::open(std::move(partitions), {}, Clock::system());
      good[i] = store.ok() && store.value()->accounts().ok() ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == std::vector<int>(8, 1));
  CHECK(read(host.records() + "/primary") == read(host.path("primary") + "/" + PartitionMarker::kFile));
}
