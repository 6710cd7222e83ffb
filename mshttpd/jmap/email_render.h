// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "mshttpd/backend/mail_host.h"
#include "mshttpd/jmap/email_body.h"
#include "mshttpd/jmap/email_properties.h"

namespace posthorn::mshttpd::jmap {

/// Where octets of messages come from: an account, or one message in memory.
class EmailSource {
 public:
  EmailSource() = default;
  EmailSource(const EmailSource&) = delete;
  EmailSource& operator=(const EmailSource&) = delete;
  virtual ~EmailSource() = default;

  virtual Result<backend::Messages> messages(std::span<const backend::Id> ids,
                                             std::span<const imap::FetchAttribute> items) = 0;
  virtual Result<backend::Source> text(const backend::Id& email, const imap::Section& section,
                                       bool decoded) = 0;
  /// BINARY and BINARY.SIZE may be asked for.
  [[nodiscard]] virtual bool binary() const = 0;
  /// What parts are called.
  [[nodiscard]] virtual std::string partBlob(const backend::Id& email, const PartNumber& part) const = 0;
  [[nodiscard]] virtual std::string messageBlob(const backend::Id& email) const = 0;
};

/// Email objects, with the ids of their messages.
using RenderedEmails = std::vector<std::pair<backend::Id, Json>>;

/// Makes Email objects of messages fetched with attributesFor(wanted). Asks again for what only the structure
/// tells to ask for: decoded sizes, header fields of parts, values. Messages that go meanwhile are left out.
/// Job thread.
Result<RenderedEmails> renderEmails(EmailSource& source, const EmailProperties& wanted,
                                    const std::vector<backend::Message>& messages);

}  // namespace posthorn::mshttpd::jmap
