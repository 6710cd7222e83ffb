// SPDX-License-Identifier: Apache-2.0
#include "common/config/history.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace posthorn;
using namespace posthorn::config;

namespace {

namespace fs = std::filesystem;

class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "posthorn-history-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    std::ofstream(file()) << "pop.port: 110\n";
    ::chmod(file().c_str(), 0600);
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::string file() const { return (directory_ / "posthorn.yaml").string(); }
  [[nodiscard]] fs::path folder() const { return file() + ".history"; }

  std::uint64_t keep(const std::string& text, const std::string& remark = "r") const {
    const auto lock = EditLock::take(file());
    REQUIRE(lock.ok());
    const auto like = readFile(file());
    REQUIRE(like.ok());
    const auto kept =
        History(file()).keep(*lock, *like, text, remark, Wall(std::chrono::seconds(1'700'000'000)));
    INFO((kept.ok() ? "" : kept.error().text));
    REQUIRE(kept.ok());
    return *kept;
  }

 private:
  fs::path directory_;
};

}  // namespace

TEST_CASE("versions come back octet by octet") {
  const Place place;
  const History history(place.file());
  CHECK(history.list()->empty());
  CHECK(history.read(1).error().code == Errc::NotFound);
  const std::string odd = std::string("a: \"\\x01\"\r\n# \xC3\xA4 no feed at the end");
  CHECK(place.keep(odd, "Anna's port") == 1);
  CHECK(place.keep("", "nothing") == 2);
  CHECK(place.keep("# posthorn.yaml x y z\n", "like a head") == 3);
  CHECK(*history.read(1) == odd);
  CHECK((*history.read(2)).empty());
  CHECK(*history.read(3) == "# posthorn.yaml x y z\n");
  const auto list = history.list();
  REQUIRE(list->size() == 3);
  CHECK((*list)[0].remark == "Anna's port");
  CHECK((*list)[0].time == "2023-11-14T22:13:20Z");
  CHECK_FALSE((*list)[0].by.empty());
  struct stat info {};
  REQUIRE(::stat((place.folder() / "1").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
  REQUIRE(::stat(place.folder().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0700);
}

TEST_CASE("the same text is kept once, and old versions go") {
  const Place place;
  const History history(place.file());
  CHECK(place.keep("a") == 1);
  CHECK(place.keep("a") == 1);
  CHECK(place.keep("b") == 2);
  CHECK(place.keep("a") == 3);
  for (std::uint64_t i = 4; i <= 60; ++i) CHECK(place.keep(std::to_string(i)) == i);
  const auto list = history.list();
  REQUIRE(list->size() == History::kKept);
  CHECK(list->front().number == 60 - History::kKept + 1);
  CHECK(list->back().number == 60);
  CHECK_FALSE(history.read(1).ok());
}

TEST_CASE("a remark is one line") {
  const Place place;
  place.keep("a", "two\nlines\x1b[31m and \xC3\xA4\xFF");
  place.keep("b", std::string(199, 'x') + "\xC3\xA4");
  place.keep("c", "");
  const auto list = History(place.file()).list();
  CHECK((*list)[0].remark == "two lines [31m and \xC3\xA4?");
  CHECK((*list)[1].remark == std::string(199, 'x'));
  CHECK((*list)[2].remark.empty());
}

TEST_CASE("damage to one version hides no other") {
  const Place place;
  place.keep("a");
  place.keep("b");
  place.keep("c");
  const History history(place.file());
  std::ofstream(place.folder() / "2") << "no head";
  std::ofstream(place.folder() / "3.x7Gh2k") << "left by a crash";
  std::ofstream(place.folder() / "007") << "not a number of ours";
  const auto list = history.list();
  REQUIRE(list->size() == 3);
  CHECK((*list)[1].remark == "(damaged)");
  CHECK(history.read(2).error().code == Errc::Corrupt);
  CHECK(*history.read(3) == "c");
  CHECK(place.keep("d") == 4);
}
