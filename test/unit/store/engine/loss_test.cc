// SPDX-License-Identifier: Apache-2.0
// What clients are told after a repair that had to leave commits out.
#include <fstream>
#include <iterator>

#include "common/store/embedded/escape.h"
#include "common/store/embedded/format.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

static Uid deliver(const AccountHandle& account, View name, const std::string& text) {
  auto box = must(account.mailbox(name));
  std::vector<MessageWriter> messages;
  messages.push_back(must(account.message(text.size())));
  must(messages.back().write(text));
  must(messages.back().finish({1'000'000'000, 0}, 0));
  return must(box.append(messages)).uids.at(0);
}

TEST_CASE(
    "after lost commits no number comes back: new UIDVALIDITY, higher MODSEQ, no changes since before") {
  const TempDir dir;
  const std::string path = dir.path() + "/" + embedded::accountPath("anna");
  const bool keepIndex = GENERATE(false, true);
  std::map<std::string, MailboxStatus> before;
  Modseq modseq = 0;
  {
    const auto store = must(Store::open("embedded:" + dir.path()));
    const auto account = must(store->account({"anna", "", {}}, Engine::Create::Yes));
    deliver(account, "INBOX", "Subject: one\r\n\r\n1\r\n");
    deliver(account, "INBOX", "Subject: two\r\n\r\n2\r\n");
    for (const auto& entry : must(account.list())) before[entry.name] = entry.status;
    modseq = must(account.modseq());
  }
  // The batch of the first delivery, before the blob and the batch of the second one.
  const std::string log = path + "/log/" + embedded::segmentName(1);
  std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
  const std::string raw{std::istreambuf_iterator<char>(file), {}};
  std::size_t at = std::string::npos;
  for (int i = 0; i < 3; ++i) at = raw.rfind("PHR1", at - 1);
  REQUIRE(at != std::string::npos);
  file.clear();
  file.seekp(static_cast<std::streamoff>(at + embedded::kRecordHeaderSize + 30));
  file.write("damage", 6);
  REQUIRE(file.flush());
  if (!keepIndex) std::fstream(path + "/index/data.mdb", std::ios::in | std::ios::out).seekp(8192) << raw;
  const auto store = must(Store::open("embedded:" + dir.path()));
  const auto report = must(store->repair({"anna", "", {}}, CheckDepth::Bodies));
  INFO((report.rebuilt.damage.empty() ? std::string() : report.rebuilt.damage.front()));
  const auto account = must(store->account({"anna", "", {}}, Engine::Create::No));
  REQUIRE(report.rebuilt.commitsLost != keepIndex);
  if (keepIndex) {
    CHECK(must(account.modseq()) == modseq);
    CHECK(report.findings.empty());
    for (const auto& entry : must(account.list()))
      CHECK(entry.status.uidValidity == before[entry.name].uidValidity);
    return;
  }
  CHECK(must(account.modseq()) > modseq);
  for (const auto& entry : must(account.list())) {
    INFO(entry.name);
    CHECK(entry.status.uidValidity > before[entry.name].uidValidity);
    CHECK(entry.status.highestModseq > modseq);
  }
}
