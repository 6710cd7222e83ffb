// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/mboxutil/import/folder_name.h"
#include "tools/mboxutil/import/source.h"
#include "tools/mboxutil/import/tree.h"
#include "tools/mboxutil/import/uidl_format.h"

namespace posthorn::migrate {

class FolderMarks;

struct MaildirOptions {
  NameForm names = NameForm::Auto;
  UidlFormat uidls;          ///< of messages in INBOX that Dovecot has written no UIDL down for
  bool computeUidls = true;  ///< false: only those that are written down
};

/// A Maildir with its folders, Maildir++ (".Work.2026") or nested ("Work/2026"), with the files that Dovecot
/// or Courier keep in it or with none; Dovecot's are believed where there are both. It may be in use
/// meanwhile.
class MaildirSource : public Source {
 public:
  /// NotFound; Denied; Unsupported for a directory that is no Maildir.
  static Result<std::unique_ptr<Source>> open(const std::string& path, MaildirOptions options);

  Result<std::vector<Folder>> folders() override;
  Result<Listing> list(const Folder& folder) override;
  Status read(const Folder& folder, Message& message, const TextSink& sink) override;
  Result<std::vector<std::string>> subscriptions() override;

 private:
  MaildirSource(Directory root, MaildirOptions options);

  /// Where a base name was seen: its name there, and in new/ or cur/.
  struct Place {
    std::string name;
    bool fresh = false;
    unsigned look = 0;  ///< the scan that saw it last
  };
  using Places = std::unordered_map<std::string, Place>;

  void addFolder(std::vector<Folder>& folders, const std::vector<std::string>& path, View levels,
                 char separator);
  Status addNested(std::vector<Folder>& folders, const Directory& parent,
                   const std::vector<std::string>& path);
  [[nodiscard]] Result<Directory> enter(const Folder& folder) const;
  /// Looks at all names once more. A name that changes meanwhile may be missed: what was seen before stays.
  Status scan(std::vector<std::string>* notes);

  Message begin(const Folder& folder, const std::string& base, const FolderMarks& marks) const;
  Result<SourceFile> find(Message& message);

  Directory root_;
  MaildirOptions options_;
  FolderNames names_;
  std::map<std::string, std::string> byOldName_;  ///< "Work/Sub" as on disk, to the mailbox's name
  std::unique_ptr<Directory> listed_;             ///< the folder of the latest listing
  Places places_;                                 ///< of its messages
  unsigned looks_ = 0;                            ///< how often they were scanned
};

}  // namespace posthorn::migrate
