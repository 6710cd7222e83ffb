// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "tools/enpd/wish.h"

// The protocol of the event service, version 1: lines both ways, each ended by LF or CRLF. Clients send
// commands, the server sends JSON objects, and event references to those who want them.
//
//   client                                                      server
//                                                               {"ens":"hello","version":1,...}
//   SUBSCRIBE [types=T,T] [form=json|text] REFERENCE...         {"ens":"ok","command":"SUBSCRIBE","count":2}
//   UNSUBSCRIBE REFERENCE... | * {"ens":"ok","command":"UNSUBSCRIBE","count":1} PUBLISH
//   REFERENCE?evtType=T&...                             {"ens":"ok","command":"PUBLISH"} RELAY KEY PACKET
//   nothing, unless it is wrong PING [TEXT] {"ens":"pong","text":"..."} NOOP {"ens":"ok","command":"NOOP"}
//   STARTTLS                                                    {"ens":"ok","command":"STARTTLS"}, then TLS
//   QUIT                                                        {"ens":"bye",...}
//
// Every line of the server's own begins with {"ens": and has one of these kinds; all others are events.
//
//   hello   the greeting: version, host, product, whether STARTTLS and PUBLISH are there for this client
//   ok      a command was done; SUBSCRIBE and UNSUBSCRIBE say how many references there are now
//   error   a command was not done: code and text; nothing of it was done
//   pong    the answer to PING
//   ping    nothing happened for ens.pinginterval; no answer is expected
//   lost    `count` events did not reach this subscriber: where = "queue" (it read too slowly) or
//           "publisher" (they did not reach the service; not all need have been meant for this subscriber)
//   bye     the connection ends: text says why; `again` is true when the service goes on and the client
//   should
//           come back
//
// RELAY is how event services pass events on: PACKET is the base64 of events::encode(EventPacket). A client
// that has nothing to say needs to say nothing: idle subscribers are pinged, not timed out.

namespace posthorn::enpd {

inline constexpr int kProtocolVersion = 1;

struct Command {
  enum class Verb : std::uint8_t { Subscribe, Unsubscribe, Publish, Relay, Ping, Noop, StartTls, Quit };
  Verb verb = Verb::Noop;
  std::vector<Wish> wishes;  ///< SUBSCRIBE, UNSUBSCRIBE
  bool all = false;          ///< UNSUBSCRIBE *
  std::string text;          ///< PING: its text; PUBLISH: the reference; RELAY: the key
  std::string packet;        ///< RELAY: decoded base64
};

std::string_view nameOf(Command::Verb verb);

/// The names in the order of the verbs, for the counters.
std::vector<std::string_view> verbNames();

/// One line without its end; pure. Invalid with a text for the client.
Result<Command> parseCommand(std::string_view line);

}  // namespace posthorn::enpd
