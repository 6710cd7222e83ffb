// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/upload_spool.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "mshttpd/http/spool_file.h"

namespace posthorn::mshttpd {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPrefix = "U";
constexpr std::size_t kIdLength = 33;  // the prefix and 128 random bits
constexpr std::size_t kMostType = 80;
constexpr std::string_view kUnknownType = "application/octet-stream";
constexpr std::chrono::seconds kRecount{30};

std::string userHash(const std::string& user) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(user.data(), user.size(), digest, &length, EVP_sha256(), nullptr);
  return toHex({reinterpret_cast<const char*>(digest), 20});
}

bool isId(View id) {
  return id.size() == kIdLength && id.starts_with(kPrefix) && Id128::fromHex(id.substr(1)).has_value();
}

// RFC 2045's form without parameters, else the type of octets.
std::string plainType(View type) {
  type = ascii::trim(type.substr(0, type.find(';')));
  const auto fits = [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || View("/.+-_").find(c) != View::npos;
  };
  const bool good = type.size() <= kMostType && std::count(type.begin(), type.end(), '/') == 1 &&
                    type.front() != '/' && type.back() != '/' && std::all_of(type.begin(), type.end(), fits);
  return ascii::toLower(good ? type : View(kUnknownType));
}

// '/' cannot stand in a file's name; '~' in no media type.
std::string fileName(const std::string& id, std::string type) {
  std::replace(type.begin(), type.end(), '/', '~');
  return id + '.' + type;
}

Uploads::Blob blobOf(const std::string& name, std::uint64_t octets) {
  std::string type = name.substr(kIdLength + 1);
  std::replace(type.begin(), type.end(), '~', '/');
  return {name.substr(0, kIdLength), std::move(type), octets};
}

bool isBlobName(View name) {
  return name.size() > kIdLength + 1 && name[kIdLength] == '.' && isId(name.substr(0, kIdLength));
}

Status makeFolder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return okStatus();
  return errnoError(folder);
}

}  // namespace

Result<std::unique_ptr<UploadSpool>> UploadSpool::open(std::string folder, const Clock& clock) {
  std::error_code ec;
  fs::create_directories(folder, ec);
  if (ec) return makeError(Errc::Io, folder + ": " + ec.message());
  PH_CHECK(makeFolder(folder + "/blobs"));
  return std::make_unique<UploadSpool>(std::move(folder), clock);
}

void UploadSpool::setLimits(const Limits& limits) {
  limits_.with([&](Limits& mine) { mine = limits; });
}

UploadSpool::Limits UploadSpool::limits() const {
  return limits_.with([](const Limits& mine) { return mine; });
}

std::string UploadSpool::folderOf(const std::string& user) const {
  return folder_ + "/blobs/" + userHash(user);
}

