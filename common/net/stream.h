// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/net/address.h"
#include "common/net/input_buffer.h"
#include "common/net/loop.h"
#include "common/net/output_queue.h"
#include "common/net/secure_layer.h"
#include "common/stats/scoreboard.h"

namespace posthorn::net {

/// The transport's state machine.
///
///   Greeting ──open()──▶ [Handshake ──▶] Open ──startTls()──▶ Handshake ──▶ Open ──close()──▶ Draining ──▶
///   Closed
///        any state ──abort(), failure──▶ Closed
enum class Transport : std::uint8_t {
  Greeting,   ///< the socket is there and not yet open()ed; nothing is read
  Handshake,  ///< TLS is being negotiated (queued clear text is sent first)
  Open,       ///< bytes flow
  Draining,   ///< nothing more is accepted; what is queued is sent, then the peer's EOF is awaited
  Closed,     ///< the descriptor is closed
};
std::string_view toString(Transport state);
/// Whether the machine may go from `from` to `to`.
bool allowed(Transport from, Transport to);

/// What a Stream tells its owner; all on the loop thread. Any of these may call any function of the stream
/// except its destructor: to end it, defer the deletion (SessionTable does).
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  /// The stream is Open: for the first time, or again after a TLS upgrade.
  virtual void onOpen() = 0;
  /// More bytes are in input(). Not called while Draining. What is not consumed stays; when the input is full
  /// reading stops until something is consumed.
  virtual void onInput() = 0;
  /// pending() has fallen to the low-water mark (0 unless set) after having been above it.
  virtual void onDrained() {}
  /// The peer has closed its half: what is in input() is all there will be; it can still read.
  virtual void onEof() = 0;
  /// Bytes went in or out; for idle timers.
  enum class Activity : std::uint8_t { Received, Taken };
  virtual void onActivity(Activity) {}
  /// The stream is Closed; the last call, made exactly once for each stream that was opened. Success:
  /// orderly; otherwise why not.
  virtual void onClosed(const Status& why) = 0;
};

struct StreamLimits {
  std::size_t input = 64UL * 1024;            ///< most bytes of input that wait (a whole line must fit)
  std::size_t fileWindow = 64UL * 1024;       ///< most bytes of a file in memory at a time (TLS only)
  std::chrono::milliseconds linger{2000};     ///< waiting for the peer's EOF after our last byte
  std::chrono::milliseconds plugged{30'000};  ///< while Draining: longest time without a byte taken
};

/// One connection's bytes, clear or TLS: buffered input, queued output with one write per burst, orderly
/// close. Owns the socket. Lives on one loop; its owner is its session.
///
/// Back-pressure: write as much as is convenient, then wait for onDrained before making the next window; a
/// reader that stops costs what was queued and no thread.
class Stream {
 public:
  /// `fd` is a connected, non-blocking stream socket. `stats` may be null and must outlive the stream.
  Stream(Loop& loop, UniqueFd fd, Endpoint peer, Endpoint local, const StreamLimits& limits = {},
         stats::Slot* stats = nullptr);
  /// Closes at once, without a word to the handler.
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Before open(), and whenever the stream passes to another owner. Not null.
  void setHandler(StreamHandler* handler) { handler_ = handler; }

  /// Greeting → Open, or → Handshake when a layer is given (TLS from the first byte). onOpen follows, never
  /// from within this call.
  void open(std::unique_ptr<SecureLayer> layer = nullptr);

  // Input.
  [[nodiscard]] InputBuffer& input() { return input_; }
  /// The peer has closed its half.
  [[nodiscard]] bool eof() const { return eof_; }

  // Output. In every state but Open it is dropped silently: the session need not care.
  void write(std::string text);
  void write(std::string_view text);
  void write(const char* text) { write(std::string_view(text)); }
  /// Without copying: `pin` keeps `text` alive (null: it is a constant).
  void writeView(std::string_view text, std::shared_ptr<const void> pin);
  /// Sent by sendfile when clear, by windows of limits.fileWindow otherwise. A file that is shorter than
  /// promised aborts the stream.
  void writeFile(FileRange range);
  /// Bytes that the kernel has not taken yet, of files too.
  [[nodiscard]] std::uint64_t pending() const { return output_.bytes() + window_.size() - windowSent_; }
  /// The memory that output holds at this moment.
  [[nodiscard]] std::size_t pendingMemory() const {
    return output_.memory() + (window_.empty() ? 0 : window_.capacity());
  }
  void setLowWater(std::uint64_t bytes) { lowWater_ = bytes; }

