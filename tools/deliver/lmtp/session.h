// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/net/line_reader.h"
#include "common/net/session.h"
#include "tools/deliver/lmtp/command_table.h"
#include "tools/deliver/lmtp/parse/chunk.h"
#include "tools/deliver/lmtp/parse/dot_reader.h"
#include "tools/deliver/lmtp/parse/path.h"
#include "tools/deliver/lmtp/session_state.h"
#include "tools/deliver/lmtp/shared.h"

namespace posthorn::deliver::lmtp {

/// One client connection speaking LMTP (RFC 2033), from greeting to close. Owned by the worker's
/// SessionTable; lives on one loop, other threads know it only by SessionId. Commands are taken one at a time
/// and in order; only when a message is written to its recipients do several jobs of one session run at a
/// time, at most lmtp.maxparallel, each with a recipient of its own.
class Session final : public net::StreamSession {
 public:
  Session(Shared& shared, net::Arrival arrival);

  // How commands end; each calls exactly one of these. All of them may be called from a job's completion.

  /// The command is done and this is its answer, with CRLF.
  void answer(std::string reply);
  /// The line made no sense: counts against maxbadcommands.
  void refuse(std::string reply);
  /// The last word, then the connection closes.
  void answerAndClose(std::string reply);

  // How commands go on.

  /// LHLO: who the client says it is.
  void greetedBy(std::string name);
  /// STARTTLS: answers and negotiates.
  void startTls();
  /// MAIL.
  void beginMail(Mail mail);
  /// RCPT: looks the address up, opens the account and answers.
  void addRecipient(const Path& path);
  /// RSET, and whatever ends a message.
  void forgetMail();
  /// DATA: asks for the text and takes it.
  void takeText();
  /// BDAT: takes the octets behind the line.
  void takeChunk(const Chunk& chunk);
  /// BDAT that is not in its place: takes the octets and answers with `reply`.
  void dropChunk(const Chunk& chunk, std::string reply);

  // What commands look at.

  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] State& state() { return state_; }
  [[nodiscard]] bool mayStartTls() const { return shared_.tls && stream().secure() == nullptr; }

  // net::Session, net::StreamHandler
  void part(net::Parting why) override;
  [[nodiscard]] bool busy() const override { return phase_ == Phase::Working; }
  void onOpen() override;
  void onInput() override { advance(); }
  void onDrained() override { advance(); }
  void onEof() override { advance(); }
  void onClosed(const Status& why) override;

 private:
  /// Where writing a message to its recipients stands.
  struct Progress {
    std::size_t next = 0;       ///< the first that no job has
    std::size_t running = 0;    ///< jobs
    std::size_t told = 0;       ///< replies sent
    std::vector<bool> settled;  ///< by recipient
  };

  void enter(State next);
  [[nodiscard]] bool welcome() const;
  [[nodiscard]] std::string clientName() const;
  void advance();
  bool takeLine();
  void lineTooLong();
  void dispatch(const std::string& line);
  void finish(bool ok);
  void close();
  void logClose(const Status& why) const;

  // The envelope (session_envelope.cc).
  void openRecipient(std::shared_ptr<Recipient> recipient);
  void recipientOpened(const std::shared_ptr<Recipient>& recipient);

  // The text (session_text.cc).
  bool takeContent();
  bool takeDropped();
  void afterContent();
  void contentEnded();
  void beginTransfer();

  // Its way to the recipients (session_deliver.cc).
  void deliver();
  void judgeLoops();
  void postNext();
  void post(std::size_t index);
  void settled(std::size_t index);
  void tell(std::size_t index);
  [[nodiscard]] std::string traceFor(const Recipient& recipient) const;
  /// Names this message in Received, the replies and the log.
  [[nodiscard]] std::string transaction() const;
  void allTold();

  Shared& shared_;
  net::LineReader lines_;
  State state_;
  Phase phase_ = Phase::Handshake;
  Intake intake_ = Intake::Lines;
  DotReader dots_;
  Chunk chunk_;             // what is still to come of it
  std::string chunkReply_;  // Intake::Dropped: the answer behind it
  Progress progress_;
  const CommandSpec* command_ = nullptr;  // the one that is at work
  Steady commandBegan_{};
  unsigned badCommands_ = 0;
  unsigned recipientsRefused_ = 0;  // of this message
  unsigned messages_ = 0;
  unsigned delivered_ = 0;  // to recipients
  bool greeted_ = false;
  bool skipping_ = false;   // the rest of a line that was too long
  bool advancing_ = false;  // advance() is on the stack
  bool leaving_ = false;    // part() came while a command was at work
  std::string name_;        // as the client calls itself
  std::string_view parting_ = "quit";
};

}  // namespace posthorn::deliver::lmtp
