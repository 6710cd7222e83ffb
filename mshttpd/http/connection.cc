// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/connection.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "mshttpd/http/gzip.h"
#include "mshttpd/messages.h"

namespace posthorn::mshttpd::http {
namespace {

// More than this that the client has not taken: its further requests wait.
constexpr std::uint64_t kMostPending = 64UL * 1024;
// What of an upload is gathered before a job writes it.
constexpr std::size_t kSpoolStep = 256UL * 1024;
// What is said without a login, or needs few words, is read whole by the loop: JSON takes many times its
// text.
constexpr std::uint64_t kMostForm = 64UL * 1024;
// A body's memory is asked for in steps of this.
constexpr std::size_t kShareStep = 64UL * 1024;
// A body that comes slower than kLeastRate octets a second, looked at every kRateTurn, is cut.
constexpr std::chrono::seconds kRateTurn{10};
constexpr std::uint64_t kLeastRate = 512;

// The browser client: 'self' alone for scripts; what a message brings is shown in frames of its own.
constexpr std::string_view kShell =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src "
    "'self'; "
    "frame-src 'self' blob:; font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'";
// The empty page between it and a message's body, which stands in a sandboxed frame with a stricter policy of
// its own: such a frame inherits this one, and the client's would let no message show its own style.
constexpr std::string_view kBodyFrame =
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data: https:; frame-src 'self'; base-uri "
    "'none'; form-action 'none'; frame-ancestors 'self'";

int statusFor(Errc code) {
  switch (code) {
    case Errc::Limit:
      return 431;
    case Errc::Unsupported:
      return 505;
    case Errc::TooBig:
      return 413;
    default:
      return 400;
  }
}

// A Host field's value as part of an URL: what it may hold and no more.
bool plainHost(View host) {
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || View(".-:[]_").find(c) != View::npos;
  });
}

}  // namespace

Connection::Connection(Shared& shared, net::Arrival arrival)
    : StreamSession(std::move(arrival)), shared_(shared) {}

Connection::~Connection() {
  if (counted_) shared_.slot.uncountUser(user_);
}

void Connection::onOpen() {
  phase_ = Phase::Head;
  advance();
}

void Connection::advance() {
  if (advancing_) return;
  advancing_ = true;
  while (stream().state() == net::Transport::Open && stream().pending() <= kMostPending) {
    if (phase_ == Phase::Head ? !readHead() : phase_ == Phase::Body ? !readBody() : true) break;
  }
  advancing_ = false;
  if (!stream().eof()) return;
  // Half a request, or none: there is nobody who waits for an answer.
  if (phase_ == Phase::Head && stream().pending() <= kMostPending) close();
  if (phase_ == Phase::Body) stream().abort(makeError(Errc::Cancelled, "ended inside a body"));
}

bool Connection::readHead() {
  net::InputBuffer& input = stream().input();
  // RFC 9112 2.2: an empty line before a request is ignored.
  while (scanned_ == 0 && input.view().starts_with("\r\n")) input.consume(2);
  if (input.empty()) return false;
  if (!timer_) {
    timer_ = std::make_unique<net::Timer>(shared_.loop, [this] { headTimeout(); });
    timer_->start(shared_.service.unauthtimeout);
  }
  context_ = shared_.context;
  requestBegan_ = shared_.loop.now();
  request_ = std::make_shared<Request>();
  sender_ = {.client = stream().peer(), .secure = stream().secure() != nullptr};
  const HeadLimits& limits = context_->settings.head;
  const auto end = findHeadEnd(input.view(), limits, scanned_);
  if (end.ok() && !*end) return false;
  timer_.reset();
  scanned_ = 0;
  auto head = end.ok() ? reader_.head(input.view().substr(0, **end), limits) : Result<Head>(end.error());
  if (!head.ok()) {
    log::write(messages::kBadRequest,
               {{"client", stream().peer().text()}, {"error", head.error().describe()}});
    answerAndClose(problem(statusFor(head.error().code), {}, reasonOf(statusFor(head.error().code))));
    return false;
  }
  input.consume(**end);
  markAuthenticated();  // a client that speaks HTTP: from here on idletimeout counts
  begin(std::move(*head));
  return true;
}

void Connection::headTimeout() {
  timer_.reset();
  answerAndClose(problem(408, {}, "The request did not come to its end in time."));
}