std::vector<UploadSpool::Entry> UploadSpool::list(const std::string& folder) {
  std::vector<Entry> found;
  std::error_code ec;
  for (auto at = fs::directory_iterator(folder, ec); !ec && at != fs::end(at); at.increment(ec)) {
    std::string name = at->path().filename().string();
    struct stat info {};
    if (!isBlobName(name) || ::lstat(at->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    found.push_back({std::move(name), static_cast<std::uint64_t>(info.st_size),
                     Wall(std::chrono::seconds(info.st_mtim.tv_sec) +
                          std::chrono::microseconds(info.st_mtim.tv_nsec / 1000))});
  }
  return found;
}

Result<std::uint64_t> UploadSpool::used(bool anew) {
  const bool fresh = !anew && sum_.with([&](const Sum& sum) {
    return sum.known && clock_.steady() - sum.counted < kRecount;
  });
  if (!fresh) {
    std::uint64_t octets = 0;
    std::error_code ec;
    for (auto at = fs::directory_iterator(folder_ + "/blobs", ec); !ec && at != fs::end(at); at.increment(ec))
      for (const Entry& entry : list(at->path().string())) octets += entry.octets;
    sum_.with([&](Sum& sum) { sum = {octets, clock_.steady(), true}; });
  }
  return sum_.with([](const Sum& sum) { return sum.octets; });
}

Status UploadSpool::makeRoom(const std::string& folder, std::uint64_t octets, const Limits& limits) {
  if (octets > limits.perUser)
    return Error{Errc::OverQuota, "larger than http.spoolquota", "Larger than all your uploads may be"};
  auto entries = list(folder);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.time < b.time; });
  std::uint64_t his = octets;
  for (const Entry& entry : entries) his += entry.octets;
  std::size_t count = entries.size();
  for (const Entry& entry : entries) {
    if (his <= limits.perUser && count < limits.files) break;
    if (::unlink((folder + '/' + entry.name).c_str()) != 0) continue;
    his -= entry.octets;
    --count;
    sum_.with([&](Sum& sum) { sum.octets -= std::min(sum.octets, entry.octets); });
  }
  PH_TRY(const std::uint64_t all, used(false));
  if (all + octets <= limits.whole) return okStatus();
  PH_TRY(const std::uint64_t now, used(true));
  if (now + octets > limits.whole) return makeError(Errc::NoSpace, "http.spoolsize is reached");
  return okStatus();
}

Result<Uploads::Blob> UploadSpool::keep(const std::string& user, UniqueFd file, std::string type) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errnoError("spool");
  const auto octets = static_cast<std::uint64_t>(info.st_size);
  const std::string folder = folderOf(user);
  PH_CHECK(makeFolder(folder));
  PH_CHECK(makeRoom(folder, octets, limits()));
  const std::string name = fileName(std::string(kPrefix) + Id128::random().hex(), plainType(type));
  const std::string from = fmt::format("/proc/self/fd/{}", file.get());
  const std::string to = folder + '/' + name;
  const auto link = [&] {
    return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  // Another worker may have found the folder empty and taken it away.
  if (!link() && (errno != ENOENT || !makeFolder(folder).ok() || !link())) return errnoError("spool");
  sum_.with([&](Sum& sum) { sum.octets += octets; });
  return blobOf(name, octets);
}

Result<Uploads::Blob> UploadSpool::keep(const std::string& user, View content, std::string type) {
  http::SpoolFile file(folder_);
  PH_CHECK(file.append(content));
  PH_TRY(UniqueFd fd, file.take());
  return keep(user, std::move(fd), std::move(type));
}

Result<Uploads::Open> UploadSpool::open(const std::string& user, const std::string& id) {
  if (!isId(id)) return makeError(Errc::NotFound, "no upload of this name");
  const std::string folder = folderOf(user);
  const Wall oldest = clock_.wall() - limits().ttl;
  for (const Entry& entry : list(folder)) {
    if (!entry.name.starts_with(id) || entry.time < oldest) continue;
    UniqueFd fd(::open((folder + '/' + entry.name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) break;
    ::futimens(fd.get(), nullptr);  // its time begins anew; without that it is only collected earlier
    return Open{blobOf(entry.name, entry.octets), std::move(fd)};
  }
  return makeError(Errc::NotFound, "no upload of this name");
}

Result<std::size_t> UploadSpool::collect() {
  const Wall oldest = clock_.wall() - limits().ttl;
  std::size_t gone = 0;
  std::error_code ec;
  for (auto at = fs::directory_iterator(folder_ + "/blobs", ec); !ec && at != fs::end(at); at.increment(ec)) {
    const std::string folder = at->path().string();
    for (const Entry& entry : list(folder))
      if (entry.time < oldest && ::unlink((folder + '/' + entry.name).c_str()) == 0) ++gone;
    ::rmdir(folder.c_str());  // only when it is empty
  }
  if (ec) return makeError(Errc::Io, folder_ + ": " + ec.message());
  return gone;
}

}  // namespace posthorn::mshttpd
