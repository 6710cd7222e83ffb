// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/imap/print/fetch.h"
#include "common/imap/types/fetch.h"
#include "imapd/fetch/decoded_part.h"
#include "imapd/fetch/message_text.h"
#include "imapd/transfer.h"

namespace posthorn::imapd {

/// The answer to a FETCH (RFC 3501 6.4.5), made window by window: messages are looked up in batches, small
/// texts are read, large ones go out as ranges of their file.
class FetchTransfer final : public Transfer {
 public:
  static constexpr std::size_t kWindow = 128UL * 1024;

  FetchTransfer(imap::FetchArgs args, bool uid, std::size_t window = kWindow);
  /// Its responses begin with `head` in place of `* 1 FETCH `.
  void setHead(std::string head) { head_ = std::move(head); }
  Result<Window> more(Mail& mail) override;
  [[nodiscard]] bool inLiteral() const override { return begun_; }

 private:
  Status begin(Mail& mail);
  Result<bool> nextBatch(Mail& mail);
  Status markSeen(Mail& mail);
  Status rereadSeen(const Mail& mail);
  Status step(Mail& mail);
  void startMessage(const Mail& mail);
  void item(Mail& mail, const imap::FetchAttribute& attribute);
  void leaveOut(const imap::FetchAttribute& attribute);
  [[nodiscard]] Error judge(const Mail& mail, const Error& error) const;
  Status textItem(const imap::FetchAttribute& attribute);
  Status section(const imap::FetchAttribute& attribute);
  Status octets(const imap::FetchAttribute& attribute, mime::Range range);
  Status continueLiteral();
  // fetch_binary.cc
  Status binary(const imap::FetchAttribute& attribute);
  Result<DecodedFacts> measured(const EncodedPart& part);
  Status continueDecoded();
  void endMessage(const Mail& mail);
  void flushText();
  [[nodiscard]] Answer answer() const;
  [[nodiscard]] const store::FetchRow& row() const { return batch_[at_]; }

  imap::FetchArgs args_;
  bool uid_;
  std::size_t most_;  // octets of a window
  std::string head_;  // empty: FETCH's
  bool setsSeen_ = false;
  bool asksFlags_ = false;
  bool asksModseq_ = false;
  store::Columns columns_ = store::Columns::Flags;
  std::size_t batchSize_ = 0;

  bool started_ = false;
  bool begun_ = false;  // something has been sent of a response that is not whole
  std::optional<std::string> bad_;
  store::UidSet set_;
  std::size_t missing_ = 0;       // messages of the set that are gone
  std::optional<Error> trouble_;  // with the first message that could not be read
  store::Uid next_ = 1;
  std::vector<store::FetchRow> batch_;
  std::vector<store::Uid> newlySeen_;  // of the batch, ascending
  std::size_t at_ = 0;                 // in batch_
  std::size_t item_ = 0;               // in args_.attributes
  std::optional<imap::FetchWriter> writer_;
  std::optional<MessageText> text_;
  std::optional<mime::Range> literal_;  // what is left of a literal that goes out in pieces
  std::optional<DecodedPart> decoded_;  // what is left of BINARY's
  DecodedFacts measured_;               // of the part at measuredAt_ in message measuredUid_
  store::Uid measuredUid_ = 0;
  std::uint64_t measuredAt_ = 0;

  std::string out_;
  std::vector<net::Piece> pieces_;
};

}  // namespace posthorn::imapd
