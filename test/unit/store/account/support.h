// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "common/base/clock.h"
#include "common/store/account.h"
#include "common/store/check.h"
#include "common/store/mailbox.h"
#include "common/store/maildrop.h"
#include "common/store/store.h"

namespace posthorn::store::test {

template <typename T>
T must(Result<T> result) {
  INFO((result.ok() ? std::string() : result.error().describe()));
  REQUIRE(result.ok());
  return std::move(result).value();
}
inline void must(const Status& status) {
  INFO((status.ok() ? std::string() : status.error().describe()));
  REQUIRE(status.ok());
}
template <typename T>
Errc codeOf(const T& result) {
  REQUIRE_FALSE(result.ok());
  return result.error().code;
}

/// A directory that goes with the test.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "posthorn-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A store of one engine with the account "anna".
class World {
 public:
  explicit World(const std::string& engine, Options options = {}, Quota quota = {})
      : url(engine == "memory" ? "memory:" : "embedded:" + dir.path() + "/store") {
    if (options.lockFile.empty()) options.lockFile = dir.path() + "/maildrop.lock";
    store = must(Store::open(url, std::move(options), clock));
    account = open(quota);
  }
  AccountHandle open(Quota quota = {}) {
    return must(store->account({"anna", "", quota}, Engine::Create::Yes));
  }
  [[nodiscard]] MailboxHandle box(View name = "INBOX") const { return must(account.mailbox(name)); }
  /// Every invariant, and every body.
  void sound() const {
    const auto report = must(check(account, CheckDepth::Bodies));
    for (const auto& finding : report.findings)
      UNSCOPED_INFO(finding.mailbox << " " << finding.uid << ": " << finding.text);
    REQUIRE(report.clean());
  }

  TempDir dir;
  std::string url;
  ManualClock clock;
  std::shared_ptr<Store> store;
  AccountHandle account{nullptr};
};

inline MessageWriter write(const AccountHandle& account, View text, SystemFlags flags = 0,
                           std::vector<std::string> keywords = {}) {
  auto writer = must(account.message(text.size()));
  must(writer.write(text));
  must(writer.finish({1'700'000'000, 60}, flags, std::move(keywords)));
  return writer;
}

inline Uid append(MailboxHandle box, View text, SystemFlags flags = 0,
                  std::vector<std::string> keywords = {}) {
  auto writer = write(box.account(), text, flags, std::move(keywords));
  return must(box.append(writer)).uids.at(0);
}

inline std::string textOf(const MessageBody& body) {
  std::string text(body.slice.length, '\0');
  REQUIRE(must(body.slice.read(0, text.data(), text.size())) == text.size());
  return text;
}

inline std::string textOf(const MailboxHandle& box, Uid uid) {
  return textOf(must(box.body(uid)));
}

inline std::vector<MessageRow> rowsOf(const MailboxHandle& box) {
  std::vector<MessageRow> rows;
  for (Uid from = 1; from != 0;) {
    auto window = must(box.messages(from));
    rows.insert(rows.end(), window.rows.begin(), window.rows.end());
    from = window.next;
  }
  return rows;
}

inline UidSet one(Uid uid) {
  return UidSet::of(std::vector<Uid>{uid});
}

inline std::string anyEngine() {
  return GENERATE(as<std::string>{}, "memory", "embedded");
}

}  // namespace posthorn::store::test