void Connection::begin(Head head) {
  phase_ = Phase::Working;
  head_ = std::move(head);
  chunked_ = false;
  replyKeeps_ = head_.keepAlive && !leaving_;
  auto target = parseTarget(head_.target);
  if (!target.ok()) return answerAndClose(problem(400, {}, "This is no address of this server."));
  target_ = std::move(*target);
  request_->method = head_.method;
  request_->path = target_->path;
  request_->parameters = target_->query;
  request_->headers = head_.headers;
  sender_ = senderOf(head_, stream().peer(), stream().secure() != nullptr, context_->settings.trustedProxies);
  request_->secure = sender_.secure;
  const View host = head_.header("host");
  if (!host.empty() && !plainHost(host)) return answerAndClose(problem(400, {}, "Not a host."));
  request_->origin = (request_->secure ? "https://" : "http://") +
                     (host.empty() ? context_->settings.hostname : std::string(host));
  findEntry();
}

void Connection::findEntry() {
  match_ = match(head_.method, *target_);
  if (match_.entry == nullptr) {
    if (head_.hasBody()) replyKeeps_ = false;
    const bool reads = head_.method == "GET" || head_.method == "HEAD";
    const StaticFiles::File* file = reads ? shared_.files->find(target_->path) : nullptr;
    if (file != nullptr) return serveFile(*file);
    if (reads && target_->path == "/") {
      Reply lead;
      lead.status = 303;
      lead.headers.emplace_back("Location", "/plain/");
      return answer(std::move(lead));
    }
    const bool exists = !match_.allowed.empty() || shared_.files->find(target_->path) != nullptr;
    Reply refused = exists ? problem(405, {}, "Not by this method.")
                           : problem(404, {}, "There is nothing at this address.");
    if (exists) refused.headers.emplace_back("Allow", match_.allowed.empty() ? "GET, HEAD" : match_.allowed);
    return answer(std::move(refused));
  }
  for (const auto& [name, value] : match_.values) request_->parameters.insert_or_assign(name, value);
  const Body body = match_.entry->body;
  bodyLimit_ = body == Body::None    ? 0
               : body == Body::Form  ? std::min(kMostForm, context_->settings.maxPostSize)
               : body == Body::Spool ? context_->services->limits.maxSizeUpload
                                     : context_->settings.maxPostSize;
  if (head_.hasBody() && body == Body::None)
    return answerAndClose(problem(413, {}, "This request takes no body."));
  if (head_.length.value_or(0) > bodyLimit_) return bodyFailed(makeError(Errc::TooBig, "body"));
  if (!head_.header("expect").empty() && !head_.expectContinue)
    return answerAndClose(problem(417, {}, "Not an expectation that can be met."));
  if (match_.entry->login == Login::None) return startBody();
  judge();
}

void Connection::serveFile(const StaticFiles::File& file) {
  Reply reply;
  reply.type = file.type;
  reply.mayCompress = false;
  reply.headers = {
      {"ETag", file.etag},
      {"Vary", "Accept-Encoding"},
      {"Content-Security-Policy", std::string(target_->path == "/frame.html" ? kBodyFrame : kShell)},
      {"Cache-Control", file.forEver ? "public, max-age=31536000, immutable" : "no-cache"}};
  const View known = head_.header("if-none-match");
  if (!known.empty() && (known == "*" || known.find(file.etag) != View::npos)) {
    reply.status = 304;
    return answer(std::move(reply));
  }
  const View accepts = context_->settings.gzipStatic ? head_.header("accept-encoding") : View();
  const Bytes* content = &file.plain;
  if (!file.brotli.empty() && acceptsCoding(accepts, "br")) {
    content = &file.brotli;
    reply.headers.emplace_back("Content-Encoding", "br");
  } else if (!file.gzip.empty() && acceptsCoding(accepts, "gzip")) {
    content = &file.gzip;
    reply.headers.emplace_back("Content-Encoding", "gzip");
  }
  reply.length = content->size();
  // The file's bytes are sent from where they are.
  const Framing framing{.http11 = head_.http11, .keepAlive = replyKeeps_, .secure = request_->secure};
  stream().write(printHead(reply, framing, shared_.loop.clock().wall()));
  if (head_.method != "HEAD") stream().writeView(*content, shared_.files);
  log(reply.status);
  finish();
}

void Connection::startBody() {
  phase_ = Phase::Body;
  bodyTaken_ = bodySeen_ = 0;
  toSpool_.clear();
  if (match_.entry->body == Body::Spool) spoolFile_ = std::make_shared<SpoolFile>(shared_.spoolFolder);
  if (head_.hasBody()) {
    if (head_.expectContinue && stream().input().empty()) stream().write("HTTP/1.1 100 Continue\r\n\r\n");
    timer_ = std::make_unique<net::Timer>(shared_.loop, [this] { bodyProgress(); });
    timer_->start(kRateTurn);
  }
  advance();
}

