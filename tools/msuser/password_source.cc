// SPDX-License-Identifier: Apache-2.0
#include "tools/msuser/password_source.h"

#include <cerrno>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "common/auth/login_name.h"
#include "common/auth/password.h"
#include "common/base/ids.h"
#include "common/base/unique_fd.h"

namespace posthorn::msuser {
namespace {

// Octet by octet: what follows the line belongs to whoever reads next.
Result<auth::Secret> readLine(int fd) {
  std::string line;
  line.reserve(auth::kMaxPassword + 2);
  for (;;) {
    char c = 0;
    const ssize_t n = read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errnoError("cannot read the password");
    if (n == 0 || c == '\n') break;
    if (line.size() > auth::kMaxPassword) return makeError(Errc::Invalid, "the password is too long");
    line.push_back(c);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return auth::Secret(std::move(line));
}

// Without echo for as long as it lives.
class QuietTerminal {
 public:
  explicit QuietTerminal(int fd) : fd_(fd) {
    if (tcgetattr(fd_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    changed_ = tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  [[nodiscard]] bool quiet() const { return changed_; }

 private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

Result<auth::Secret> ask(int fd, std::string_view prompt) {
  if (write(fd, prompt.data(), prompt.size()) < 0) return errnoError("cannot write to the terminal");
  return readLine(fd);
}

Result<auth::Secret> readTwice() {
  const UniqueFd terminal(open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (terminal.get() < 0)
    return makeError(Errc::Invalid, "there is no terminal to ask for the password: use --stdin or --random");
  const QuietTerminal quiet(terminal.get());
  if (!quiet.quiet()) return makeError(Errc::Io, "cannot switch off the terminal's echo");
  PH_TRY(auth::Secret first, ask(terminal.get(), "New password: "));
  PH_TRY(const auth::Secret second, ask(terminal.get(), "Once more: "));
  if (!constantTimeEqual(first.view(), second.view()))
    return makeError(Errc::Invalid, "the two are not the same");
  return first;
}

}  // namespace

Result<auth::Secret> preparePassword(std::string_view raw) {
  if (raw.empty()) return makeError(Errc::Invalid, "the password is empty");
  if (raw.size() > auth::kMaxPassword)
    return makeError(Errc::Invalid,
                     "a password has at most " + std::to_string(auth::kMaxPassword) + " octets");
  auto prepared = auth::prepareStored(raw);
  if (!prepared)
    return makeError(Errc::Invalid,
                     "a password is UTF-8 without control characters or characters that RFC 4013 forbids");
  return auth::Secret(*std::move(prepared));
}

Result<auth::Secret> readPassword(PasswordFrom from) {
  if (from == PasswordFrom::Random) {
    auth::Secret made = auth::randomPassword();
    std::printf("%s\n", made.cString());
    return made;
  }
  PH_TRY(const auth::Secret raw, from == PasswordFrom::Stdin ? readLine(STDIN_FILENO) : readTwice());
  return preparePassword(raw.view());
}

}  // namespace posthorn::msuser
