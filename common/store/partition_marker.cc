// SPDX-License-Identifier: Apache-2.0
#include "common/store/partition_marker.h"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/ids.h"
#include "common/base/unique_fd.h"
#include "common/store/messages.h"

namespace posthorn::store {

namespace {

constexpr std::chrono::minutes kQuiet{1};
constexpr std::size_t kDigits = 32;

/// The number in the file, 32 hex digits. NotFound when there is no file, Corrupt for anything else in it.
Result<std::string> readNumber(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return errnoError("store: open " + path);
  std::array<char, kDigits + 2> buffer{};
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  if (got < 0) return errnoError("store: read " + path);
  std::string text(buffer.data(), static_cast<std::size_t>(got));
  if (text.size() != kDigits + 1 || text.back() != '\n')
    return makeError(Errc::Corrupt, "store: " + path + " cannot be read");
  text.pop_back();
  if (!Id128::fromHex(text)) return makeError(Errc::Corrupt, "store: " + path + " cannot be read");
  return text;
}

Status makeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return errnoError("store: make " + path);
}

Status syncFolderOf(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/'));
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return errnoError("store: flush " + folder);
  return {};
}

Status writeNew(const std::string& path, const std::string& number) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errnoError("store: make " + path);
  const std::string text = number + "\n";
  const ssize_t put = ::write(fd.get(), text.data(), text.size());
  if (put >= 0 && static_cast<std::size_t>(put) != text.size())
    return makeError(Errc::NoSpace, "store: write " + path);
  if (put < 0 || ::fsync(fd.get()) != 0) return errnoError("store: write " + path);
  return {};
}

/// Puts the number there, whole or not at all. Keep::Yes leaves a file that is there already.
enum class Keep { No, Yes };
Status putNumber(const std::string& path, const std::string& number, Keep keep) {
  const std::string fresh = path + "." + Id128::random().hex();
  Status done = writeNew(fresh, number);
  if (done.ok() && keep == Keep::Yes && ::link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST)
    done = errnoError("store: make " + path);
  if (done.ok() && keep == Keep::No && ::rename(fresh.c_str(), path.c_str()) != 0)
    done = errnoError("store: make " + path);
  ::unlink(fresh.c_str());
  return done.ok() ? syncFolderOf(path) : done;
}

}  // namespace

PartitionMarker::PartitionMarker(std::string name, std::string path, std::string records, const Clock& clock)
    : name_(std::move(name)), path_(std::move(path)), records_(std::move(records)), clock_(clock) {}

Status PartitionMarker::check() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (known_.empty()) {
    auto record = readNumber(recordFile());
    if (!record.ok() && record.error().code == Errc::NotFound) return firstUse();
    if (!record.ok()) return record.error();
    known_ = std::move(record).value();
  }
  return compare();
}

Status PartitionMarker::firstUse() {
  PH_CHECK(makeFolder(path_));
  PH_TRY(const std::string number, marked());
  PH_CHECK(makeFolder(records_));
  PH_CHECK(putNumber(recordFile(), number, Keep::Yes));
  PH_TRY(known_, readNumber(recordFile()));
  return compare();
}

/// The marker's number; the marker is made when there is none.
Result<std::string> PartitionMarker::marked() {
  const std::string file = path_ + "/" + kFile;
  auto number = readNumber(file);
  if (number.ok() || number.error().code != Errc::NotFound) return number;
  PH_CHECK(putNumber(file, Id128::random().hex(), Keep::Yes));
  return readNumber(file);
}

Status PartitionMarker::compare() {
  const auto found = readNumber(path_ + "/" + kFile);
  if (found.ok() && found.value() == known_) return {};
  // The operator may have accepted another volume since the record was read.
  const auto record = readNumber(recordFile());
  if (record.ok() && found.ok() && found.value() == record.value()) {
    known_ = record.value();
    return {};
  }
  if (found.ok()) return refuse("holds another partition");
  if (found.error().code == Errc::NotFound) return refuse(std::string("has no ") + kFile);
  return refuse(found.error().describe());
}

Status PartitionMarker::refuse(const std::string& why) {
  const Steady now = clock_.steady();
  if (now >= quietUntil_) {
    quietUntil_ = now + kQuiet;
    log::write(messages::kNotThePartition, {{"partition", name_}, {"path", path_}, {"why", why}});
  }
  return makeError(Errc::Unavailable, "store: what lies at the path of partition " + name_ +
                                          " is not that partition: is its volume mounted? If it is, and its "
                                          "mail is there: mboxutil partition " +
                                          name_);
}

Status PartitionMarker::accept() {
  const std::lock_guard<std::mutex> guard(mutex_);
  PH_CHECK(makeFolder(path_));
  PH_TRY(const std::string number, marked());
  PH_CHECK(makeFolder(records_));
  PH_CHECK(putNumber(recordFile(), number, Keep::No));
  known_ = number;
  return {};
}

}  // namespace posthorn::store
