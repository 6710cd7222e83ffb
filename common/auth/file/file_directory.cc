// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/file_directory.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auth/login_name.h"
#include "common/auth/messages.h"
#include "common/auth/password.h"
#include "common/base/ascii.h"
#include "common/base/unique_fd.h"

namespace posthorn::auth {
namespace {

constexpr std::chrono::seconds kLookInterval{1};
constexpr std::size_t kMostDamagesLogged = 20;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileMark markOf(const struct stat& info) {
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim),
          nanoseconds(info.st_ctim)};
}

Status checkFile(const std::string& path, const struct stat& info) {
  constexpr mode_t kMost = 0640;
  if (!S_ISREG(info.st_mode)) return makeError(Errc::Denied, path + " is not a regular file");
  if ((info.st_mode & 07777 & ~kMost) != 0)
    return makeError(Errc::Denied, path + " may be read or written by others: its mode must be 0600 or 0640");
  if (info.st_uid != 0 && geteuid() != 0 && info.st_uid != geteuid())
    return makeError(Errc::Denied, path + " belongs to uid " + std::to_string(info.st_uid) +
                                       ", neither root nor the user that runs this process");
  if (static_cast<std::uint64_t>(info.st_size) > kMaxUserFile)
    return makeError(Errc::TooBig, path + " is larger than a user file may be");
  return okStatus();
}

Status readAll(int fd, const std::string& path, std::string& out) {
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t n = pread(fd, out.data() + have, out.size() - have, static_cast<off_t>(have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errnoError("cannot read " + path);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  out.resize(have);
  return okStatus();
}

}  // namespace

Result<UserFileText> readUserFile(const std::string& path) {
  constexpr int kTries = 5;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (fd.get() < 0) return errnoError("cannot open " + path);
    struct stat before {};
    struct stat after {};
    if (fstat(fd.get(), &before) != 0) return errnoError("cannot stat " + path);
    PH_CHECK(checkFile(path, before));
    UserFileText out;
    out.text.resize(static_cast<std::size_t>(before.st_size));
    PH_CHECK(readAll(fd.get(), path, out.text));
    if (fstat(fd.get(), &after) != 0) return errnoError("cannot stat " + path);
    out.mark = markOf(before);
    if (out.mark == markOf(after) && out.text.size() == out.mark.size) return out;
  }
  return makeError(Errc::Conflict, path + " keeps changing while it is read");
}

FileDirectory::FileDirectory(const Settings& settings, const Clock& clock)
    : path_(settings.userFile),
      defaultDomain_(settings.defaultDomain),
      scheme_(settings.passwordScheme),
      cost_(settings.passwordCost),
      clock_(clock) {}

std::shared_ptr<const UserTable> FileDirectory::table() {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady().time_since_epoch());
  auto current = state_.with([](State& s) { return s.table; });
  if (current && now.count() < nextLook_.load(std::memory_order_acquire)) return current;
  // Whoever comes while another thread reads goes on with what there is; without anything it waits.
  std::unique_lock<std::mutex> lock(reloading_, std::defer_lock);
  if (current) {
    if (!lock.try_lock()) return current;
  } else {
    lock.lock();
  }
  if (now.count() >= nextLook_.load(std::memory_order_acquire)) {
    reload();
    const auto next = now + std::chrono::duration_cast<std::chrono::milliseconds>(kLookInterval);
    nextLook_.store(next.count(), std::memory_order_release);
  }
  return state_.with([](State& s) { return s.table; });
}

void FileDirectory::reload() {
  const auto known = state_.with([](State& s) { return s.mark; });
  struct stat info {};
  if (known && stat(path_.c_str(), &info) == 0 && markOf(info) == *known) {
    state_.with([](State& s) { s.trouble.clear(); });
    return;
  }
  auto file = readUserFile(path_);
  if (!file) {
    report(file.error().text);
    return;
  }
  // An editor that writes in place empties the file first: nobody must be told meanwhile that he is unknown.
  if (file->text.empty()) {
    report(path_ + " is empty");
    return;
  }
  const FileMark mark = file->mark;
  auto fresh = std::make_shared<const UserTable>(std::move(file->text));
  std::size_t logged = 0;
  for (const auto& damage : fresh->damages()) {
    if (logged++ == kMostDamagesLogged) break;
    log::write(kUserFileDamaged,
               {{"file", path_}, {"line", std::to_string(damage.line)}, {"detail", damage.text}});
  }
  log::write(kUserFileRead, {{"file", path_},
                             {"users", std::to_string(fresh->users())},
                             {"damaged", std::to_string(fresh->damages().size())}});
  state_.with([&](State& s) {
    s.table = std::move(fresh);
    s.mark = mark;
    ++s.revision;
    s.trouble.clear();
  });
}

