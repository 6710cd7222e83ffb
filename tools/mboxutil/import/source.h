// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/store/types.h"

// What an import reads from: folders, their messages, and their texts one after the other. Nothing is ever
// written there, and others may go on writing.

namespace posthorn::migrate {

/// A folder of the source.
struct Folder {
  std::vector<std::string> path;  ///< its levels below the source, as they are named there; none: INBOX
  std::string name;               ///< of the mailbox that it becomes
  std::string note;  ///< why the name is not quite the old one; of the first, also what is left out
};

/// One message of a folder. A folder's messages are in memory together, about 400 octets each.
struct Message {
  store::Uid uid = 0;  ///< 0: the source has given it none yet
  store::SystemFlags flags = 0;
  std::uint64_t keywords = 0;           ///< bit n: name n of the listing
  bool recent = false;                  ///< no client has been told of it
  Id128 id;                             ///< says which message of which source it is, the same in every run
  std::string uidl;                     ///< what POP called it; empty: nothing
  std::string file;                     ///< its file's name; empty in an mbox
  std::uint64_t begin = 0;              ///< where it begins in its mbox, and
  std::uint64_t end = 0;                ///< where it ends
  Id128 text;                           ///< of an mbox: what its text was when it was listed
  std::optional<std::int64_t> date;     ///< seconds since 1970 where the listing knows them
  std::optional<std::uint64_t> octets;  ///< the size that clients were told, where the listing knows it
};

/// What is in a folder now. Messages with UIDs come first and ascend.
struct Listing {
  std::uint32_t uidValidity = 0;  ///< 0: none is known, and no message has a UID
  store::Uid uidNext = 1;
  std::vector<std::string> keywords;  ///< 64 at most
  std::vector<Message> messages;
  std::vector<std::string> notes;  ///< what the operator should know: what is not as it should be
};

/// Takes the next part of a message's text; lines may end in any way.
using TextSink = std::function<Status(View)>;

class Source {
 public:
  virtual ~Source() = default;
  /// INBOX first, each level before those below it.
  virtual Result<std::vector<Folder>> folders() = 0;
  virtual Result<Listing> list(const Folder& folder) = 0;
  /// The message's text, and what its flags and date are now. NotFound when it is gone. `message` is of the
  /// latest listing of `folder`.
  virtual Status read(const Folder& folder, Message& message, const TextSink& sink) = 0;
  /// Subscribed names as folders() names them; those without a folder too.
  virtual Result<std::vector<std::string>> subscriptions() = 0;
};

/// 128 bits of a SHA-256 over parts and their lengths. Not just a hash table's hash: who sends a message must
/// not be able to make it look like another one. Move-only; one thread.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  /// A part with its length behind it.
  Digest& part(View text);
  /// More of a part whose length comes later, by part() of nothing but it.
  Digest& piece(View text);
  [[nodiscard]] Id128 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace posthorn::migrate
