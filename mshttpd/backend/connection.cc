// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/connection.h"

#include <utility>

#include "common/base/ascii.h"
#include "common/imap/parse/response.h"
#include "common/imap/parse/scanner.h"
#include "common/imap/print/command.h"

namespace posthorn::mshttpd::backend {
namespace {

using imap::CommandName;
using imap::Condition;

constexpr std::size_t kReadSize = 64UL * 1024;
constexpr std::uint64_t kMostForCommand = 256UL * 1024 * 1024;  // octets of all responses
constexpr std::size_t kMostPipelined = 32;
// Answers wait in the sockets' buffers while commands are still being sent.
constexpr std::size_t kMostPipelinedOctets = 16UL * 1024;

/// Where a server must say "+" before it gets more: the end of a line that announces a literal; the whole
/// length when nowhere.
std::size_t endOfPart(View bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t end = bytes.find("\r\n", at);
    if (end == View::npos) break;
    const auto literal = imap::headAtEnd(bytes.substr(at, end - at));
    at = end + 2;
    if (!literal) continue;
    if (literal->synchronizing) return at;
    at += literal->octets;
  }
  return bytes.size();
}

/// Nothing that came into it begins a second command: the only end of a line without a literal is the last
/// one. Whatever let it pass would let one user's words be another's commands.
bool isOneCommand(View bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t end = bytes.find_first_of(View("\r\n\0", 3), at);
    if (end == View::npos || bytes.substr(end, 2) != "\r\n") return false;
    const auto literal = imap::headAtEnd(bytes.substr(at, end - at));
    at = end + 2;
    if (!literal) return at == bytes.size();
    if (at == bytes.size()) return true;  // APPEND's message follows
    if (literal->octets > bytes.size() - at) return false;
    at += literal->octets;
  }
  return false;
}

Error manyCommands() {
  return makeError(Errc::Invalid, "what was given cannot be said in one IMAP command");
}

}  // namespace

Connection::Connection(std::unique_ptr<Wire> wire, const Patience& patience, const Clock& clock)
    : wire_(std::move(wire)), patience_(patience), clock_(clock) {}

Result<std::unique_ptr<Connection>> Connection::open(std::unique_ptr<Wire> wire, const Patience& patience,
                                                     const Clock& clock) {
  std::unique_ptr<Connection> made(new Connection(std::move(wire), patience, clock));
  PH_CHECK(made->greet());
  return made;
}

Status Connection::greet() {
  PH_CHECK(begin());
  wire_->arm(clock_.steady() + patience_.login);
  PH_TRY(const imap::Response first, next());
  const auto* hello = std::get_if<imap::StatusResponse>(&first);
  if (hello == nullptr || hello->tag != "*") return fail(makeError(Errc::Unavailable, "it does not greet"));
  if (hello->condition != Condition::Ok)
    return fail(makeError(Errc::Unavailable, "it greets with " + ascii::printable(hello->text)));
  end();
  Reply reply{.done = *hello, .data = {}};
  learn(reply);
  if (!capabilities_.empty()) return okStatus();
  PH_TRY(reply, ask({.name = CommandName::Capability, .args = imap::NoArgs{}}));
  return expectOk(reply);
}

std::string Connection::nextTag() {
  return "h" + std::to_string(++tags_);
}

/// A command inside of another one would be a part of its text, and its answer the other one's.
Status Connection::begin() {
  if (inside_) return fail(makeError(Errc::Unavailable, "the last command has had no answer"));
  inside_ = true;
  heard_ = false;
  taken_ = 0;
  return dropNotices();
}

/// What has come before a command is no answer to it: notices are passed over, and nothing else may be there.
Status Connection::dropNotices() {
  while (at_ < in_.size()) {
    auto outcome = imap::parseResponse(View(in_).substr(at_));
    const auto* done = std::get_if<imap::ResponseDone>(&outcome);
    if (done == nullptr) return okStatus();  // next() judges it when it is whole
    at_ += done->consumed;
    if (const auto* status = std::get_if<imap::StatusResponse>(&done->response))
      PH_CHECK(checkStatus(*status));
    if (std::holds_alternative<imap::ContinueResponse>(done->response))
      return fail(makeError(Errc::Unavailable, "it asks for what there is not"));
  }
  return okStatus();
}

