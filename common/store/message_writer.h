// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/mime/digest.h"
#include "common/store/line_form.h"
#include "common/store/thread_ids.h"
#include "common/store/types.h"

namespace posthorn::store {

/// One message on its way into an account, made by AccountHandle::message(): written in parts of any size in
/// bounded memory, then given to append(). Dropped before that, it leaves nothing. One job thread at a time.
///
/// Lines become CRLF lines on the way: a bare LF gets its CR, a bare CR and NUL stay as they are.
class MessageWriter {
 public:
  MessageWriter(std::unique_ptr<BlobWriter> blob, std::uint64_t limit,
                const Id128& emailId = Id128::random());

  /// TooBig when the message passes the store's limit. After an error the message can only be dropped.
  Status write(View part);
  /// No more text follows. `when` is INTERNALDATE. Invalid for an empty message.
  Status finish(ZonedTime when, SystemFlags flags = 0, std::vector<std::string> keywords = {});

  /// Octets so far, with CRLF lines.
  [[nodiscard]] std::uint64_t size() const { return lines_.octets(); }
  [[nodiscard]] bool endsWithNewline() const { return lines_.endsWithNewline(); }
  [[nodiscard]] const Id128& emailId() const { return facts_.emailId; }

  /// The UIDL that this message had on the server that it comes from (1 to 70 characters 0x21 to 0x7E).
  Status importUidl(View uidl);

  // For append(); all of it is set once finish() has returned.
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] BlobWriter& blob() { return *blob_; }
  [[nodiscard]] const MessageFacts& facts() const { return facts_; }
  [[nodiscard]] SystemFlags flags() const { return flags_; }
  [[nodiscard]] const std::vector<std::string>& keywords() const { return keywords_; }
  [[nodiscard]] const MessageIds& ids() const { return ids_; }
  [[nodiscard]] const std::string& uidl() const { return uidl_; }

 private:
  std::unique_ptr<BlobWriter> blob_;
  std::uint64_t limit_;
  LineForm lines_;
  HeaderTap header_;
  std::unique_ptr<mime::DigestMaker> digest_;
  MessageFacts facts_;
  MessageIds ids_;
  SystemFlags flags_ = 0;
  std::vector<std::string> keywords_;
  std::string uidl_;
  bool headerTapped_ = false;
  bool finished_ = false;
  bool failed_ = false;
};

}  // namespace posthorn::store
