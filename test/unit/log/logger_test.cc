// SPDX-License-Identifier: Apache-2.0
#include "common/log/logger.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/unique_fd.h"

using namespace posthorn;
using namespace posthorn::log;

namespace {

constexpr Message kNotice{"test-notice", Level::Notice, "General", "Something happened.", ""};
constexpr Message kDebug{"test-debug", Level::Debug, "General", "A detail.", ""};

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "posthorn-log-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Directory() {
    (void)configure(Settings{});  // closes the file
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string path(const std::string& name = "") const {
    return name.empty() ? path_ : path_ + "/" + name;
  }

 private:
  std::string path_;
};

std::vector<std::string> linesOf(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Settings toFile(const Directory& directory) {
  Settings settings;
  settings.process = "popd";
  settings.target = Target::File;
  settings.directory = directory.path();
  return settings;
}

}  // namespace

TEST_CASE("a file takes lines and is opened anew by configure") {
  Directory directory;
  REQUIRE(configure(toFile(directory)).ok());
  write(kNotice, {{"n", "1"}});
  std::filesystem::rename(directory.path("popd"), directory.path("popd.1"));
  write(kNotice, {{"n", "2"}});
  REQUIRE(configure(toFile(directory)).ok());
  write(kNotice, {{"n", "3"}});
  CHECK(linesOf(directory.path("popd.1")).size() == 2);
  REQUIRE(linesOf(directory.path("popd")).size() == 1);
  CHECK(linesOf(directory.path("popd"))[0].find(" n=3 ") != std::string::npos);
}

TEST_CASE("levels decide what is written") {
  Directory directory;
  Settings settings = toFile(directory);
  REQUIRE(configure(settings).ok());
  CHECK(enabled(Level::Notice));
  CHECK_FALSE(enabled(Level::Debug));
  CHECK_FALSE(enabled(Level::Nolog));
  write(kDebug);
  settings.level = Level::Debug;
  REQUIRE(configure(settings).ok());
  write(kDebug);
  CHECK(linesOf(directory.path("popd")).size() == 1);
  settings.level = Level::Nolog;
  REQUIRE(configure(settings).ok());
  write(kNotice);
  CHECK(linesOf(directory.path("popd")).size() == 1);
}

TEST_CASE("a directory that is not there is an error and changes nothing") {
  Directory directory;
  REQUIRE(configure(toFile(directory)).ok());
  Settings bad = toFile(directory);
  bad.directory = directory.path("missing");
  const Status status = configure(bad);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().text.find(bad.directory) != std::string::npos);
  bad.directory = directory.path("popd");
  CHECK_FALSE(configure(bad).ok());
  bad.directory = "";
  CHECK_FALSE(configure(bad).ok());
  write(kNotice, {{"still", "here"}});
  CHECK(linesOf(directory.path("popd")).size() == 1);
}

TEST_CASE("a symbolic link is not followed") {
  Directory directory;
  std::filesystem::create_symlink(directory.path("elsewhere"), directory.path("popd"));
  CHECK_FALSE(configure(toFile(directory)).ok());
}

TEST_CASE("a file with a second name is not written to") {
  Directory directory;
  std::ofstream(directory.path("precious")) << "precious";
  std::filesystem::create_hard_link(directory.path("precious"), directory.path("popd"));
  CHECK_FALSE(configure(toFile(directory)).ok());
}

TEST_CASE("the classic format begins a new file with its own record") {
  Directory directory;
  Settings settings = toFile(directory);
  settings.format = Format::Classic;
  settings.host = "mail1";
  REQUIRE(configure(settings).ok());
  REQUIRE(configure(settings).ok());
  write(kNotice);
  const auto lines = linesOf(directory.path("popd"));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find(" mail1 popd[" + std::to_string(::getpid()) + "]: General Notice: Log created (") !=
        std::string::npos);
}

TEST_CASE("lines of many threads do not mix, also while the file is opened anew") {
  Directory directory;
  REQUIRE(configure(toFile(directory)).ok());
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < kLines; ++i) {
        write(kNotice, {{"thread", std::to_string(t)}, {"pad", std::string(300, 'x')}, {"end", "end"}});
      }
    });
  }
  for (int i = 0; i < 20; ++i) REQUIRE(configure(toFile(directory)).ok());
  for (std::thread& thread : threads) thread.join();
  const auto lines = linesOf(directory.path("popd"));
  REQUIRE(lines.size() == kThreads * kLines);
  for (const std::string& line : lines) {
    REQUIRE(line.rfind("time=", 0) == 0);
    REQUIRE(line.find(" end=end ") != std::string::npos);
    REQUIRE(line.find("time=", 1) == std::string::npos);
  }
}

TEST_CASE("errno survives a line") {
  Directory directory;
  REQUIRE(configure(toFile(directory)).ok());
  errno = ENOTTY;
  write(kNotice);
  CHECK(errno == ENOTTY);
}

TEST_CASE("the journal gets one datagram a line") {
  Directory directory;
  const std::string path = directory.path("journal");
  Settings settings;
  settings.process = "popd";
  settings.target = Target::Journal;
  settings.journalSocket = path;
  CHECK_FALSE(configure(settings).ok());  // nobody listens

  UniqueFd journal(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  REQUIRE(::bind(journal.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(configure(settings).ok());
  write(kNotice, {{"user", "anna"}});
  std::array<char, 4096> buffer{};
  const ssize_t got = ::recv(journal.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  REQUIRE(got > 0);
  const std::string datagram(buffer.data(), static_cast<std::size_t>(got));
  CHECK(datagram.find("SYSLOG_IDENTIFIER=popd\n") != std::string::npos);
  CHECK(datagram.find("POSTHORN_USER=anna\n") != std::string::npos);
  settings.journalSocket = std::string(200, 'x');
  CHECK_FALSE(configure(settings).ok());
}

TEST_CASE("what a full disk refuses goes to stderr") {
  if (::access("/dev/full", W_OK) != 0) {
    WARN("SKIPPED: /dev/full cannot be written here");
    return;
  }
  Directory directory;
  // A log "file" that is always full: the directory is /dev, the process is called full.
  Settings settings;
  settings.process = "full";
  settings.target = Target::File;
  settings.directory = "/dev";
  REQUIRE(configure(settings).ok());
  UniqueFd capture(::open(directory.path("stderr").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  UniqueFd saved(::dup(STDERR_FILENO));
  REQUIRE(::dup2(capture.get(), STDERR_FILENO) == STDERR_FILENO);
  write(kNotice, {{"user", "anna"}});
  ::dup2(saved.get(), STDERR_FILENO);
  const auto lines = linesOf(directory.path("stderr"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("user=anna") != std::string::npos);
}