Status Connection::fail(Error why) {
  dead_ = true;
  if (why.code != Errc::Timeout) why.code = Errc::Unavailable;
  if (!why.text.starts_with(wire_->peer())) why.text = wire_->peer() + ": " + why.text;
  why.client = "The mail server does not answer now; try again.";
  return why;
}

Status Connection::send(View bytes) {
  if (dead_) return makeError(Errc::Unavailable, wire_->peer() + ": the connection is over");
  wire_->arm(clock_.steady() + patience_.silence);
  if (auto sent = wire_->write(bytes); !sent) return fail(std::move(sent).error());
  return okStatus();
}

Result<imap::Response> Connection::next() {
  std::size_t needed = 1;
  while (true) {
    if (in_.size() - at_ >= needed) {
      auto outcome = imap::parseResponse(View(in_).substr(at_));
      if (auto* bad = std::get_if<imap::ResponseBad>(&outcome))
        return fail(makeError(Errc::Unavailable, "it speaks no IMAP: " + bad->text)).error();
      if (auto* done = std::get_if<imap::ResponseDone>(&outcome)) {
        at_ += done->consumed;
        taken_ += done->consumed;
        if (at_ == in_.size()) {
          in_.clear();
          at_ = 0;
        }
        if (taken_ > kMostForCommand)
          return fail(makeError(Errc::Unavailable, "it says more than was asked for")).error();
        return std::move(done->response);
      }
      needed = std::get<imap::ResponseIncomplete>(outcome).needed + 1;
    }
    in_.erase(0, at_);
    at_ = 0;
    const std::size_t before = in_.size();
    in_.resize(before + kReadSize);
    auto got = wire_->read(std::span<char>(in_).subspan(before));
    in_.resize(before + (got.ok() ? *got : 0));
    if (!got) return fail(std::move(got).error()).error();
    if (*got == 0) return fail(makeError(Errc::Unavailable, "it closed the connection")).error();
    heard_ = true;
    wire_->arm(clock_.steady() + patience_.silence);
  }
}

/// One that answers no command at hand.
Status Connection::checkStatus(const imap::StatusResponse& status) {
  if (status.condition == Condition::Bye)
    return fail(makeError(Errc::Unavailable, "it says goodbye: " + ascii::printable(status.text)));
  if (status.tag != "*") return fail(makeError(Errc::Unavailable, "it answers what was not asked"));
  return okStatus();
}

/// Everything up to the tagged answer.
Status Connection::collect(const std::string& tag, Reply& into) {
  while (true) {
    PH_TRY(imap::Response response, next());
    if (auto* status = std::get_if<imap::StatusResponse>(&response)) {
      if (status->tag == tag) {
        into.done = std::move(*status);
        return okStatus();
      }
      PH_CHECK(checkStatus(*status));
    }
    // A later literal would take it for its own, and be sent where the server reads commands.
    if (std::holds_alternative<imap::ContinueResponse>(response))
      return fail(makeError(Errc::Unavailable, "it asks for what there is not"));
    into.data.push_back(std::move(response));
  }
}

/// True for "+"; false when the command is over instead.
Result<bool> Connection::awaitGo(const std::string& tag, Reply& into) {
  while (true) {
    PH_TRY(imap::Response response, next());
    if (std::holds_alternative<imap::ContinueResponse>(response)) return true;
    if (auto* status = std::get_if<imap::StatusResponse>(&response)) {
      if (status->tag == tag) {
        into.done = std::move(*status);
        return false;
      }
      PH_CHECK(checkStatus(*status));
    }
    into.data.push_back(std::move(response));
  }
}

/// Sends a command, waiting at each synchronising literal. `done`: the server answered before its end.
Status Connection::sendParts(View bytes, const std::string& tag, Reply& into, bool& done) {
  done = false;
  while (true) {
    const std::size_t part = endOfPart(bytes);
    PH_CHECK(send(bytes.substr(0, part)));
    bytes.remove_prefix(part);
    if (bytes.empty()) return okStatus();
    PH_TRY(const bool go, awaitGo(tag, into));
    if (!go) {
      done = true;
      return okStatus();
    }
  }
}

Result<Reply> Connection::ask(Request request) {
  const std::string tag = nextTag();
  std::string bytes;
  imap::putCommand(bytes,
                   {.tag = tag, .name = request.name, .uid = request.uid, .args = std::move(request.args)},
                   {.utf8 = false, .literalPlus = can("LITERAL+")});
  if (!isOneCommand(bytes)) return manyCommands();
  PH_CHECK(begin());
  Reply reply;
  bool done = false;
  PH_CHECK(sendParts(bytes, tag, reply, done));
  if (!done) PH_CHECK(collect(tag, reply));
  end();
  learn(reply);
  return reply;
}

