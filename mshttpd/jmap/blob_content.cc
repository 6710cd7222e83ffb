// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/blob_content.h"

#include <algorithm>

#include "mshttpd/jmap/blob.h"

namespace posthorn::mshttpd::jmap {
namespace {

Error tooBig(std::uint64_t most) {
  std::string text = "at most " + std::to_string(most) + " octets of blobs in one call; download larger ones";
  return Error{Errc::TooBig, text, text};
}

/// What of a window, which begins at `at`, lies in the range.
View within(View window, std::uint64_t at, std::uint64_t from, std::uint64_t to) {
  const std::uint64_t begin = std::max(at, from);
  const std::uint64_t end = std::min(at + window.size(), to);
  return begin < end ? window.substr(begin - at, end - begin) : View();
}

}  // namespace

Result<BlobPiece> readBlob(Call& call, const Call::Account& account, const std::string& id,
                           const BlobRange& range, std::uint64_t most) {
  BlobPiece out;
  PH_TRY(const backend::Source source, openBlob(call, account, id, out.size, out.type));
  const std::uint64_t from = std::min(range.offset, out.size);
  const std::uint64_t to = range.length ? from + std::min(*range.length, out.size - from) : out.size;
  out.truncated = range.offset > out.size || (range.length && *range.length > out.size - from);
  if (to - from > most || from > kMostSkipped) return tooBig(most);
  std::uint64_t at = 0;
  while (at < to) {
    PH_TRY(const Bytes window, source());
    if (window.empty()) break;
    out.octets += within(window, at, from, to);
    at += window.size();
  }
  return out;
}

}  // namespace posthorn::mshttpd::jmap
