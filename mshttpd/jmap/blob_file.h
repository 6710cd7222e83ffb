// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "mshttpd/backend/mail_host.h"

namespace posthorn::mshttpd::jmap {

/// Octets in a file that has no name or is kept by others: read as often as needed, at any place, by several
/// at a time. Copies share the file.
struct BlobFile {
  std::shared_ptr<const UniqueFd> file;
  std::uint64_t octets = 0;
  std::string type;  ///< media type as it came; may be empty

  /// From the beginning, in windows. Job thread; blocks on the file. Io when it has become shorter.
  [[nodiscard]] backend::Source source() const;
};

/// Finds what a blob id names. NotFound when there is none for this user.
using OpenBlobFile = std::function<Result<BlobFile>(const std::string& id)>;

/// A file without a name in the system's folder for such, for reading and writing.
Result<UniqueFd> scratchFile();
/// Copies a source into one; TooBig beyond `most` octets.
Result<BlobFile> copyToFile(const backend::Source& source, std::uint64_t most);

/// What stands in memory, in one window.
backend::Source sourceOf(Bytes text);

/// What comes out of `filter` when it is fed with `source`: feed(View, Bytes& out) for each window,
/// finish(Bytes& out) behind the last one. Windows of nothing are passed over.
template <typename Filter>
backend::Source filtered(backend::Source source, Filter filter) {
  return [source = std::move(source), filter = std::move(filter), ended = false]() mutable -> Result<Bytes> {
    Bytes out;
    while (out.empty() && !ended) {
      PH_TRY(const Bytes window, source());
      ended = window.empty();
      if (ended)
        filter.finish(out);
      else
        filter.feed(window, out);
    }
    return out;
  };
}

/// Lines as a message's must be: whatever ends a line becomes CRLF, NUL falls away (RFC 5322 2.3). In pieces
/// of any size. One thread.
class CanonicalLines {
 public:
  void feed(View octets, Bytes& out);
  void finish(Bytes& out);

 private:
  bool carriageReturn_ = false;
};
backend::Source canonical(backend::Source source);

/// What one reading tells of a text.
struct TextFacts {
  std::uint64_t octets = 0;       ///< as they stand
  std::uint64_t canonical = 0;    ///< with canonical lines
  std::uint64_t longestLine = 0;  ///< octets without the line end
  bool eightBit = false;
  bool nul = false;
};
Result<TextFacts> factsOf(const backend::Source& source);

}  // namespace posthorn::mshttpd::jmap