  /// STLS, STARTTLS. Sends `go` in clear, then negotiates; onOpen follows. Anything that the client has sent
  /// behind its command was not protected: then `refuse` is sent instead, the input is dropped, the stream
  /// closes and Errc::Denied is returned (RFC 2595 §4, RFC 3501 §6.2.1; CVE-2011-0411).
  Status startTls(std::unique_ptr<SecureLayer> layer, std::string_view go, std::string_view refuse);
  /// What was negotiated; null on a clear stream.
  [[nodiscard]] const SecureInfo* secure() const { return secureInfo_ ? &*secureInfo_ : nullptr; }

  /// Sends what is queued, says goodbye (TLS close_notify, FIN), awaits the peer's EOF, so that no RST
  /// destroys the last reply. onClosed follows, never from within this call.
  void close();
  /// Closes now, dropping what is queued. onClosed(why) follows, never from within this call.
  void abort(Error why);

  [[nodiscard]] Transport state() const { return state_; }
  [[nodiscard]] const Endpoint& peer() const { return peer_; }
  [[nodiscard]] const Endpoint& local() const { return local_; }
  [[nodiscard]] std::uint64_t bytesIn() const { return bytesIn_; }
  [[nodiscard]] std::uint64_t bytesOut() const { return bytesOut_; }
  [[nodiscard]] Loop& loop() const { return loop_; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes the socket away before open(): for a front that brings its own buffering. The stream is Closed.
  UniqueFd releaseFd();

 private:
  enum class Step : std::uint8_t { Again, Blocked, Finished, Failed };

  void enter(Transport next);
  void defer();
  void runDeferred();
  void onReadable();
  void onWritable();
  void updateWatches();

  void readMore();
  std::size_t readInto(std::span<char> room);
  void onReadError(int number);
  void reachedEof();
  void discardInput();

  [[nodiscard]] bool takesOutput() const { return state_ == Transport::Open; }
  void queued();
  void flush();
  Step flushSome();
  Step sendTexts();
  Step sendFile();
  Step sendSecure();
  bool fillWindow();
  void appendTexts(std::size_t limit);
  bool appendFile(std::size_t limit);
  void taken(std::size_t bytes);
  void tellDrained();

  [[nodiscard]] bool clearBytesWait() const;
  void handshake();
  void handshakeDone();
  void handshakeFailed();

  void sayGoodbye();
  void onDrainTimer();
  void closeNow(Status why);
  void tellClosed();

  Loop& loop_;
  UniqueFd fd_;
  Endpoint peer_;
  Endpoint local_;
  StreamLimits limits_;
  stats::Slot* stats_;
  StreamHandler* handler_ = nullptr;
  Watch readable_;
  Watch writable_;
  std::unique_ptr<Timer> timer_;  // only while Draining
  std::unique_ptr<SecureLayer> layer_;
  std::optional<SecureInfo> secureInfo_;
  InputBuffer input_;
  OutputQueue output_;
  std::string window_;  // TLS: what the layer was offered; the first windowSent_ bytes of it are taken
  std::size_t windowSent_ = 0;
  std::uint64_t lowWater_ = 0;
  std::uint64_t bytesIn_ = 0;
  std::uint64_t bytesOut_ = 0;
  std::shared_ptr<bool> alive_;  // false once destroyed: deferred steps look first
  Status closedWhy_;
  Transport state_ = Transport::Greeting;
  bool opened_ = false;
  bool eof_ = false;
  bool eofTold_ = false;
  bool writeBlocked_ = false;
  bool readWantsWrite_ = false;  // the layer's read or handshake waits for a writable socket
  bool writeWantsRead_ = false;  // the layer's write waits for a readable one
  bool attached_ = false;        // the layer has the socket
  bool aboveLowWater_ = false;
  bool shutdownSent_ = false;
  bool deferred_ = false;
  bool openDue_ = false;
  bool readDue_ = false;
  bool flushDue_ = false;
  bool closedDue_ = false;
};

}  // namespace posthorn::net
