// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mshttpd/http/connection.h"
#include "mshttpd/http/gzip.h"
#include "mshttpd/messages.h"

namespace posthorn::mshttpd::http {
namespace {

// Of replies up to this many can wait for their clients.
constexpr std::size_t kLargeReply = 64UL * 1024;

}  // namespace

void Connection::work() {
  phase_ = Phase::Working;
  timer_.reset();
  spoolFile_.reset();
  if (request_->caller && match_.entry->body == Body::Memory && !shared_.waiting->room(user_))
    return answer(problem(503, {}, "Read the replies that you have asked for first."));
  const auto& act = match_.entry->act;
  if (const auto* loop = std::get_if<LoopAct>(&act)) return *loop == LoopAct::LogIn ? logIn() : startEvents();
  if (const auto* desk = std::get_if<DeskRun>(&act))
    return runJob([run = *desk](const Context& context, Request& request) { return run(context, request); });
  const auto run = std::get<decltype(Route::run)>(act);
  runJob([run](const Context& context, Request& request) { return run(*context.services, request); });
}

template <typename Run>
void Connection::runJob(Run run) {
  const std::string user = request_->caller ? request_->caller->user : std::string();
  const std::string accepts =
      context_->settings.gzipDynamic ? std::string(head_.header("accept-encoding")) : std::string();
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Store, id(), user,
      [run, accepts, context = context_, request = request_, share = share_]() -> Result<Reply> {
        Reply reply = run(*context, *request);
        compress(reply, accepts);
        return reply;
      },
      [](Connection& to, Result<Reply> reply) {
        if (reply.ok()) return to.answer(std::move(*reply));
        log::write(messages::kJobFailed, {{"path", to.request_->path}, {"error", reply.error().describe()}});
        to.answer(problem(500, {}, "The server failed. Its log says why."));
      });
  if (!posted.ok()) answer(problem(503, {}, "The server is busy. Try again later."));
}

void Connection::answer(Reply reply) {
  if (phase_ == Phase::Ended) return;
  // A body that was not read lies before the next request.
  if (!reader_.done()) replyKeeps_ = false;
  if (leaving_) replyKeeps_ = false;
  const bool senseless = reply.status >= 400 && reply.status < 500 && reply.status != 401;
  badRequests_ = senseless ? badRequests_ + 1 : 0;
  if (senseless) shared_.slot.add(stats::Counter::BadCommands);
  if (badRequests_ >= shared_.service.maxbadcommands) {
    log::write(messages::kBadRequests, {{"client", sender_.client.text()}, {"user", user_}});
    replyKeeps_ = false;
  }
  const bool headOnly = head_.method == "HEAD";
  chunked_ = reply.more && !reply.length && head_.http11;
  if (reply.more && !reply.length && !head_.http11) replyKeeps_ = false;
  left_ = reply.more && reply.length
              ? std::optional(*reply.length - std::min<std::uint64_t>(*reply.length, reply.body.size()))
              : std::nullopt;
  const Framing framing{
      .http11 = head_.http11, .keepAlive = replyKeeps_, .secure = sender_.secure, .chunked = chunked_};
  stream().write(printHead(reply, framing, shared_.loop.clock().wall()));
  const bool hasBody = !headOnly && reply.status != 204 && reply.status != 304;
  if (hasBody && reply.body.size() > kLargeReply) untaken_.emplace(shared_.waiting, user_, reply.body.size());
  if (hasBody && !reply.body.empty()) stream().write(chunked_ ? chunk(reply.body) : std::move(reply.body));
  log(reply.status);
  if (!hasBody || !reply.more) return finish();
  more_ = std::make_shared<Window>(std::move(reply.more));
  phase_ = Phase::Sending;
}

void Connection::answerAndClose(Reply reply) {
  replyKeeps_ = false;
  answer(std::move(reply));
}

void Connection::onDrained() {
  untaken_.reset();
  if (phase_ == Phase::Sending) return nextWindow();
  advance();
}

