// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/unique_fd.h"
#include "common/tls/context.h"

namespace posthorn::mshttpd::backend::test {

/// A small IMAP server on 127.0.0.1, one thread a connection: logs in whoever says AUTHENTICATE PLAIN, and
/// answers what a test adds. Ends all connections when it is destroyed.
class ImapServer {
 public:
  /// What is said for a command: everything up to the tagged answer, or an empty string to close at once.
  /// `line` is the command without its tag; `more(n)` reads n octets of a literal.
  struct Talker {
    std::string tag;
    std::string line;
    std::string user;  ///< logged in for
    std::function<std::string(std::size_t)> more;
    std::function<void(const std::string&)> say;
  };
  using Answer = std::function<std::string(Talker&)>;

  explicit ImapServer(std::string capabilities = "IMAP4rev1 SASL-IR ID LITERAL+ AUTH=PLAIN UNAUTHENTICATE",
                      std::uint16_t port = 0);
  ~ImapServer();
  ImapServer(const ImapServer&) = delete;
  ImapServer& operator=(const ImapServer&) = delete;

  /// How commands that begin with `word` are answered. Before the first connection.
  void on(const std::string& word, Answer answer) { answers_[word] = std::move(answer); }
  void greet(std::string greeting) { greeting_ = std::move(greeting); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Connections now, the most at a time, and in all.
  [[nodiscard]] int open() const { return open_; }
  [[nodiscard]] int most() const { return most_; }
  [[nodiscard]] int accepted() const { return accepted_; }
  /// Every line that came, in order.
  [[nodiscard]] std::vector<std::string> heard() const;
  /// Ends all connections, and takes new ones again.
  void cutAll();

 private:
  void accept();
  void serve(int fd);
  std::string answer(Talker& talker);
  void note(const std::string& line);

  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::string capabilities_;
  std::string greeting_;
  std::map<std::string, Answer> answers_;
  std::atomic<int> open_{0};
  std::atomic<int> most_{0};
  std::atomic<int> accepted_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace posthorn::mshttpd::backend::test