void FileDirectory::report(const std::string& trouble) {
  const bool news = state_.with([&](State& s) {
    if (s.trouble == trouble) return false;
    s.trouble = trouble;
    return true;
  });
  if (news) log::write(kUserFileUnreadable, {{"file", path_}, {"detail", trouble}});
}

Result<Account> FileDirectory::complete(const UserTable& table, Result<UserLine> user,
                                        std::string_view domainName) const {
  if (!user) return std::move(user).error();
  Account account = std::move(user->account);
  if (domainName.empty()) return account;
  PH_TRY(const DomainLine domain, table.domain(domainName));
  account.status.inetDomain = domain.inetStatus;
  account.status.mailDomain = domain.mailStatus;
  account.domainServices = domain.services;
  return account;
}

Result<Account> FileDirectory::find(const LoginName& name) {
  const auto users = table();
  if (!users) return makeError(Errc::Unavailable, "the user file cannot be read");
  if (name.domain.empty()) return complete(*users, users->user(name.user), {});
  auto full = users->user(name.user + "@" + name.domain);
  if (!name.inDefaultDomain) return complete(*users, std::move(full), name.domain);
  auto bare = users->user(name.user);
  const auto missing = [](const Result<UserLine>& r) { return !r.ok() && r.error().code == Errc::NotFound; };
  if (missing(full)) return complete(*users, std::move(bare), name.domain);
  if (missing(bare)) return complete(*users, std::move(full), name.domain);
  return makeError(Errc::Conflict, "the user stands in the user file with and without its domain");
}

Result<Account> FileDirectory::findByAddress(std::string_view address) {
  const auto users = table();
  if (!users) return makeError(Errc::Unavailable, "the user file cannot be read");
  auto user = users->userByAddress(ascii::toLower(address));
  if (!user && user.error().code == Errc::NotFound) {
    const auto name = splitLogin(address, "@", defaultDomain_);
    if (!name) return makeError(Errc::NotFound, "no such address");
    return find(*name);
  }
  if (!user) return std::move(user).error();
  const std::string& id = user->account.id;
  const std::size_t at = id.rfind('@');
  const std::string domain = at == std::string::npos ? defaultDomain_ : id.substr(at + 1);
  return complete(*users, std::move(user), domain);
}

Result<std::vector<Account>> FileDirectory::people(std::string_view domain, std::string_view text,
                                                   std::size_t most) {
  const auto users = table();
  if (!users) return makeError(Errc::Unavailable, "the user file cannot be read");
  const std::string wanted = ascii::toLower(text);
  const auto holds = [&](std::string_view value) {
    return ascii::toLower(value).find(wanted) != std::string::npos;
  };
  std::vector<Account> out;
  for (const std::string_view id : users->names()) {
    if (out.size() == most) break;
    const std::size_t at = id.rfind('@');
    const std::string_view own =
        at == std::string_view::npos ? std::string_view(defaultDomain_) : id.substr(at + 1);
    if (own != domain) continue;
    Result<Account> account = complete(*users, users->user(id), own);
    if (!account) continue;
    const bool fits = holds(account->id) || holds(account->displayName) ||
                      std::any_of(account->mail.begin(), account->mail.end(), holds);
    if (fits) out.push_back(std::move(*account));
  }
  return out;
}

Result<PasswordCheck> FileDirectory::verify(const Account& account, const Secret& password) {
  const auto users = table();
  if (!users) return makeError(Errc::Unavailable, "the user file cannot be read");
  PH_TRY(const UserLine user, users->user(account.entry));
  if (user.hash.empty()) {
    verifyNobody(password);
    return PasswordCheck::NoPassword;
  }
  PH_TRY(const bool matches, passwordMatches(password, user.hash));
  return matches ? PasswordCheck::Match : PasswordCheck::Mismatch;
}

void FileDirectory::verifyNobody(const Secret& password) {
  std::call_once(dummyOnce_, [this] {
    auto hash = hashPassword(randomPassword(), scheme_, cost_);
    if (!hash) hash = hashPassword(randomPassword(), "yescrypt", 0);
    if (hash) dummyHash_ = *std::move(hash);
  });
  const auto ignored = passwordMatches(password, dummyHash_);
  static_cast<void>(ignored);
  ++hashesForNobody_;
}

std::uint64_t FileDirectory::revision() {
  const auto current = table();
  static_cast<void>(current);
  return state_.with([](State& s) { return s.revision; });
}

}  // namespace posthorn::auth
