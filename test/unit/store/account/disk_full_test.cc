// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include <sys/mount.h>

#include "test/unit/store/account/support.h"

// An account on a disk that is full: clean refusals, nothing half-delivered, and it goes on with room.

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

/// A tmpfs of its own, as long as the test.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    mounted_ = ::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, size) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(dir_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::string& path() const { return dir_.path(); }

  void fill() const {
    std::ofstream out(ballast(), std::ios::binary);
    const std::string page(4096, 'x');
    while (out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void makeRoom() const { std::filesystem::remove(ballast()); }

 private:
  [[nodiscard]] std::string ballast() const { return path() + "/ballast"; }
  TempDir dir_;
  bool mounted_ = false;
};

std::string textOfSize(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text = "Message-ID: <" + std::to_string(seed) + "@full>\r\n\r\n";
  while (text.size() < size) {
    text.push_back(static_cast<char>('a' + random() % 26));
    if (text.size() % 80 == 0) text.append("\r\n");
  }
  return text.append("\r\n");
}

/// A delivery of one commit, with the first error of any of its steps.
Status deliver(const AccountHandle& account, const std::vector<std::string>& texts, std::vector<Uid>& uids) {
  std::vector<MessageWriter> messages;
  for (const auto& text : texts) {
    PH_TRY(auto message, account.message(text.size()));
    PH_CHECK(message.write(text));
    PH_CHECK(message.finish({1'700'000'000, 0}));
    messages.push_back(std::move(message));
  }
  PH_TRY(auto inbox, account.mailbox("INBOX"));
  PH_TRY(const auto result, inbox.append(messages));
  uids = result.uids;
  return {};
}

/// INBOX, as far as anybody was told.
class Told {
 public:
  /// False when it was refused, and then for want of space.
  bool deliver(const AccountHandle& account, const std::vector<std::string>& texts) {
    std::vector<Uid> uids;
    const Status done = ::deliver(account, texts, uids);
    if (!done.ok()) {
      INFO(done.error().describe());
      CHECK(done.error().code == Errc::NoSpace);
      return false;
    }
    REQUIRE(uids.size() == texts.size());
    for (std::size_t i = 0; i < uids.size(); ++i) messages_[uids[i]] = {texts[i], 0};
    return true;
  }
  bool flag(MailboxHandle box, Uid uid, SystemFlags flags) {
    return note(box.storeFlags(one(uid), {FlagChange::Mode::Replace, flags, {}, std::nullopt}),
                [&] { messages_[uid].flags = flags; });
  }
  bool expunge(MailboxHandle box, Uid uid) {
    return note(box.expunge(one(uid), false), [&] { messages_.erase(uid); });
  }
  void compare(const AccountHandle& account) const {
    const auto inbox = must(account.mailbox("INBOX"));
    const auto rows = rowsOf(inbox);
    CHECK(rows.size() == messages_.size());
    QuotaUse use;
    for (const auto& row : rows) {
      REQUIRE(messages_.count(row.uid) == 1);
      CHECK(row.flags == messages_.at(row.uid).flags);
      CHECK((textOf(inbox, row.uid) == messages_.at(row.uid).text));
      use.bytes += row.facts.size;
      ++use.messages;
    }
    CHECK(must(account.used()) == use);
    const auto report = must(check(account, CheckDepth::Bodies));
    for (const auto& finding : report.findings) UNSCOPED_INFO(finding.text);
    CHECK(report.clean());
  }
  [[nodiscard]] std::vector<Uid> uids() const {
    std::vector<Uid> all;
    for (const auto& [uid, message] : messages_) all.push_back(uid);
    return all;
  }

 private:
  struct Message {
    std::string text;
    SystemFlags flags = 0;
  };
  template <typename T, typename F>
  bool note(const Result<T>& result, F&& happened) {
    if (result.ok())
      happened();
    else
      CHECK(result.error().code == Errc::NoSpace);
    return result.ok();
  }
  std::map<Uid, Message> messages_;
};

}  // namespace

TEST_CASE("an account on a full disk refuses cleanly, stays readable, and works again with room") {
  const SmallDisk disk("size=4m");
  if (!disk.mounted()) {
    std::cerr
        << "SKIPPED: mounting a small tmpfs is not allowed here; an account on a full disk is not tested\n";
    WARN("SKIPPED: mounting a small tmpfs is not allowed here; an account on a full disk is not tested");
    return;
  }
  const AccountRequest request{"anna", "", {}};
  auto store = must(Store::open("embedded:" + disk.path() + "/store"));
  Told told;
  {
    const auto account = must(store->account(request, Engine::Create::Yes));
    const auto inbox = must(account.mailbox("INBOX"));
    for (unsigned i = 0; i < 5; ++i) REQUIRE(told.deliver(account, {textOfSize(3000, i)}));
    REQUIRE(told.deliver(account, {textOfSize(300'000, 5)}));
    disk.fill();

    int refused = 0;
    for (unsigned i = 0; i < 40; ++i) {
      // Small, large (a file of its own), and two of which only the first might fit.
      if (!told.deliver(account, {textOfSize(6000, 100 + i)})) ++refused;
      if (i % 10 == 0) CHECK_FALSE(told.deliver(account, {textOfSize(600'000, 200 + i)}));
      if (i % 10 == 5)
        CHECK_FALSE(told.deliver(account, {textOfSize(500, 300 + i), textOfSize(600'000, 400 + i)}));
    }
    CHECK(refused > 0);
    for (const Uid uid : told.uids()) told.flag(inbox, uid, kSeen);
    told.expunge(inbox, told.uids().front());
    told.compare(account);
    const auto drop = must(Maildrop::open(account));
    CHECK(drop.count() == told.uids().size());

    disk.makeRoom();
    REQUIRE(told.deliver(account, {textOfSize(6000, 500), textOfSize(400'000, 501)}));
    REQUIRE(told.flag(inbox, told.uids().back(), kFlagged));
    REQUIRE(told.expunge(inbox, told.uids().front()));
    must(account.domain().maintain(1'000'000));
    told.compare(account);
  }
  store = must(Store::open("embedded:" + disk.path() + "/store"));
  CHECK(must(store->repair(request, CheckDepth::Bodies)).clean());
  told.compare(must(store->account(request, Engine::Create::No)));
}

TEST_CASE("a new account on a full disk is refused, and made with room") {
  const SmallDisk disk("size=2m");
  if (!disk.mounted()) {
    std::cerr << "SKIPPED: mounting a small tmpfs is not allowed here; a new account on a full disk is not "
                 "tested\n";
    WARN("SKIPPED: mounting a small tmpfs is not allowed here; a new account on a full disk is not tested");
    return;
  }
  const auto store = must(Store::open("embedded:" + disk.path() + "/store"));
  must(store->account({"other", "", {}}, Engine::Create::Yes));
  disk.fill();
  const auto refused = store->account({"anna", "", {}}, Engine::Create::Yes);
  CHECK(codeOf(refused) == Errc::NoSpace);
  disk.makeRoom();
  const auto account = must(store->account({"anna", "", {}}, Engine::Create::Yes));
  Told told;
  REQUIRE(told.deliver(account, {textOfSize(3000, 1)}));
  told.compare(account);
}
