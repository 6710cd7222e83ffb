// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/maildir.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::migrate;
using store::test::must;
using store::test::TempDir;

namespace {

class Box {
 public:
  Box() { add(""); }
  void add(const std::string& folder) const {
    for (const char* part : {"cur", "new", "tmp"})
      std::filesystem::create_directories(dir.path() + "/" + folder + "/" + part);
  }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(dir.path() + "/" + file).parent_path());
    std::ofstream(dir.path() + "/" + file, std::ios::binary) << text;
  }
  [[nodiscard]] std::unique_ptr<Source> open() const {
    MaildirOptions options;
    options.uidls = must(UidlFormat::parse(UidlFormat::kDefault));
    return must(MaildirSource::open(dir.path(), options));
  }

  TempDir dir;
};

/// Root may enter every directory: while this lives it may not.
class AsNobody {
 public:
  AsNobody() : user_(::geteuid()) {
    if (user_ == 0) must(::seteuid(65534) == 0 ? Status() : Status(errnoError("seteuid")));
  }
  ~AsNobody() { REQUIRE(::seteuid(user_) == 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  uid_t user_;
};

std::string read(Source& source, const Folder& folder, Message& message) {
  std::string text;
  must(source.read(folder, message, [&](View part) -> Status {
    text.append(part);
    return {};
  }));
  return text;
}

}  // namespace

TEST_CASE("Dovecot's numbers come first, the others by their time; UIDLs are made or written down") {
  const Box box;
  box.write("dovecot-uidlist", "3 V17 N50\n40 :40.h\n41 PXYZ :41.h\n42 P :42.h\n43 :gone.h\n");
  box.write("dovecot-keywords", "0 Work\n1 bad keyword\n3 $Fwd\n");
  box.write("cur/42.h:2,Sabd", "42");
  box.write("cur/41.h:2,", "41");
  box.write("cur/40.h:2,F", "40");
  box.write("new/7.h", "seven");
  box.write("cur/6.h", "six");
  box.write("tmp/1.h", "no");
  box.write("cur/.hidden", "no");
  const auto source = box.open();
  const Folder inbox = must(source->folders()).at(0);
  auto listing = must(source->list(inbox));
  REQUIRE(listing.messages.size() == 5);
  std::vector<store::Uid> uids;
  for (const auto& message : listing.messages) uids.push_back(message.uid);
  CHECK(uids == std::vector<store::Uid>{40, 41, 42, 0, 0});
  CHECK(listing.messages[0].uidl == "0000002800000011");
  CHECK(listing.messages[1].uidl == "XYZ");
  CHECK(listing.messages[2].uidl == "42.h");
  CHECK(listing.messages[3].uidl.empty());
  CHECK(listing.messages[3].file == "6.h");
  CHECK(listing.messages[4].recent);
  CHECK(listing.keywords == std::vector<std::string>{"Work", "$Fwd"});
  CHECK(listing.messages[2].keywords == 3);
  CHECK(listing.uidNext == 50);
  CHECK(listing.notes.size() == 1);
  CHECK(read(*source, inbox, listing.messages[2]) == "42");
  CHECK(listing.messages[2].flags == store::kSeen);
}

TEST_CASE("the same message has the same id in every run, others have others") {
  const Box box;
  box.add(".A");
  box.write("cur/1.h:2,", "x");
  box.write(".A/cur/1.h:2,", "x");
  const auto first = box.open();
  const auto folders = must(first->folders());
  REQUIRE(folders.size() == 2);
  const Id128 inbox = must(first->list(folders[0])).messages.at(0).id;
  CHECK(must(first->list(folders[1])).messages.at(0).id != inbox);
  std::filesystem::rename(box.dir.path() + "/cur/1.h:2,", box.dir.path() + "/cur/1.h:2,S");
  const auto second = box.open();
  CHECK(must(second->list(must(second->folders()).at(0))).messages.at(0).id == inbox);
}

TEST_CASE("Courier's numbers, UIDLs and keywords") {
  const Box box;
  box.write("courierimapuiddb", "1 99 8\n3 a\n5 b\n");
  box.write("courierpop3dsizelist", "/3 9 77\na:2,S 5 2:77:0\nb 5 0:0:0\n");
  box.write("courierimapkeywords/:list", "Foo\nBar\n\na:0\nb:1\n");
  box.write("courierimapkeywords/a", "Bar\nNew\n");
  box.write("courierimapkeywords/.5.b", "Old\n");
  box.write("courierimapkeywords/.5.c", "Older\n");
  box.write("courierimapkeywords/.7.c", "Newer\n");
  for (const char* name : {"a:2,S", "b", "c"}) box.write(std::string("cur/") + name, "x");
  const auto source = box.open();
  const auto listing = must(source->list(must(source->folders()).at(0)));
  REQUIRE(listing.messages.size() == 3);
  const auto words = [&](const Message& message) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < listing.keywords.size(); ++i)
      if ((message.keywords >> i & 1) != 0) names.insert(listing.keywords[i]);
    return names;
  };
  CHECK(listing.uidValidity == 99);
  CHECK(listing.messages[0].uidl == "UID2-77");
  CHECK(listing.messages[1].uidl == "b");
  CHECK(words(listing.messages[0]) == std::set<std::string>{"Bar", "New"});
  CHECK(words(listing.messages[1]) == std::set<std::string>{"Bar"});
  CHECK(words(listing.messages[2]) == std::set<std::string>{"Newer"});
}

