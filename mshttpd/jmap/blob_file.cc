// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/blob_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::size_t kWindow = std::size_t{64} << 10U;

Status writeAll(int fd, View text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errnoError("cannot write a spooled message");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return okStatus();
}

Result<Bytes> readWindow(int fd, std::uint64_t offset, std::size_t octets) {
  Bytes out(octets, '\0');
  for (;;) {
    const ssize_t got = ::pread(fd, out.data(), octets, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errnoError("cannot read a spooled message");
    if (got == 0) return makeError(Errc::Io, "a spooled message has become shorter");
    out.resize(static_cast<std::size_t>(got));
    return out;
  }
}

}  // namespace

backend::Source BlobFile::source() const {
  return [file = file, left = octets, at = std::uint64_t{0}]() mutable -> Result<Bytes> {
    if (left == 0) return Bytes();
    PH_TRY(Bytes window,
           readWindow(file->get(), at, static_cast<std::size_t>(std::min<std::uint64_t>(left, kWindow))));
    at += window.size();
    left -= window.size();
    return window;
  };
}

Result<UniqueFd> scratchFile() {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(failed);
  if (failed) return makeError(Errc::Io, "there is no folder for temporary files");
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd.valid()) return fd;
  // Not every file system knows files without names.
  std::string name = (folder / "posthorn-XXXXXX").string();
  fd = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid()) return errnoError("cannot make a temporary file");
  ::unlink(name.c_str());
  return fd;
}

Result<BlobFile> copyToFile(const backend::Source& source, std::uint64_t most) {
  PH_TRY(UniqueFd fd, scratchFile());
  std::uint64_t octets = 0;
  for (;;) {
    PH_TRY(const Bytes window, source());
    if (window.empty()) break;
    octets += window.size();
    if (octets > most) return makeError(Errc::TooBig, "a blob is larger than a message may be");
    PH_CHECK(writeAll(fd.get(), window));
  }
  return BlobFile{std::make_shared<const UniqueFd>(std::move(fd)), octets, {}};
}

backend::Source sourceOf(Bytes text) {
  return [text = std::move(text)]() mutable -> Result<Bytes> { return std::exchange(text, {}); };
}

void CanonicalLines::feed(View octets, Bytes& out) {
  for (const char c : octets) {
    if (c == '\0') continue;
    if (carriageReturn_) {
      carriageReturn_ = false;
      out.append("\r\n");
      if (c == '\n') continue;
    }
    if (c == '\r')
      carriageReturn_ = true;
    else if (c == '\n')
      out.append("\r\n");
    else
      out.push_back(c);
  }
}

void CanonicalLines::finish(Bytes& out) {
  if (carriageReturn_) out.append("\r\n");
  carriageReturn_ = false;
}

backend::Source canonical(backend::Source source) {
  return filtered(std::move(source), CanonicalLines());
}

Result<TextFacts> factsOf(const backend::Source& source) {
  TextFacts facts;
  CanonicalLines lines;
  std::uint64_t line = 0;
  bool ended = false;
  while (!ended) {
    PH_TRY(const Bytes window, source());
    ended = window.empty();
    facts.octets += window.size();
    facts.nul = facts.nul || window.find('\0') != Bytes::npos;
    Bytes out;
    if (ended)
      lines.finish(out);
    else
      lines.feed(window, out);
    facts.canonical += out.size();
    for (const char c : out) {
      if (c == '\r') continue;  // only before a line's end
      if (static_cast<unsigned char>(c) > 0x7F) facts.eightBit = true;
      line = c == '\n' ? 0 : line + 1;
      facts.longestLine = std::max(facts.longestLine, line);
    }
  }
  return facts;
}

}  // namespace posthorn::mshttpd::jmap
