// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/auth/file/user_line.h"
#include "common/base/result.h"

namespace posthorn::auth {

/// The text of a whole user file with an index by name, domain and mail address; never changes. Any thread.
/// A damaged line refuses its own user alone; a name or address that stands on two lines refuses both.
class UserTable {
 public:
  struct Damage {
    std::size_t line = 0;  ///< from 1
    std::string text;      ///< what is wrong and what follows; without hashes
  };

  explicit UserTable(std::string text);
  UserTable(const UserTable&) = delete;
  UserTable& operator=(const UserTable&) = delete;

  /// NotFound; Conflict when the name stands on several lines; Corrupt when its line is damaged.
  [[nodiscard]] Result<UserLine> user(std::string_view id) const;
  /// A domain without a line is an active one.
  [[nodiscard]] Result<DomainLine> domain(std::string_view name) const;
  /// The one user with that mail address (lower case), errors as above.
  [[nodiscard]] Result<UserLine> userByAddress(std::string_view address) const;

  [[nodiscard]] const std::vector<Damage>& damages() const { return damages_; }
  [[nodiscard]] std::size_t users() const { return users_.size(); }
  /// Names in the order of the file, each once.
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  struct Place {
    std::size_t offset = 0;
    std::size_t line = 0;
    bool twice = false;
    bool cut = false;  // the last line, without its newline
  };
  using Index = std::unordered_map<std::string_view, Place>;

  void addLine(std::string_view line, const Place& place);
  void addAddresses(const std::vector<std::string>& addresses, const Place& place);
  [[nodiscard]] std::string_view lineAt(const Place& place) const;
  [[nodiscard]] Result<UserLine> parseAt(const Place& place) const;

  const std::string text_;
  Index users_;
  Index domains_;
  Index addresses_;
  std::deque<std::string> spelled_;  // addresses_ keys that do not stand in text_ as they are
  std::vector<Damage> damages_;
};

}  // namespace posthorn::auth
