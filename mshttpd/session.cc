// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/session.h"

#include <utility>

#include "common/log/logger.h"
#include "mshttpd/messages.h"
#include "mshttpd/pages.h"

namespace posthorn::mshttpd {
namespace {

// More than this that the client has not taken: its further requests wait.
constexpr std::uint64_t kMostPending = 64UL * 1024;

int statusFor(Errc code) {
  if (code == Errc::Limit) return 431;
  return code == Errc::Unsupported ? 505 : 400;
}

}  // namespace

Session::Session(Shared& shared, net::Arrival arrival)
    : StreamSession(std::move(arrival)),
      shared_(shared),
      lines_(stream().input(), shared.service.maxlinelength) {}

void Session::advance() {
  while (!ended_ && stream().state() == net::Transport::Open && stream().pending() <= kMostPending &&
         takeLine()) {
  }
}

bool Session::takeLine() {
  const auto line = lines_.next();
  if (!line.ok()) {
    refuse(line.error());
    return false;
  }
  if (!*line) return false;
  const auto whole = head_.take(**line);
  lines_.consume();
  if (!whole.ok()) {
    refuse(whole.error());
    return false;
  }
  if (*whole) answer(head_.finish());
  return true;
}

void Session::answer(const Request& request) {
  markAuthenticated();  // a client that speaks HTTP: from here on idletimeout counts
  const Steady began = shared_.loop.now();
  const Response response = respond(request, shared_.config->hostname());
  send(response, request.method == "HEAD");
  shared_.slot.command(0, std::chrono::duration_cast<std::chrono::microseconds>(shared_.loop.now() - began),
                       response.status < 400);
  log::write(messages::kRequest, {{"session", std::to_string(id().number())},
                                  {"client", stream().peer().text()},
                                  {"method", request.method},
                                  {"path", request.path},
                                  {"status", std::to_string(response.status)}});
}

void Session::refuse(const Error& error) {
  shared_.slot.add(stats::Counter::BadCommands);
  send(problem(statusFor(error.code)), false);
}

void Session::send(const Response& response, bool headOnly) {
  stream().write(print(response, headOnly, shared_.loop.clock().wall()));
  if (!response.keepAlive) close();
}

void Session::onEof() {
  advance();
  if (!ended_) close();
}

void Session::part(net::Parting) {
  // HTTP has no farewell outside of a response: a client repeats an idempotent request on a new connection.
  if (stream().state() == net::Transport::Handshake)
    return stream().abort(makeError(Errc::Cancelled, "asked to leave"));
  if (!ended_) close();
}

void Session::close() {
  ended_ = true;
  stream().close();
}

}  // namespace posthorn::mshttpd
