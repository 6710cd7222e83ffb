// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <memory>

#include "common/base/clock.h"
#include "common/net/address_ticket.h"
#include "common/net/stream.h"

namespace posthorn::net {

class SessionTable;

/// Names a session for other threads: a place in the table and how often that place was used before. The name
/// of a session that is gone finds nothing.
struct SessionId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  ///< 0: names nothing
  auto operator<=>(const SessionId&) const = default;
  [[nodiscard]] std::uint64_t number() const { return std::uint64_t{generation} << 32 | slot; }
};

/// Why a session is asked to leave.
enum class Parting : std::uint8_t {
  Idle,          ///< silent for longer than idletimeout
  LoginTimeout,  ///< did not log in within unauthtimeout
  Crowded,       ///< makes room: too many connections without a login
  Stopping,      ///< the service stops
  Drained,       ///< its generation's draintimeout is over
  Kicked,        ///< the operator disconnects it
};
std::string_view toString(Parting why);

/// One connection's protocol session, as the table sees it. Owned by the table. Loop thread.
class Session {
 public:
  Session() = default;
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Called once the table owns it and id() is valid: open the stream, greet.
  virtual void begin() = 0;
  /// Say goodbye in the protocol and close in order; end() follows sooner or later. May come more than once.
  virtual void part(Parting why) = 0;
  /// Cut the connection without a word (an exception in its code, a stop that may not wait longer).
  virtual void cut(Error why) = 0;
  /// A command is at work: such a session is not idle.
  [[nodiscard]] virtual bool busy() const { return false; }

  [[nodiscard]] SessionId id() const { return id_; }
  [[nodiscard]] bool authenticated() const { return authenticated_; }
  [[nodiscard]] Steady began() const { return began_; }
  [[nodiscard]] Steady lastActivity() const { return lastActivity_; }

  /// The client did something: the idle time begins anew. Without a login the time counts from the
  /// connection.
  void touch();
  /// From now on idletimeout counts instead of unauthtimeout.
  void markAuthenticated();
  /// The client is a stranger again: unauthtimeout counts, from now on.
  void markUnauthenticated();
  /// Counts the connection for another address than the one that it came from (AddressTicket).
  void countFor(AddressTicket ticket) { ticket_ = std::move(ticket); }
  /// Deletes this session after the running callback; find() no longer gives it at once.
  void end();

 private:
  friend class SessionTable;
  friend class SessionList;

  SessionTable* table_ = nullptr;
  SessionId id_;
  Steady began_{};
  Steady strangerSince_{};
  Steady lastActivity_{};
  AddressTicket ticket_;
  Session* earlier_ = nullptr;  // neighbours in the table's list of sessions by last activity
  Session* later_ = nullptr;
  bool authenticated_ = false;
  bool parted_ = false;
  bool ending_ = false;
};

/// A connection that was let in.
struct Arrival {
  std::unique_ptr<Stream> stream;      ///< Greeting; peer() is the client, also behind a proxy
  std::unique_ptr<SecureLayer> layer;  ///< TLS from the first byte; null on a clear port
};

/// A session on a Stream: the usual wiring. A service derives from it and adds onOpen (greet), onInput,
/// onEof, part and busy.
class StreamSession : public Session, public StreamHandler {
 public:
  explicit StreamSession(Arrival arrival);

  void begin() override;
  void cut(Error why) override;
  void onActivity(Activity) override { touch(); }
  /// Ends the session (its deletion is deferred); an override calls this first.
  void onClosed(const Status& why) override;
  [[nodiscard]] Stream& stream() { return *stream_; }
  [[nodiscard]] const Stream& stream() const { return *stream_; }

 private:
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<SecureLayer> layer_;
};

}  // namespace posthorn::net
