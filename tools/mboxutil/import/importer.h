// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/store/account.h"
#include "common/store/import.h"
#include "common/store/mailbox.h"
#include "tools/mboxutil/import/report.h"
#include "tools/mboxutil/import/source.h"

namespace posthorn::migrate {

struct ImportOptions {
  bool append = false;  ///< also into mailboxes that have mail of their own
  bool live = false;    ///< leaves out messages that the source has not numbered yet, where it numbers them
  bool dryRun = false;
};

/// Brings the folders of a source into an account. May be killed at any moment and run again: each commit is
/// complete in itself, and every message is known again by its EMAILID, which is made of what it is at the
/// source.
class Importer {
 public:
  /// Without an account, which only a dry run may be, everything is new.
  Importer(Source& source, std::optional<store::AccountHandle> account, ImportOptions options,
           Progress& progress)
      : source_(source), account_(std::move(account)), options_(options), progress_(progress) {}

  /// An error ends the import: the store cannot take more now. What went wrong with folders and messages of
  /// the source is in the report.
  Status run(Report& report);

 private:
  /// How a folder meets its mailbox.
  struct Target {
    std::optional<store::MailboxHandle> box;
    bool keep = false;                ///< UIDs are kept
    std::vector<store::Known> known;  ///< for each message of the listing
  };

  Status importFolder(const Folder& folder, FolderReport& report);
  Status meet(const Folder& folder, Listing& listing, FolderReport& report, Target& target);
  Result<bool> open(const Folder& folder, Listing& listing, FolderReport& report, Target& target);
  Status findKnown(const Listing& listing, Target& target) const;
  Status meetMail(const Listing& listing, const store::MailboxStatus& status, FolderReport& report,
                  Target& target);
  static Result<std::size_t> takenUids(const Listing& listing, const Target& target);
  static void putLateOnesBehind(Listing& listing, store::Uid uidNext, FolderReport& report, Target& target);
  Status giveUpNumbers(FolderReport& report, Target& target, const std::string& why);
  Status dropDoubles(const Folder& folder, Listing& listing, const Target& target, FolderReport& report,
                     bool fresh) const;

  Status takeAll(const Folder& folder, Listing& listing, FolderReport& report, Target& target);
  Status takeBatch(FolderReport& report, Target& target);
  Result<bool> makeMessage(const Folder& folder, const Listing& listing, Message& message,
                           FolderReport& report);
  static void failMessage(const Message& message, const Error& error, FolderReport& report);
  Status finishFolder(const Listing& listing, Target& target);
  Status giveSpecialUses(const std::vector<Folder>& folders);
  Status subscribe(Report& report);

  Source& source_;
  std::optional<store::AccountHandle> account_;
  ImportOptions options_;
  Progress& progress_;
  std::size_t position_ = 0;
  std::size_t count_ = 0;
  // The batch of the next commit.
  std::vector<store::MessageWriter> writers_;
  std::vector<store::Uid> uids_;
  std::vector<bool> told_;
  std::uint64_t weight_ = 0;
  store::Uid lastTold_ = 0;  ///< the highest UID of a message that some client was told of
};

}  // namespace posthorn::migrate
