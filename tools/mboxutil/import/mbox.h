// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/mboxutil/import/folder_name.h"
#include "tools/mboxutil/import/mbox_text.h"
#include "tools/mboxutil/import/source.h"
#include "tools/mboxutil/import/tree.h"
#include "tools/mboxutil/import/uidl_format.h"

namespace posthorn::migrate {

struct MboxOptions {
  NameForm names = NameForm::Auto;
  Quoting quoting = Quoting::None;
  std::optional<std::string> inbox = {};  ///< a file beside the folder
  std::optional<UidlFormat> uidls = {};   ///< of INBOX's messages that have a UID; nothing: none
};

/// One mbox, which is INBOX, or a folder of them: each file that begins with a From line is a mailbox,
/// "inbox" at the top is INBOX, folders in it are levels of names. Files are read-locked while they are
/// listed. A message that is changed there after that is told as failed, not imported half.
class MboxSource : public Source {
 public:
  static Result<std::unique_ptr<Source>> open(const std::string& path, MboxOptions options);

  Result<std::vector<Folder>> folders() override;
  Result<Listing> list(const Folder& folder) override;
  Status read(const Folder& folder, Message& message, const TextSink& sink) override;
  Result<std::vector<std::string>> subscriptions() override;

 private:
  explicit MboxSource(MboxOptions options) : options_(std::move(options)) {}

  Status addFolders(std::vector<Folder>& folders, const Directory& parent,
                    const std::vector<std::string>& path);
  [[nodiscard]] Result<SourceFile> enter(const Folder& folder) const;
  void sayLeftOut(std::string& note) const;

  MboxOptions options_;
  std::optional<Directory> root_;     ///< nothing: one file
  std::optional<Directory> inboxAt_;  ///< the directory of the file that is INBOX, and
  std::string inboxName_;             ///< its name there; empty: there is none
  FolderNames names_;
  std::vector<std::string> leftOut_;  ///< files that are no mboxes
  std::optional<SourceFile> listed_;
};

}  // namespace posthorn::migrate