Result<std::vector<Reply>> Connection::askAll(std::vector<Request> requests) {
  std::vector<Reply> replies;
  replies.reserve(requests.size());
  std::size_t first = 0;
  while (first < requests.size()) {
    std::string bytes;
    std::vector<std::string> tags;
    while (first + tags.size() < requests.size() && tags.size() < kMostPipelined) {
      Request& request = requests[first + tags.size()];
      std::string one;
      const std::string tag = nextTag();
      imap::putCommand(one, {.tag = tag, .name = request.name, .uid = request.uid, .args = request.args},
                       {.utf8 = false, .literalPlus = can("LITERAL+")});
      if (!isOneCommand(one)) return manyCommands();
      const bool waits = endOfPart(one) != one.size();
      if (!tags.empty() && (waits || bytes.size() + one.size() > kMostPipelinedOctets)) break;
      bytes += one;
      tags.push_back(tag);
      if (waits) break;
    }
    PH_CHECK(begin());
    Reply reply;
    bool done = false;
    PH_CHECK(sendParts(bytes, tags.front(), reply, done));
    for (const std::string& tag : tags) {
      if (!done) PH_CHECK(collect(tag, reply));
      done = false;
      learn(reply);
      replies.push_back(std::exchange(reply, Reply{}));
    }
    end();
    first += tags.size();
  }
  return replies;
}

/// The octets of a literal, as they come from the source. A source that fails or that has another length
/// ends the connection: there is no way to take back a literal that has begun.
Status Connection::stream(std::uint64_t octets, const Source& text) {
  std::uint64_t sent = 0;
  while (true) {
    auto piece = text();
    if (!piece) {
      dead_ = true;
      return std::move(piece).error();
    }
    if (piece->empty()) break;
    if (piece->size() > octets - sent) break;
    PH_CHECK(send(*piece));
    sent += piece->size();
  }
  if (sent == octets) return okStatus();
  dead_ = true;
  return makeError(Errc::Internal, "a message is not as long as was said");
}

Result<Reply> Connection::append(const std::string& mailbox, const imap::AppendMessage& message,
                                 std::uint64_t octets, const Source& text) {
  const std::string tag = nextTag();
  const imap::PrintOptions options{.utf8 = false, .literalPlus = can("LITERAL+")};
  std::string head;
  imap::putCommand(
      head, {.tag = tag, .name = CommandName::Append, .uid = false, .args = imap::AppendArgs{{mailbox}}},
      options);
  // The message's own literal always waits: a server that does not want it says so before it is sent.
  imap::putAppendMessage(head, message, octets, {.utf8 = false, .literalPlus = false});
  if (!isOneCommand(head)) return manyCommands();
  PH_CHECK(begin());
  Reply reply;
  bool done = false;
  PH_CHECK(sendParts(head, tag, reply, done));
  if (!done) {
    PH_TRY(const bool go, awaitGo(tag, reply));
    done = !go;
  }
  if (done) {
    end();
    // OK to a message of which nothing was sent: whatever it has taken, it is not this one.
    if (reply.ok()) return fail(makeError(Errc::Unavailable, "it takes a message before it is sent")).error();
    return reply;
  }
  PH_CHECK(stream(octets, text));
  std::string tail;
  imap::putAppendMessageEnd(tail, message);
  PH_CHECK(send(tail + "\r\n"));
  PH_CHECK(collect(tag, reply));
  end();
  return reply;
}

void Connection::learn(const Reply& reply) {
  const auto take = [this](const std::vector<std::string>& names) {
    capabilities_.clear();
    for (const std::string& name : names) capabilities_.insert(ascii::toUpper(name));
  };
  for (const imap::Response& response : reply.data) {
    if (const auto* data = std::get_if<imap::CapabilityData>(&response); data != nullptr && !data->enabled)
      take(data->names);
    const auto* status = std::get_if<imap::StatusResponse>(&response);
    if (status != nullptr && status->code.kind == imap::ResponseCode::Kind::Capability)
      take(status->code.words);
  }
  if (reply.done.code.kind == imap::ResponseCode::Kind::Capability) take(reply.done.code.words);
}

}  // namespace posthorn::mshttpd::backend
