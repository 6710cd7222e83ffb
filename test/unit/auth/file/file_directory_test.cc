// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/file_directory.h"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "common/auth/login_name.h"
#include "common/auth/password.h"
#include "test/unit/auth/support.h"

namespace posthorn::auth {
namespace {

using test::TempFolder;
using test::writeFile;

struct Fixture {
  TempFolder folder;
  ManualClock clock;
  Settings settings;
  std::string hash;

  Fixture() {
    settings.userFile = folder.file("users");
    settings.defaultDomain = "example.com";
    settings.passwordCost = 1;
    hash = *hashPassword(Secret(std::string("secret")), "yescrypt", 1);
  }
  [[nodiscard]] LoginName name(std::string_view typed) const {
    return *splitLogin(typed, "@", settings.defaultDomain);
  }
  void write(const std::string& text, mode_t mode = 0600) const { writeFile(settings.userFile, text, mode); }
  void second() { clock.advance(std::chrono::milliseconds{1000}); }
};

TEST_CASE("accounts are found with and without the default domain") {
  Fixture f;
  f.write(
      "anna:\nbert@example.com:\ncarl@hosted.example:\ndora:\ndora@example.com:\n"
      "@example.com::mailDomainStatus=hold\n@hosted.example::mailAllowedServiceAccess=+pop%3A*\n");
  FileDirectory directory(f.settings, f.clock);
  CHECK(directory.find(f.name("anna"))->id == "anna");
  CHECK(directory.find(f.name("anna@example.com"))->id == "anna");
  CHECK(directory.find(f.name("anna"))->status.mailDomain == AccountStatus::Hold);
  CHECK(directory.find(f.name("bert"))->id == "bert@example.com");
  CHECK(directory.find(f.name("carl@hosted.example"))->domainServices == "+pop:*");
  CHECK(directory.find(f.name("carl")).error().code == Errc::NotFound);
  CHECK(directory.find(f.name("anna@hosted.example")).error().code == Errc::NotFound);
  CHECK(directory.find(f.name("dora")).error().code == Errc::Conflict);
}

TEST_CASE("without a default domain names stand as they are") {
  Fixture f;
  f.settings.defaultDomain.clear();
  f.write("anna:\nbert@example.com:\n");
  FileDirectory directory(f.settings, f.clock);
  CHECK(directory.find(f.name("anna"))->id == "anna");
  CHECK(directory.find(f.name("bert@example.com"))->id == "bert@example.com");
  CHECK(directory.find(f.name("anna@example.com")).error().code == Errc::NotFound);
}

TEST_CASE("people are found by a part of their name or address, in their domain alone") {
  Fixture f;
  f.write(
      "anna::mail=chef@example.com:cn=Anna Ander\nbert@example.com::cn=Bert "
      "Chef\ncarl@hosted.example::cn=Chef\n"
      "broken::mailQuota=nonsense\n");
  FileDirectory directory(f.settings, f.clock);
  const auto ids = [&](std::string_view domain, std::string_view text, std::size_t most) {
    std::string out;
    const auto people = directory.people(domain, text, most);
    for (const Account& one : *people) out += one.id + " ";
    return out;
  };
  CHECK(ids("example.com", "CHEF", 10) == "anna bert@example.com ");
  CHECK(ids("example.com", "ander", 10) == "anna ");
  CHECK(ids("example.com", "", 10) == "anna bert@example.com ");
  CHECK(ids("example.com", "", 1) == "anna ");
  CHECK(ids("hosted.example", "chef", 10) == "carl@hosted.example ");
  CHECK(ids("example.com", "*", 10).empty());
  CHECK(ids("elsewhere.example", "", 10).empty());
}

TEST_CASE("mail finds its account by address, then by name") {
  Fixture f;
  f.write(
      "anna::mail=chef@example.com\nbert@hosted.example::mail=b@example.com\n"
      "@hosted.example::mailDomainStatus=inactive\n");
  FileDirectory directory(f.settings, f.clock);
  CHECK(directory.findByAddress("Chef@Example.COM")->id == "anna");
  CHECK(directory.findByAddress("anna@example.com")->id == "anna");
  CHECK(directory.findByAddress("anna")->id == "anna");
  CHECK(directory.findByAddress("b@example.com")->status.mailDomain == AccountStatus::Inactive);
  CHECK(directory.findByAddress("nobody@example.com").error().code == Errc::NotFound);
  CHECK(directory.findByAddress("@").error().code == Errc::NotFound);
}

TEST_CASE("passwords are verified, and nobody's costs a hash") {
  Fixture f;
  f.write("anna:" + f.hash + "\nbert:\n");
  FileDirectory directory(f.settings, f.clock);
  const Secret right(std::string("secret"));
  const Secret wrong(std::string("wrong"));
  const Account anna = *directory.find(f.name("anna"));
  CHECK(*directory.verify(anna, right) == PasswordCheck::Match);
  CHECK(*directory.verify(anna, wrong) == PasswordCheck::Mismatch);
  CHECK(directory.hashesForNobody() == 0);
  CHECK(*directory.verify(*directory.find(f.name("bert")), right) == PasswordCheck::NoPassword);
  CHECK(directory.hashesForNobody() == 1);
  directory.verifyNobody(right);
  CHECK(directory.hashesForNobody() == 2);
}

TEST_CASE("a changed file is seen within a second and raises the revision") {
  Fixture f;
  f.write("anna:\n");
  FileDirectory directory(f.settings, f.clock);
  const auto before = directory.revision();
  f.write("bert:\n");
  CHECK(directory.find(f.name("anna")).ok());
  CHECK(directory.revision() == before);
  f.second();
  CHECK(directory.find(f.name("anna")).error().code == Errc::NotFound);
  CHECK(directory.find(f.name("bert")).ok());
  CHECK(directory.revision() == before + 1);
  f.second();
  CHECK(directory.revision() == before + 1);
}

TEST_CASE("a file that cannot be used leaves the last good state in force") {
  Fixture f;
  f.write("anna:\n");
  FileDirectory directory(f.settings, f.clock);
  CHECK(directory.find(f.name("anna")).ok());
  const auto before = directory.revision();
  f.write("bert:\n", 0644);
  f.second();
  CHECK(directory.find(f.name("anna")).ok());
  f.write("");
  f.second();
  CHECK(directory.find(f.name("anna")).ok());
  unlink(f.settings.userFile.c_str());
  f.second();
  CHECK(directory.find(f.name("anna")).ok());
  CHECK(directory.revision() == before);
  f.write("bert:\n");
  f.second();
  CHECK(directory.find(f.name("bert")).ok());
}

TEST_CASE("without any good state logins are refused as temporary") {
  Fixture f;
  FileDirectory directory(f.settings, f.clock);
  CHECK(directory.find(f.name("anna")).error().code == Errc::Unavailable);
  CHECK(directory.findByAddress("anna@example.com").error().code == Errc::Unavailable);
  CHECK(directory.verify({}, Secret(std::string("x"))).error().code == Errc::Unavailable);
  f.write("anna:\n", 0604);
  f.second();
  CHECK(directory.find(f.name("anna")).error().code == Errc::Unavailable);
  f.write("anna:\n", 0640);
  f.second();
  CHECK(directory.find(f.name("anna")).ok());
}

TEST_CASE("only private regular files are read") {
  Fixture f;
  for (const mode_t mode : {0644, 0660, 0602, 0700, 04600}) {
    f.write("anna:\n", mode);
    CHECK(readUserFile(f.settings.userFile).error().code == Errc::Denied);
  }
  CHECK(readUserFile("/dev/null").error().code == Errc::Denied);
  CHECK(readUserFile(f.folder.file("missing")).error().code == Errc::NotFound);
}

TEST_CASE("many threads ask while the file is replaced") {
  Fixture f;
  f.write("anna:\nfixed:\n");
  FileDirectory directory(f.settings, Clock::system());
  std::atomic<bool> stop{false};
  std::atomic<int> bad{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      while (!stop) {
        if (!directory.find(f.name("fixed")).ok()) ++bad;
        if (directory.revision() == 0) ++bad;
      }
    });
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{2200};
  for (int round = 0; std::chrono::steady_clock::now() < end; ++round)
    f.write("user" + std::to_string(round) + ":\nfixed:\n");
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(bad == 0);
  CHECK(directory.revision() > 1);
}

}  // namespace
}  // namespace posthorn::auth
