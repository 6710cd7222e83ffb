// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "common/auth/directory.h"

namespace posthorn::auth::test {

/// A directory of its own under $TMPDIR, removed with the few files that tests put in it.
class TempFolder {
 public:
  TempFolder() {
    const char* base = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
    path_ = std::string(base == nullptr ? "/tmp" : base) + "/posthorn-auth-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TempFolder() {
    for (const char* name : {"users", "users.lock", "users.new", "users.next"})
      unlink((path_ + "/" + name).c_str());
    rmdir(path_.c_str());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Replaces a file in one step, as msuser does.
inline void writeFile(const std::string& path, const std::string& text, mode_t mode = 0600) {
  const std::string next = path + ".next";
  FILE* file = std::fopen(next.c_str(), "we");
  if (file == nullptr) std::abort();
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  chmod(next.c_str(), mode);
  std::rename(next.c_str(), path.c_str());
}

/// Accounts in memory with plain passwords; counts what it is asked.
class FakeDirectory final : public Directory {
 public:
  Result<Account> find(const LoginName& name) override {
    ++finds;
    if (trouble) return makeError(*trouble, "out of order");
    const auto found = accounts.find(name.inDefaultDomain ? name.user : name.user + "@" + name.domain);
    if (found == accounts.end()) return makeError(Errc::NotFound, "no such user");
    return found->second;
  }
  Result<Account> findByAddress(std::string_view) override { return makeError(Errc::NotFound, "none"); }
  Result<PasswordCheck> verify(const Account& account, const Secret& password) override {
    ++verifies;
    lastPassword = password.view();
    if (verifyTrouble) return makeError(*verifyTrouble, "out of order");
    if (answer) return *answer;
    return password.view() == passwords[account.id] ? PasswordCheck::Match : PasswordCheck::Mismatch;
  }
  void verifyNobody(const Secret&) override { ++dummies; }
  std::uint64_t revision() override { return revisionNow; }

  Account& add(const std::string& id, const std::string& password) {
    passwords[id] = password;
    Account& account = accounts[id];
    account.id = account.entry = id;
    return account;
  }

  std::map<std::string, Account> accounts;
  std::map<std::string, std::string> passwords;
  std::optional<Errc> trouble;
  std::optional<Errc> verifyTrouble;
  std::optional<PasswordCheck> answer;
  std::string lastPassword;
  std::uint64_t revisionNow = 1;
  int finds = 0;
  int verifies = 0;
  int dummies = 0;
};

}  // namespace posthorn::auth::test
