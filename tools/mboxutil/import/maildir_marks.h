// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/mboxutil/import/courier.h"
#include "tools/mboxutil/import/dovecot.h"
#include "tools/mboxutil/import/source.h"
#include "tools/mboxutil/import/tree.h"

namespace posthorn::migrate {

/// What servers have written down about the messages of one Maildir folder. A value; keeps the texts that its
/// views look at.
class FolderMarks {
 public:
  /// Reads the files of Dovecot, or where there are none Courier's; sets UIDVALIDITY, UIDNEXT and keywords of
  /// `listing` and adds notes on what could not be read. `inbox`: the maildrop of POP.
  static Result<FolderMarks> read(const Directory& directory, Listing& listing, bool inbox);

  [[nodiscard]] const UidList& uids() const { return uids_; }
  [[nodiscard]] bool dovecot() const { return dovecot_; }
  /// Bits of the listing's keywords, for a file of this base name with these keyword letters.
  [[nodiscard]] std::uint64_t keywordsOf(const std::string& base, std::uint32_t letters) const;
  /// The UIDL that is written down for it; empty: none.
  [[nodiscard]] std::string uidlOf(const std::string& base) const;

 private:
  FolderMarks() = default;
  Status readDovecot(const Directory& directory, Listing& listing);
  Status readCourier(const Directory& directory, Listing& listing, bool inbox);
  Status readCourierKeywords(const Directory& directory, Listing& listing);
  Status readCourierUpdates(const Directory& directory, Listing& listing);

  bool dovecot_ = false;
  std::vector<std::unique_ptr<const std::string>> texts_;
  UidList uids_;
  std::uint64_t letterBits_[26] = {};                        ///< of each letter
  std::unordered_map<std::string, std::uint64_t> keywords_;  ///< Courier's, by base name
  std::unordered_map<std::string, std::string> uidls_;       ///< by base name
};

}  // namespace posthorn::migrate