// The client has taken the last window.
void Connection::nextWindow() {
  phase_ = Phase::Making;
  const std::string user = request_->caller ? request_->caller->user : std::string();
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Store, id(), user,
      [more = more_, context = context_]() -> Result<Bytes> { return (*more)(); },
      [](Connection& to, Result<Bytes> window) {
        if (to.phase_ != Phase::Making) return;
        const bool tooMuch = window.ok() && to.left_ && window->size() > *to.left_;
        const bool tooLittle = window.ok() && window->empty() && to.left_.value_or(0) > 0;
        // The head said 200: the only way left to say that the rest is missing is to hang up.
        if (!window.ok() || tooMuch || tooLittle) {
          log::write(messages::kJobFailed,
                     {{"path", to.request_->path},
                      {"error", window.ok() ? "another length than promised" : window.error().describe()}});
          return to.stream().abort(makeError(Errc::Internal, "a reply broke off"));
        }
        const bool last = window->empty();
        if (to.left_) *to.left_ -= window->size();
        if (to.chunked_) {
          to.stream().write(chunk(*window));
        } else if (!last) {
          to.stream().write(std::move(*window));
        }
        to.phase_ = Phase::Sending;
        if (last) to.finish();
      });
  if (!posted.ok()) stream().abort(posted.error());
}

void Connection::finish() {
  more_.reset();
  share_.reset();
  spoolFile_.reset();
  uploading_.reset();
  timer_.reset();
  if (!replyKeeps_ || leaving_) return close();
  phase_ = Phase::Head;
  advance();
}

void Connection::log(int status) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(shared_.loop.now() - requestBegan_);
  shared_.slot.command(match_.entry != nullptr ? match_.index + 1 : 0, took, status < 400);
  log::write(messages::kRequest, {{"session", std::to_string(id().number())},
                                  {"client", sender_.client.text()},
                                  {"user", request_ && request_->caller ? request_->caller->user : ""},
                                  {"method", head_.method},
                                  {"path", request_ ? request_->path : ""},
                                  {"status", std::to_string(status)}});
}

void Connection::startEvents() {
  const auto wish = EventStream::wishOf(request_->parameters, head_.headers.contains("last-event-id"));
  if (!wish)
    return answer(problem(400, {}, "types, closeafter and ping must be given as RFC 8620 7.3 says."));
  Reply reply;
  reply.type = "text/event-stream; charset=utf-8";
  reply.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  reply.more = [] { return Bytes(); };
  chunked_ = head_.http11;
  if (!chunked_) replyKeeps_ = false;
  const Framing framing{
      .http11 = head_.http11, .keepAlive = replyKeeps_, .secure = sender_.secure, .chunked = chunked_};
  stream().write(printHead(reply, framing, shared_.loop.clock().wall()));
  log(reply.status);
  if (head_.method == "HEAD") return finish();
  phase_ = Phase::Streaming;
  share_.reset();
  events_ = std::make_unique<EventStream>(shared_.loop, *this, *wish, context_->settings.sessions.timeout);
  events_->begin(shared_.push, *request_->caller);
}

void Connection::write(std::string text) {
  // Who does not read holds no more than this; his browser comes back and asks what he has missed.
  constexpr std::uint64_t kMostEvents = 256UL * 1024;
  if (stream().pending() > kMostEvents)
    return stream().abort(makeError(Errc::Limit, "an event stream is not read"));
  stream().write(chunked_ ? chunk(text) : std::move(text));
}

void Connection::endEvents() {
  if (phase_ != Phase::Streaming) return;
  if (chunked_) stream().write(chunk({}));
  phase_ = Phase::Working;
  // Not inside of the stream's own call.
  shared_.loop.defer([&loop = shared_.loop, events = std::move(events_)]() mutable { events.reset(); });
  finish();
}

}  // namespace posthorn::mshttpd::http
