// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/content.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace posthorn::deliver::lmtp {
namespace {

constexpr std::size_t kPiece = std::size_t{128} * 1024;

/// A file of `folder` without a name; also where the file system knows no O_TMPFILE.
UniqueFd namelessFile(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  std::string name = folder + "/lmtp-XXXXXX";
  fd = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd) ::unlink(name.c_str());
  return fd;
}

}  // namespace

Content::Content(std::vector<std::string> folders, std::uint64_t most)
    : folders_(std::move(folders)), most_(most), filter_(true, [this](View part) -> Status {
        trace_.feed(part);
        waiting_.append(part);
        return {};
      }) {}

void Content::feed(View text) {
  size_ += text.size();
  if (size_ > most_) fail(Cause::TooBig, "the message is larger than " + std::to_string(most_) + " octets");
  if (failure_) return;
  static_cast<void>(filter_.feed(text));  // the sink above does not fail
}

void Content::end() {
  if (!failure_) static_cast<void>(filter_.end());
}

void Content::fail(Cause cause, std::string text) {
  if (!failure_) failure_ = Failure{cause, std::move(text)};
  std::string().swap(waiting_);
  file_.reset();
}

Status Content::open() {
  int why = ENOENT;
  for (const std::string& folder : folders_) {
    file_ = namelessFile(folder);
    if (file_) return okStatus();
    why = errno;
  }
  return errnoError(why, "make a file for a message in " + (folders_.empty() ? "" : folders_.front()));
}

Status Content::keep() {
  if (!file_) PH_CHECK(open());
  View rest = waiting_;
  while (!rest.empty()) {
    const ssize_t put = ::pwrite(file_.get(), rest.data(), rest.size(), static_cast<off_t>(inFile_));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return errnoError(put == 0 ? ENOSPC : errno, "write a message to its file");
    inFile_ += static_cast<std::uint64_t>(put);
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  waiting_.clear();
  return okStatus();
}

Status Content::read(const std::function<Status(View)>& sink) const {
  std::string piece;
  for (std::uint64_t at = 0; at < inFile_;) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, inFile_ - at)));
    const ssize_t got = ::pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return errnoError(got == 0 ? EIO : errno, "read a message from its file");
    PH_CHECK(sink(View(piece).substr(0, static_cast<std::size_t>(got))));
    at += static_cast<std::uint64_t>(got);
  }
  return waiting_.empty() ? okStatus() : sink(waiting_);
}

}  // namespace posthorn::deliver::lmtp
