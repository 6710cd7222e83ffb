// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/mime/digest.h"
#include "mshttpd/jmap/email_render.h"

namespace posthorn::mshttpd::jmap {

/// A blob in memory, read as a message: answers FETCH items as a server that keeps it would. One thread.
class ParsedMessage final : public EmailSource {
 public:
  ParsedMessage(Bytes text, std::string blobId);

  /// It begins with a header field (RFC 5322 2.2).
  [[nodiscard]] bool isMessage() const;

  Result<backend::Messages> messages(std::span<const backend::Id> ids,
                                     std::span<const imap::FetchAttribute> items) override;
  Result<backend::Source> text(const backend::Id& email, const imap::Section& section, bool decoded) override;
  [[nodiscard]] bool binary() const override { return true; }
  [[nodiscard]] std::string partBlob(const backend::Id& email, const PartNumber& part) const override;
  [[nodiscard]] std::string messageBlob(const backend::Id& email) const override;

  /// Octets of a section; `decoded`: of a whole part, without its transfer encoding. Nothing when there is
  /// none.
  [[nodiscard]] std::optional<Bytes> section(const imap::Section& wanted, bool decoded) const;
  /// Its BODYSTRUCTURE.
  [[nodiscard]] Result<imap::Value> structure() const;

 private:
  [[nodiscard]] Result<imap::FetchItem> item(const imap::FetchAttribute& attribute) const;

  Bytes text_;
  std::string blobId_;
  mime::Digest digest_;
};

}  // namespace posthorn::mshttpd::jmap
