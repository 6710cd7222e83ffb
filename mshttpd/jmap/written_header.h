// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "mshttpd/jmap/header_property.h"
#include "mshttpd/jmap/method.h"

// Header fields that a client sets (RFC 8621 4.1.2, 4.1.3, 4.6): JSON to folded ASCII fields.

namespace posthorn::mshttpd::jmap {

/// The fields that `value` (not null) makes, each folded with its line end. Invalid with a text for the
/// client; nothing that comes out can be read as more fields than these.
Result<std::string> writeFields(const HeaderProperty& property, const Json& value);

/// An address list as the value of a field; for "Addresses".
Result<std::string> writeAddresses(const Json& value);

/// What is wrong with an object that a client wants to create, gathered so that all is told at once.
class Problems {
 public:
  void add(std::string_view property, std::string_view why);
  void blobNotFound(const std::string& id);
  /// Nothing is wrong with the object: the server cannot do it now. The first one counts.
  void fail(const Error& error);
  [[nodiscard]] bool none() const { return properties_.empty() && missing_.empty() && failed_.is_null(); }
  /// What `fail` was told, else blobNotFound where that is all, else invalidProperties.
  [[nodiscard]] Json setError() const;

 private:
  std::vector<std::string> properties_;
  std::string why_;
  std::vector<std::string> missing_;
  Json failed_;
};

/// Fields of one header, each name once.
class HeaderWriter {
 public:
  /// Takes a property that stands for a field; false when it stands for none. What is wrong goes to
  /// `problems` as `property`, or `as` where that is not empty (a part's property is told by the list that it
  /// is in).
  bool take(const std::string& property, const Json& value, Problems& problems, std::string_view as = {});
  /// Whether `field` was given, and not as null.
  [[nodiscard]] bool has(std::string_view field) const;
  /// In lower case: the names that were given, null or not.
  [[nodiscard]] std::vector<std::string> names() const;
  /// Takes one field away and gives its value, unfolded.
  std::optional<std::string> remove(std::string_view field);
  /// All fields in the order in which they came.
  [[nodiscard]] std::string text() const;

 private:
  struct Written {
    std::string name;  // lower case
    std::string text;
  };
  [[nodiscard]] const Written* find(std::string_view field) const;

  std::vector<Written> fields_;
};

/// Whether a header may hold it: printable and blanks, UTF-8.
bool isLineText(std::string_view text);
/// The same in ASCII without blanks and angle brackets: ids, URLs.
bool isWord(std::string_view text);

}  // namespace posthorn::mshttpd::jmap
