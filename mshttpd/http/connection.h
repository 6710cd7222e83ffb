// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/auth/login_way.h"
#include "common/net/session.h"
#include "mshttpd/http/event_stream.h"
#include "mshttpd/http/forwarded.h"
#include "mshttpd/http/print.h"
#include "mshttpd/http/request_reader.h"
#include "mshttpd/http/router.h"
#include "mshttpd/http/spool_file.h"
#include "mshttpd/login/access.h"
#include "mshttpd/login/plain_login.h"
#include "mshttpd/shared.h"

namespace posthorn::mshttpd::http {

/// One HTTP/1.1 connection. Owned by the worker's SessionTable; lives on one loop. Requests are answered one
/// at a time and in order, however many have come; at most one job is in flight.
///
///   Head ──▶ Judging ──▶ Body ⇄ Spooling ──▶ Working ──▶ Sending ⇄ Making ──▶ Head
///                                               └──▶ Streaming
///
/// A head must be whole within unauthtimeout of its first octet; a body must come faster than kLeastRate; a
/// reply must be taken within idletimeout. An event stream lives by its pings.
class Connection final : public net::StreamSession, public EventStream::Owner {
 public:
  Connection(Shared& shared, net::Arrival arrival);
  ~Connection() override;

  // net::Session, net::StreamHandler
  void part(net::Parting why) override;
  [[nodiscard]] bool busy() const override;
  void onOpen() override;
  void onInput() override { advance(); }
  void onDrained() override;
  void onEof() override { advance(); }
  void onClosed(const Status& why) override;

 private:
  enum class Phase : std::uint8_t {
    Handshake,
    Head,
    Judging,    // who is it? (a job, or the wait of a login)
    Body,       // its octets are coming
    Spooling,   // a job writes some of them
    Working,    // the request's job
    Sending,    // the client takes the reply
    Making,     // a job makes the next window
    Streaming,  // an event stream
    Ended,
  };
  // Reading (connection.cc).
  void advance();
  bool readHead();
  bool readBody();
  void begin(Head head);
  void findEntry();
  void serveFile(const StaticFiles::File& file);
  void headTimeout();
  void startBody();
  void bodyProgress();
  void spool(bool last);
  void spooled(const Status& written, bool last);
  void bodyFailed(const Error& error);

  // Judging (connection_access.cc).
  void judge();
  void judgeSession(login::Credentials credentials);
  void recheck(const std::string& id, login::WebSession session, bool byCookie);
  void judgeBasic(login::Credentials credentials);
  void passed(login::Pass pass);
  void notLoggedIn(int status, std::string_view words, std::string_view code);
  [[nodiscard]] auth::LoginHooks hooks(std::function<void(const auth::Login&)> passed,
                                       std::function<void(auth::Reason)> refused);
  [[nodiscard]] bool passwordsAllowed() const;
  void after(std::chrono::milliseconds wait, std::function<void()> then);
  void countUser(const std::string& user);
  void lookForUser(const login::WebSession& session);

  // POST /login (connection_login.cc).
  void logIn();
  void logInByCertificate(const std::shared_ptr<login::Wish>& wish);
  void logInNobody(const std::shared_ptr<login::Wish>& wish);
  void judgeLogin(const std::shared_ptr<login::Wish>& wish, auth::Attempt attempt);
  void beginSession(const std::shared_ptr<login::Wish>& wish, login::WebSession session);
  void refuseLogin(const login::Wish& wish, int status, std::string_view words, std::string_view code);

  // Answering (connection_reply.cc).
  void work();
  template <typename Run>
  void runJob(Run run);
  void answer(Reply reply);
  void answerAndClose(Reply reply);
  void nextWindow();
  void finish();
  void log(int status);
  void startEvents();
  void close();

  // EventStream::Owner
  void write(std::string text) override;
  void endEvents() override;
  void lookForSession(bool sessionsTimeIsOver) override;

  Shared& shared_;
  Phase phase_ = Phase::Handshake;
  ContextPtr context_;  // of the request at hand
  std::size_t scanned_ = 0;
  RequestReader reader_;
  Head head_;
  Sender sender_;  // of the request at hand, or the last one
  std::optional<Target> target_;
  Match match_;
  std::shared_ptr<Request> request_;  // shared with its job
  std::shared_ptr<Budget::Share> share_;
  std::optional<Waiting::Share> untaken_;  // the reply before, while the client has not taken it
  std::shared_ptr<SpoolFile> spoolFile_;
  std::optional<jmap::Gate::Pass> uploading_;
  Bytes toSpool_;
  std::uint64_t bodyLimit_ = 0;
  std::uint64_t bodyTaken_ = 0;
  std::uint64_t bodySeen_ = 0;  // bodyTaken_ when the rate was last looked at
  std::unique_ptr<net::Timer> timer_;
  std::unique_ptr<net::Timer> wait_;
  std::shared_ptr<Window> more_;       // shared with the job that makes the next one
  std::optional<std::uint64_t> left_;  // octets that Content-Length still promises
  bool chunked_ = false;
  bool replyKeeps_ = true;
  std::unique_ptr<EventStream> events_;
  Steady requestBegan_{};
  unsigned badRequests_ = 0;
  bool advancing_ = false;
  bool leaving_ = false;
  std::string user_;  // whose connection it was last, for the counts
  bool counted_ = false;
};

}  // namespace posthorn::mshttpd::http
