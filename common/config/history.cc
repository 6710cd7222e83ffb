// SPDX-License-Identifier: Apache-2.0
#include "common/config/history.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

namespace posthorn::config {

namespace {

constexpr std::string_view kMark = "# posthorn.yaml ";
constexpr std::size_t kMostRemark = 200;
constexpr std::size_t kMostPerson = 64;

std::string stamp(Wall now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  std::array<char, 32> text{};
  ::gmtime_r(&seconds, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

/// The user, and who he was before sudo: said for people, believed by nothing.
std::string person() {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  std::string name = std::to_string(::getuid());
  if (::getpwuid_r(::getuid(), &entry, space.data(), space.size(), &found) == 0 && found != nullptr)
    name = entry.pw_name;
  // Read before any thread exists.
  const char* before = std::getenv("SUDO_USER");  // NOLINT(concurrency-mt-unsafe)
  if (before != nullptr && *before != '\0' && name != before) name += "/" + std::string(before);
  name = ascii::printable(name, kMostPerson);
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

/// One line of whole UTF-8 characters, at most kMostRemark octets.
std::string oneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8::characterLength(text), 1);
    const bool broken = utf8::characterLength(text) == 0;
    if (line.size() + length > kMostRemark) break;
    line += broken ? "?" : ascii::isControl(text.front()) ? " " : std::string(text.substr(0, length));
    text.remove_prefix(length);
  }
  return std::string(ascii::trim(line));
}

std::string headOf(const Version& version) {
  return std::string(kMark) + version.time + " " + version.by + " " + version.remark + "\n";
}

/// "# posthorn.yaml TIME BY REMARK"; nothing when it is another line.
bool parseHead(std::string_view line, Version& version) {
  if (line.substr(0, kMark.size()) != kMark) return false;
  line.remove_prefix(kMark.size());
  const std::size_t time = std::min(line.find(' '), line.size());
  const std::size_t by = std::min(line.find(' ', std::min(time + 1, line.size())), line.size());
  if (time == line.size() || by == line.size()) return false;
  version.time = line.substr(0, time);
  version.by = line.substr(time + 1, by - time - 1);
  version.remark = line.substr(by + 1);
  return true;
}

}  // namespace

History::History(const std::string& file) : folder_(resolvedPath(file) + ".history") {}

std::string History::pathOf(std::uint64_t number) const {
  return folder_ + "/" + std::to_string(number);
}

Result<std::vector<std::uint64_t>> History::numbers() const {
  std::vector<std::uint64_t> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_.c_str()), ::closedir);
  if (!folder) {
    if (errno == ENOENT) return found;
    return errnoError("the folder " + folder_ + " cannot be read");
  }
  while (const dirent* entry = ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe)
    const auto number = ascii::number(&entry->d_name[0]);
    if (number && *number > 0 && std::to_string(*number) == &entry->d_name[0]) found.push_back(*number);
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<History::Kept> History::load(std::uint64_t number) const {
  auto file = readFile(pathOf(number));
  if (!file.ok() && file.error().code == Errc::NotFound)
    return makeError(Errc::NotFound, "there is no version " + std::to_string(number) + " in " + folder_);
  if (!file.ok()) return std::move(file).error();
  Kept kept;
  kept.version.number = number;
  const std::size_t feed = file->text.find('\n');
  if (feed == std::string::npos || !parseHead(std::string_view(file->text).substr(0, feed), kept.version))
    return makeError(Errc::Corrupt, pathOf(number) + " is not a kept configuration");
  kept.text = file->text.substr(feed + 1);
  return kept;
}

Result<std::vector<Version>> History::list() const {
  PH_TRY(const auto all, numbers());
  std::vector<Version> versions;
  for (const std::uint64_t number : all) {
    auto kept = load(number);
    // One damaged version must not hide the others.
    if (kept.ok())
      versions.push_back(std::move(kept->version));
    else if (kept.error().code == Errc::Corrupt)
      versions.push_back(Version{number, "?", "?", "(damaged)"});
    else
      return std::move(kept).error();
  }
  return versions;
}

Result<std::string> History::read(std::uint64_t number) const {
  PH_TRY(Kept kept, load(number));
  return std::move(kept.text);
}

Status History::makeFolder(const FileText& like) const {
  const bool isNew = ::mkdir(folder_.c_str(), 0700) == 0;
  if (!isNew && errno != EEXIST) return errnoError("the folder " + folder_ + " cannot be made");
  const UniqueFd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat now {};
  if (!folder || ::fstat(folder.get(), &now) != 0)
    return errnoError("the folder " + folder_ + " cannot be opened");
  // Each time: when the file has been closed to others, so are older versions, whatever mode they had.
  const mode_t readers = (like.info.st_mode & 0444) | ((like.info.st_mode & 0444) >> 2);
  const bool owned = now.st_uid == like.info.st_uid && now.st_gid == like.info.st_gid;
  if ((!owned && ::fchown(folder.get(), like.info.st_uid, like.info.st_gid) != 0) ||
      ::fchmod(folder.get(), 0700 | readers) != 0) {
    Error error = errnoError("the folder " + folder_ + " cannot be given to the owner of the file");
    if (isNew) ::rmdir(folder_.c_str());
    return error;
  }
  return {};
}

Result<std::uint64_t> History::keep(const EditLock& /*lock*/, const FileText& like, const std::string& text,
                                    const std::string& remark, Wall now) {
  PH_CHECK(makeFolder(like));
  PH_TRY(auto all, numbers());
  if (!all.empty()) {
    const auto latest = load(all.back());
    if (latest.ok() && latest->text == text) return all.back();
  }
  const Version version{all.empty() ? 1 : all.back() + 1, stamp(now), person(), oneLine(remark)};
  PH_CHECK(replaceFile(pathOf(version.number), headOf(version) + text, like));
  all.push_back(version.number);
  for (std::size_t i = 0; i + kKept < all.size(); ++i) ::unlink(pathOf(all[i]).c_str());
  return version.number;
}

}  // namespace posthorn::config
