// SPDX-License-Identifier: Apache-2.0
#include "master/local_socket.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>

using namespace posthorn;
using namespace posthorn::master;

namespace {

struct Folder {
  Folder() {
    const char* top = std::getenv("TMPDIR");
    std::string made = std::string(top != nullptr ? top : "/tmp") + "/local-XXXXXX";
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    path = made;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string socket() const { return path + "/s.sock"; }
  std::string path;
};

bool connects(const std::string& path, int type) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

TEST_CASE("a Unix socket listens with the wanted type and permissions, and its file goes with it") {
  const Folder folder;
  {
    const auto streams = listenLocal(folder.socket(), false, 0660, 8);
    REQUIRE(streams.ok());
    CHECK(connects(folder.socket(), SOCK_STREAM));
    struct stat info {};
    REQUIRE(::stat(folder.socket().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0660);
  }
  CHECK_FALSE(std::filesystem::exists(folder.socket()));
  const auto packets = listenLocal(folder.socket(), true, 0666, 8);
  REQUIRE(packets.ok());
  CHECK(connects(folder.socket(), SOCK_SEQPACKET));
  CHECK_FALSE(connects(folder.socket(), SOCK_STREAM));
}

TEST_CASE("a socket that somebody listens on is not taken away, one that nobody listens on is") {
  const Folder folder;
  auto first = listenLocal(folder.socket(), true, 0666, 8);
  REQUIRE(first.ok());
  const auto second = listenLocal(folder.socket(), true, 0666, 8);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == Errc::Exists);
  CHECK(second.error().text == "another program listens on " + folder.socket());
  CHECK(connects(folder.socket(), SOCK_SEQPACKET));
  // Its process was killed: the file is left.
  first->fd.reset();
  const auto third = listenLocal(folder.socket(), true, 0666, 8);
  REQUIRE(third.ok());
  CHECK(connects(folder.socket(), SOCK_SEQPACKET));
}

TEST_CASE("the file of a later socket is left alone") {
  const Folder folder;
  std::optional<LocalListener> first = listenLocal(folder.socket(), false, 0666, 8).value();
  std::filesystem::rename(folder.socket(), folder.path + "/old");
  const auto second = listenLocal(folder.socket(), false, 0666, 8);
  REQUIRE(second.ok());
  first.reset();
  CHECK(connects(folder.socket(), SOCK_STREAM));
}

TEST_CASE("what is no socket is never removed, and bad places are told") {
  const Folder folder;
  std::ofstream(folder.socket()) << "kept";
  const auto file = listenLocal(folder.socket(), false, 0666, 8);
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().text == folder.socket() + " is there and is no socket: remove it");
  CHECK(std::filesystem::file_size(folder.socket()) == 4);
  std::filesystem::create_symlink("/nowhere", folder.path + "/link");
  CHECK_FALSE(listenLocal(folder.path + "/link", false, 0666, 8).ok());
  CHECK(listenLocal(folder.path + "/missing/s.sock", false, 0666, 8).error().code == Errc::NotFound);
  CHECK(listenLocal("relative.sock", false, 0666, 8).error().code == Errc::Invalid);
  CHECK(listenLocal(folder.path + "/", false, 0666, 8).error().code == Errc::Invalid);
  CHECK(listenLocal(folder.path + "/" + std::string(120, 'x'), false, 0666, 8).error().code == Errc::Invalid);
}
