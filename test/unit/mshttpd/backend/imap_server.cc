// SPDX-License-Identifier: Apache-2.0
#include "test/unit/mshttpd/backend/imap_server.h"

#include <algorithm>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/base/base64.h"

namespace posthorn::mshttpd::backend::test {

namespace {

void sendAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// Lines and literals of one connection.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd) {}
  bool line(std::string& into) {
    while (true) {
      const auto end = in_.find("\r\n");
      if (end != std::string::npos) {
        into = in_.substr(0, end);
        in_.erase(0, end + 2);
        return true;
      }
      if (!fill()) return false;
    }
  }
  std::string octets(std::size_t count) {
    while (in_.size() < count && fill()) {
    }
    std::string out = in_.substr(0, count);
    in_.erase(0, count);
    return out;
  }

 private:
  bool fill() {
    char bytes[65536];
    const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    in_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }
  int fd_;
  std::string in_;
};

}  // namespace

ImapServer::ImapServer(std::string capabilities, std::uint16_t port)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), capabilities_(std::move(capabilities)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int on = 1;
  setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof address;
  REQUIRE(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(listener_.get(), 256) == 0);
  REQUIRE(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  greeting_ = "* OK [CAPABILITY " + capabilities_ + "] ready\r\n";
  acceptor_ = std::thread([this] { accept(); });
}

ImapServer::~ImapServer() {
  shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  cutAll();
  for (std::thread& thread : threads_) thread.join();
}

void ImapServer::cutAll() {
  const std::lock_guard lock(mutex_);
  for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
}

std::vector<std::string> ImapServer::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

void ImapServer::note(const std::string& line) {
  const std::lock_guard lock(mutex_);
  heard_.push_back(line);
}

void ImapServer::accept() {
  while (true) {
    const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++accepted_;
    const int now = ++open_;
    int most = most_;
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
    const std::lock_guard lock(mutex_);
    sockets_.push_back(fd);
    threads_.emplace_back([this, fd] {
      serve(fd);
      --open_;
      const std::lock_guard inner(mutex_);
      sockets_.erase(std::find(sockets_.begin(), sockets_.end(), fd));
      ::close(fd);
    });
  }
}

std::string ImapServer::answer(Talker& talker) {
  for (const auto& [word, answer] : answers_)
    if (talker.line.starts_with(word)) return answer(talker);
  const std::string ok = talker.tag + " OK done\r\n";
  if (talker.line == "CAPABILITY") return "* CAPABILITY " + capabilities_ + "\r\n" + ok;
  if (talker.line.starts_with("ID ")) return "* ID NIL\r\n" + ok;
  if (talker.line == "UNAUTHENTICATE") {
    talker.user.clear();
    return ok;
  }
  if (talker.line.starts_with("AUTHENTICATE PLAIN ")) {
    const std::string text = base64::decode(talker.line.substr(19)).value_or("");
    talker.user = text.substr(0, text.find('\0'));
    return text == talker.user + '\0' + "adm" + '\0' + "secret"
               ? ok
               : talker.tag + " NO [AUTHENTICATIONFAILED] no\r\n";
  }
  return ok;
}

void ImapServer::serve(int fd) {
  sendAll(fd, greeting_);
  Reader reader(fd);
  Talker talker;
  talker.more = [&](std::size_t count) { return reader.octets(count); };
  talker.say = [&](const std::string& text) { sendAll(fd, text); };
  std::string line;
  while (reader.line(line)) {
    note(line);
    const auto blank = line.find(' ');
    talker.tag = line.substr(0, blank);
    talker.line = blank == std::string::npos ? std::string() : line.substr(blank + 1);
    const std::string said = answer(talker);
    if (said.empty()) return;
    sendAll(fd, said);
  }
}

}  // namespace posthorn::mshttpd::backend::test
