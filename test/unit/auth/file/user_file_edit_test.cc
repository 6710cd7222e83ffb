// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/user_file_edit.h"

#include <thread>

#include <catch2/catch.hpp>

#include "common/auth/file/file_directory.h"
#include "test/unit/auth/support.h"

namespace posthorn::auth {
namespace {

using test::TempFolder;
using test::writeFile;
using Missing = UserFileEdit::Missing;

std::string contents(const std::string& path) {
  return readUserFile(path)->text;
}

TEST_CASE("lines are added, replaced and removed; the rest stays") {
  TempFolder folder;
  const std::string path = folder.file("users");
  writeFile(path, "# people\n\nanna:\n # not a comment\nbert:\n", 0640);
  {
    auto edit = UserFileEdit::open(path, Missing::IsError);
    REQUIRE(edit.ok());
    CHECK(edit->has("anna"));
    CHECK_FALSE(edit->has("carl"));
    CHECK(edit->add("anna:").error().code == Errc::Exists);
    CHECK(edit->replace("carl:").error().code == Errc::NotFound);
    CHECK(edit->remove("carl").error().code == Errc::NotFound);
    CHECK(edit->replace("anna::cn=Anna").ok());
    CHECK(edit->remove("bert").ok());
    CHECK(edit->add("carl:").ok());
    CHECK(edit->commit().ok());
  }
  CHECK(contents(path) == "# people\n\nanna::cn=Anna\n # not a comment\ncarl:\n");
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
}

TEST_CASE("without a commit nothing changes") {
  TempFolder folder;
  const std::string path = folder.file("users");
  writeFile(path, "anna:\n");
  {
    auto edit = UserFileEdit::open(path, Missing::IsError);
    CHECK(edit->remove("anna").ok());
  }
  CHECK(contents(path) == "anna:\n");
}

TEST_CASE("a missing file is an error or is made, private") {
  TempFolder folder;
  const std::string path = folder.file("users");
  CHECK(UserFileEdit::open(path, Missing::IsError).error().code == Errc::NotFound);
  auto edit = UserFileEdit::open(path, Missing::IsMade);
  REQUIRE(edit.ok());
  CHECK(edit->add("anna:").ok());
  CHECK(edit->commit().ok());
  CHECK(contents(path).rfind("# ", 0) == 0);
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
}

TEST_CASE("what could not be used is not written") {
  TempFolder folder;
  const std::string path = folder.file("users");
  writeFile(path, "anna::mail=a@example.com\nbroken::x=y\n");
  const auto tryAdd = [&](const std::string& line) {
    auto edit = UserFileEdit::open(path, Missing::IsError);
    CHECK(edit->add(line).ok());
    return edit->commit();
  };
  CHECK(tryAdd("bert::mail=a@example.com").error().code == Errc::Invalid);
  CHECK(tryAdd("Bert:").error().code == Errc::Invalid);
  // A line that was damaged before stands in nobody's way.
  CHECK(tryAdd("bert:").ok());
}

TEST_CASE("the file never becomes empty") {
  TempFolder folder;
  const std::string path = folder.file("users");
  writeFile(path, "anna:\n");
  {
    auto edit = UserFileEdit::open(path, Missing::IsError);
    CHECK(edit->remove("anna").ok());
    CHECK(edit->commit().ok());
  }
  CHECK_FALSE(contents(path).empty());
  CHECK(UserTable(contents(path)).users() == 0);
}

TEST_CASE("a name on two lines is for the operator") {
  TempFolder folder;
  const std::string path = folder.file("users");
  writeFile(path, "anna:\nanna:\n");
  auto edit = UserFileEdit::open(path, Missing::IsError);
  CHECK(edit->line("anna").error().code == Errc::Conflict);
  CHECK(edit->replace("anna:").error().code == Errc::Conflict);
  CHECK(edit->remove("anna").error().code == Errc::Conflict);
}

TEST_CASE("writers follow each other") {
  TempFolder folder;
  const std::string path = folder.file("users");
  writeFile(path, "# none\n");
  constexpr int kEach = 20;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        auto edit = UserFileEdit::open(path, Missing::IsError);
        if (edit.ok() && edit->add("u" + std::to_string(t * kEach + i) + ":").ok())
          static_cast<void>(edit->commit());
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(UserTable(contents(path)).users() == 4 * kEach);
}

}  // namespace
}  // namespace posthorn::auth
