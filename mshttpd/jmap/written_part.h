// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/written_header.h"

// EmailBodyParts that a client sets (RFC 8621 4.1.4, 4.6): JSON to parts whose text is ready to be sent in 7
// bit.

namespace posthorn::mshttpd::jmap {

/// What a part's body is made of, in order.
struct Piece {
  enum class Coding : std::uint8_t { Plain, Base64, Canonical };
  Bytes text;     ///< Plain, when there is no file
  BlobFile blob;  ///< else
  Coding coding = Coding::Plain;
  std::uint64_t octets = 0;  ///< that come out
};

struct WrittenPart {
  std::string header;                   ///< all but MIME-Version, each field with its line end
  std::vector<std::string> fieldNames;  ///< of it, in lower case
  std::vector<Piece> body;
  bool eightBit = false;  ///< an attached message that must not be encoded (RFC 2046 5.2.1)
  std::string type;       ///< "text/plain"
  std::string disposition;
  bool hasCid = false;
};

/// Reads the parts of one Email. Job thread; blocks on blobs.
class PartReader {
 public:
  PartReader(const Json& bodyValues, OpenBlobFile open, Problems& problems)
      : bodyValues_(bodyValues), open_(std::move(open)), problems_(problems) {}

  /// What a list demands of its parts.
  struct Place {
    std::string_view property;          ///< for `problems`: "attachments"
    std::string_view type = {};         ///< what the part must be, if anything
    std::string_view disposition = {};  ///< when it says none
    bool leaf = true;                   ///< no multipart
  };
  WrittenPart read(const Json& part, const Place& place, unsigned depth = 0);

  /// Puts parts, one at least, together: "mixed", "alternative", "related".
  static WrittenPart join(std::string_view subtype, std::vector<WrittenPart> parts);

  /// Octets of all blobs as they were uploaded.
  [[nodiscard]] std::uint64_t attached() const { return attached_; }

 private:
  struct Draft;
  bool readString(std::string_view key, const Json& value, Draft& draft);
  void readProperties(const Json& part, Draft& draft);
  void readType(Draft& draft);
  void readMultipart(Draft& draft, WrittenPart& out, unsigned depth);
  void readValue(Draft& draft, WrittenPart& out);
  void readBlob(Draft& draft, WrittenPart& out);
  void writeHeader(Draft& draft, std::string_view encoding, WrittenPart& out);
  void problem(const Draft& draft, std::string_view why);

  const Json& bodyValues_;
  OpenBlobFile open_;
  Problems& problems_;
  std::uint64_t attached_ = 0;
  std::size_t parts_ = 0;
};

}  // namespace posthorn::mshttpd::jmap
