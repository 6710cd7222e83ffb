// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/uio.h>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::store::embedded {

/// Opens `name` below `dir` (AT_FDCWD for paths) with O_CLOEXEC. Blocks. NotFound, Exists, NoSpace, Io.
Result<UniqueFd> openAt(int dir, const std::string& name, int flags);
Result<UniqueFd> openDir(int dir, const std::string& name);

/// All bytes or an error; short writes are continued.
Status writeAll(int fd, std::uint64_t offset, View bytes);
/// Gathers `parts` (changed on the way) to one place of the file.
Status writeParts(int fd, std::uint64_t offset, std::vector<iovec> parts);
/// Up to `size` bytes; fewer only at the end of the file.
Result<Bytes> readSome(int fd, std::uint64_t offset, std::size_t size);
Result<std::uint64_t> fileSize(int fd);

/// fdatasync and fsync. A failure is final: the kernel forgets the pages it could not write, so it must never
/// be tried again in the hope of success.
Status flushData(int fd);
Status flushDir(int dir);

/// mkdir that is content with an existing directory; true when it made one.
Result<bool> makeDir(int dir, const std::string& name);

/// Names in a directory, without "." and "..".
Result<std::vector<std::string>> listDir(int dir);

/// Removes `name` below `dir` with all that is in it. Follows no link.
Status removeTree(int dir, const std::string& name);

enum class LockMode { Shared, Exclusive };
/// flock without waiting: true when the lock is held now. It goes with the open file.
Result<bool> tryLock(int fd, LockMode mode);

}  // namespace posthorn::store::embedded