void Connection::bodyProgress() {
  const std::uint64_t came = bodyTaken_ - std::exchange(bodySeen_, bodyTaken_);
  timer_->start(kRateTurn);
  if (phase_ != Phase::Body) return;  // it is our own disk that keeps the client waiting
  if (came >= kLeastRate * static_cast<std::uint64_t>(kRateTurn.count())) return;
  timer_.reset();
  log::write(messages::kBadRequest, {{"client", sender_.client.text()}, {"error", "body comes too slowly"}});
  answerAndClose(problem(408, {}, "The request did not come to its end in time."));
}

bool Connection::readBody() {
  const bool toFile = spoolFile_ != nullptr;
  Bytes& out = toFile ? toSpool_ : request_->body;
  net::InputBuffer& input = stream().input();
  while (!reader_.done()) {
    if (toFile && out.size() >= kSpoolStep) {
      spool(false);
      return false;
    }
    if (input.empty()) return false;
    const std::size_t had = out.size();
    const auto used = reader_.body(input.view(), bodyLimit_, out);
    if (!used.ok()) {
      bodyFailed(used.error());
      return false;
    }
    bodyTaken_ += *used;
    input.consume(*used);
    if (!toFile && out.size() > had) {
      if (!share_) share_ = std::make_shared<Budget::Share>(shared_.bodies);
      if (!share_->hold((out.size() / kShareStep + 1) * kShareStep)) {
        answerAndClose(problem(503, {}, "The server is busy with other requests. Try again later."));
        return false;
      }
    }
    if (*used == 0 && !reader_.done()) {
      if (!input.full()) return false;
      bodyFailed(makeError(Errc::Invalid, "a chunk's head without end"));
      return false;
    }
  }
  timer_.reset();
  if (toFile) {
    spool(true);
    return false;
  }
  work();
  return false;
}

void Connection::bodyFailed(const Error& error) {
  timer_.reset();
  if (error.code != Errc::TooBig) {
    log::write(messages::kBadRequest, {{"client", stream().peer().text()}, {"error", error.describe()}});
    return answerAndClose(problem(400, {}, "The body makes no sense."));
  }
  const bool upload = match_.entry->body == Body::Spool;
  answerAndClose(problem(413, "urn:ietf:params:jmap:error:limit",
                         "At most " + std::to_string(bodyLimit_) + " octets are taken.",
                         upload ? "maxSizeUpload" : "maxSizeRequest"));
}

void Connection::spool(bool last) {
  phase_ = Phase::Spooling;
  const std::string user = request_->caller ? request_->caller->user : std::string();
  const Status posted = shared_.jobs->post<Connection>(
      net::JobKind::Store, id(), user,
      [file = spoolFile_, bytes = std::exchange(toSpool_, {})]() -> Status { return file->append(bytes); },
      [last](Connection& to, const Status& written) { to.spooled(written, last); });
  if (!posted.ok()) answerAndClose(problem(503, {}, "The server is busy. Try again later."));
}

void Connection::spooled(const Status& written, bool last) {
  if (phase_ != Phase::Spooling) return;
  if (!written.ok()) {
    log::write(messages::kSpoolFailed, {{"error", written.error().describe()}});
    return answerAndClose(problem(written.error().code == Errc::NoSpace ? 507 : 500, {},
                                  "The upload could not be kept. Try again later."));
  }
  if (last) {
    auto file = spoolFile_->take();
    if (!file.ok()) return spooled(file.error(), last);
    request_->upload = std::move(*file);
    request_->uploaded = spoolFile_->octets();
    return work();
  }
  phase_ = Phase::Body;
  advance();
}

void Connection::part(net::Parting why) {
  if (phase_ == Phase::Ended) return;
  if (phase_ == Phase::Handshake) return stream().abort(makeError(Errc::Cancelled, "asked to leave"));
  // HTTP has no farewell outside of a response: a client repeats a request on a new connection.
  const bool silent = why == net::Parting::Idle || why == net::Parting::LoginTimeout;
  const bool atWork = phase_ != Phase::Head && phase_ != Phase::Streaming;
  if (!atWork || (silent && !busy())) return close();
  leaving_ = true;
  if (phase_ != Phase::Sending && phase_ != Phase::Making) replyKeeps_ = false;
}

bool Connection::busy() const {
  return phase_ == Phase::Judging || phase_ == Phase::Spooling || phase_ == Phase::Working ||
         phase_ == Phase::Making;
}

void Connection::close() {
  phase_ = Phase::Ended;
  timer_.reset();
  wait_.reset();
  events_.reset();
  stream().close();
}

void Connection::onClosed(const Status& why) {
  phase_ = Phase::Ended;
  untaken_.reset();
  timer_.reset();
  wait_.reset();
  events_.reset();
  StreamSession::onClosed(why);
}

}  // namespace posthorn::mshttpd::http
