// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <string>
#include <unordered_map>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/auth/file/file_directory.h"
#include "common/auth/file/user_line.h"
#include "common/auth/password.h"
#include "common/base/ascii.h"
#include "common/base/unique_fd.h"
#include "tools/msuser/commands.h"

namespace posthorn::msuser {
namespace {

using auth::UserFileEdit;

constexpr std::size_t kMostErrors = 20;

Result<std::string> readAll(const std::string& file) {
  UniqueFd opened;
  if (file != "-") {
    opened.reset(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (opened.get() < 0) {
      Error error = errnoError("cannot open " + file);
      error.code = Errc::Io;
      return error;
    }
  }
  const int fd = file == "-" ? STDIN_FILENO : opened.get();
  std::string text;
  char block[65536];
  for (;;) {
    const ssize_t n = read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errnoError("cannot read " + file);
    if (n == 0) break;
    if (text.size() + static_cast<std::size_t>(n) > auth::kMaxUserFile)
      return makeError(Errc::TooBig, file + " is too large");
    text.append(block, static_cast<std::size_t>(n));
  }
  explicit_bzero(block, sizeof block);
  return text;
}

// "{WORD}rest": what stands between the braces, so that a password such as "{}" stays a password.
std::string_view schemeTag(std::string_view secret) {
  if (secret.size() < 3 || secret.front() != '{') return {};
  const std::size_t end = secret.find('}');
  if (end == std::string_view::npos || end < 2) return {};
  for (const char c : secret.substr(1, end - 1))
    if (!ascii::isAlpha(c) && !ascii::isDigit(c) && c != '-' && c != '.') return {};
  return secret.substr(1, end - 1);
}

Result<std::string> hashFor(const Context& context, std::string_view secret) {
  const std::string_view tag = schemeTag(secret);
  const bool plain = ascii::equal(tag, "PLAIN") || ascii::equal(tag, "CLEARTEXT");
  if (!tag.empty() && !plain) return auth::parseHash(secret);
  if (plain) secret.remove_prefix(tag.size() + 2);
  // Somebody's shadow file, most likely; as a password it would let in whoever has seen the file.
  if (!plain && auth::parseHash(secret))
    return makeError(Errc::Invalid,
                     "the password looks like a hash: write {CRYPT} before a hash, {PLAIN} "
                     "before a password");
  PH_TRY(const auth::Secret password, preparePassword(secret));
  return auth::hashPassword(password, context.settings.passwordScheme, context.settings.passwordCost);
}

struct Row {
  std::string id;
  std::string hash;
};

Result<Row> parseRow(const Context& context, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return makeError(Errc::Invalid, "not user:password");
  Row row;
  PH_TRY(row.id, idOf(context, std::string(line.substr(0, colon))));
  if (row.id.front() == '@') return makeError(Errc::Invalid, "a domain has no password");
  PH_TRY(row.hash, hashFor(context, line.substr(colon + 1)));
  return row;
}

// Collects what is wrong, so that one run names it all; as one error in the end.
class Findings {
 public:
  explicit Findings(std::string file) : file_(std::move(file)) {}
  void add(std::size_t line, const std::string& text) {
    if (++count_ <= kMostErrors) text_ += "\n" + file_ + ":" + std::to_string(line) + ": " + text;
  }
  [[nodiscard]] Status status() const {
    if (count_ == 0) return okStatus();
    std::string text = "nothing was imported, " + std::to_string(count_) + " lines are wrong:" + text_;
    if (count_ > kMostErrors) text += "\n... and " + std::to_string(count_ - kMostErrors) + " more";
    return makeError(Errc::Invalid, text);
  }

 private:
  std::string file_;
  std::string text_;
  std::size_t count_ = 0;
};

struct Numbered {
  std::size_t line;
  Row row;
};

std::vector<Numbered> parseRows(const Context& context, std::string_view text, Findings& findings) {
  std::vector<Numbered> rows;
  std::unordered_map<std::string, std::size_t> seen;
  std::size_t number = 0;
  for (std::string_view line : ascii::split(text, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    auto row = parseRow(context, line);
    if (!row) {
      findings.add(number, row.error().text);
      continue;
    }
    const auto [earlier, fresh] = seen.emplace(row->id, number);
    if (!fresh) {
      findings.add(number, row->id + " is on line " + std::to_string(earlier->second) + " too");
      continue;
    }
    rows.push_back({number, *std::move(row)});
  }
  return rows;
}

Status put(UserFileEdit& edit, const Context& context, const Row& row, Existing existing) {
  const std::string& domain = context.settings.defaultDomain;
  if (!domain.empty() && row.id.find('@') == std::string::npos && edit.has(row.id + "@" + domain))
    return makeError(Errc::Exists, row.id + " is there as " + row.id + "@" + domain);
  auth::UserLine line;
  line.account.id = row.id;
  if (edit.has(row.id)) {
    if (existing == Existing::AreErrors) return makeError(Errc::Exists, "there is already a " + row.id);
    PH_TRY(const std::string old, edit.line(row.id));
    PH_TRY(line, auth::parseUserLine(old));
    line.hash = row.hash;
    return edit.replace(auth::formatUserLine(line));
  }
  line.hash = row.hash;
  return edit.add(auth::formatUserLine(line));
}

}  // namespace

Status import(const Context& context, const std::string& file, Existing existing) {
  PH_TRY(std::string text, readAll(file));
  Findings findings(file == "-" ? "stdin" : file);
  const auto rows = parseRows(context, text, findings);
  auth::wipe(text);
  PH_CHECK(findings.status());
  PH_TRY(auto edit,
         UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsMade, context.newOwner));
  for (const Numbered& one : rows)
    if (const Status status = put(edit, context, one.row, existing); !status)
      findings.add(one.line, status.error().text);
  PH_CHECK(findings.status());
  PH_CHECK(edit.commit());
  std::printf("%zu users imported\n", rows.size());
  return okStatus();
}

}  // namespace posthorn::msuser