TEST_CASE("nothing is read through a link, and a pipe keeps nobody waiting") {
  const Box box;
  const std::string root = box.dir.path();
  std::filesystem::create_symlink("/etc/passwd", root + "/cur/1.h:2,");
  std::filesystem::create_symlink("/etc", root + "/.Etc");
  REQUIRE(::mkfifo((root + "/cur/2.h:2,").c_str(), 0600) == 0);
  box.add(".Links");
  std::filesystem::remove(root + "/.Links/cur");
  std::filesystem::create_directory_symlink("/etc", root + "/.Links/cur");
  const auto source = box.open();
  const auto folders = must(source->folders());
  REQUIRE(folders.size() == 3);
  CHECK(must(source->list(folders[0])).messages.empty());
  CHECK(source->list(folders[1]).error().code == Errc::Unsupported);
  CHECK(source->list(folders[2]).error().code == Errc::Unsupported);
  std::filesystem::create_symlink("/etc/passwd", root + "/dovecot-uidlist");
  CHECK(source->list(folders[0]).error().code == Errc::Unsupported);
}

TEST_CASE("a file that is exchanged for a link after it was listed is not read") {
  const Box box;
  box.write("cur/1.h:2,", "x");
  const auto source = box.open();
  const Folder inbox = must(source->folders()).at(0);
  auto listing = must(source->list(inbox));
  std::filesystem::remove(box.dir.path() + "/cur/1.h:2,");
  std::filesystem::create_symlink("/etc/passwd", box.dir.path() + "/cur/1.h:2,");
  const auto sink = [](View) { return Status(makeError(Errc::Internal, "read")); };
  CHECK(source->read(inbox, listing.messages[0], sink).error().code == Errc::Unsupported);
  std::filesystem::remove(box.dir.path() + "/cur/1.h:2,");
  CHECK(source->read(inbox, listing.messages[0], sink).error().code == Errc::NotFound);
  box.write("cur/1.h:2,RS", "here");
  CHECK(read(*source, inbox, listing.messages[0]) == "here");
  CHECK(listing.messages[0].flags == (store::kSeen | store::kAnswered));
}

TEST_CASE("nested folders, and what is no Maildir") {
  const Box box;
  box.add("Work/2026");
  box.add("Empty");
  box.write("file", "x");
  std::vector<std::string> names;
  for (const auto& folder : must(box.open()->folders())) names.push_back(folder.name);
  CHECK(names == std::vector<std::string>{"INBOX", "Empty", "Work/2026"});
  const TempDir empty;
  CHECK(MaildirSource::open(empty.path(), {}).error().code == Errc::Unsupported);
  CHECK(MaildirSource::open(empty.path() + "/none", {}).error().code == Errc::NotFound);
}

TEST_CASE("the way to a source goes through links of root and of our own user alone") {
  const TempDir dir;
  std::filesystem::create_directories(dir.path() + "/real/box/cur");
  std::filesystem::create_symlink("real", dir.path() + "/ours");
  std::filesystem::create_symlink(dir.path() + "/ours/../ours//box", dir.path() + "/far");
  std::filesystem::create_symlink("loop", dir.path() + "/loop");
  for (const char* path : {"/real/box", "/ours/box", "/far", "/real//./box/", "/real/box/cur/.."})
    CHECK(must(Directory::open(dir.path() + path)).has("cur"));
  for (const char* path : {"/loop", "/none", "/real/none/..", "/far/x"})
    CHECK_FALSE(Directory::open(dir.path() + path).ok());
  CHECK_FALSE(Directory::open("").ok());
  if (::geteuid() != 0) {
    WARN("SKIPPED: only root can make a link of another user");
    return;
  }
  REQUIRE(::lchown((dir.path() + "/ours").c_str(), 12345, 12345) == 0);
  CHECK(Directory::open(dir.path() + "/ours/box").error().code == Errc::Unsupported);
  CHECK(Directory::open(dir.path() + "/far").error().code == Errc::Unsupported);
  CHECK(Directory::open(dir.path() + "/real/box").ok());
}

TEST_CASE("a nested folder that may not be entered is not passed over in silence") {
  const Box box;
  box.write("Work/cur/1.h:2,", "x");
  box.write("Work/Closed/cur/2.h:2,", "y");
  const std::string closed = box.dir.path() + "/Work/Closed";
  std::filesystem::permissions(closed, std::filesystem::perms::none);
  std::filesystem::permissions(box.dir.path(), std::filesystem::perms{0755});
  const AsNobody nobody;
  const auto source = box.open();
  const auto folders = must(source->folders());
  REQUIRE(folders.size() == 3);
  CHECK(folders[2].name == "Work/Closed");
  CHECK(must(source->list(folders[1])).messages.size() == 1);
  const auto listing = source->list(folders[2]);
  REQUIRE_FALSE(listing.ok());
  CHECK(listing.error().code == Errc::Denied);
}

TEST_CASE("a file that shrinks while it is read is no message") {
  const Box box;
  box.write("cur/1.h:2,", std::string(200'000, 'x'));
  const auto source = box.open();
  const Folder inbox = must(source->folders()).at(0);
  auto listing = must(source->list(inbox));
  bool first = true;
  const Status read = source->read(inbox, listing.messages.at(0), [&](View) -> Status {
    if (std::exchange(first, false)) std::filesystem::resize_file(box.dir.path() + "/cur/1.h:2,", 70'000);
    return {};
  });
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == Errc::Conflict);
}
