// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/blob_routes.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "mshttpd/http/target.h"
#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/blob.h"

namespace posthorn::mshttpd::http {
namespace {

constexpr std::string_view kUnknownType = "application/octet-stream";
constexpr std::string_view kShown[] = {"image/png",  "image/jpeg", "image/gif",
                                       "image/webp", "image/bmp",  "text/plain"};
constexpr std::size_t kMostType = 120;
constexpr std::size_t kMostName = 200;

bool isTypeWord(View text) {
  constexpr View kOthers = "!#$&^_.+-";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || kOthers.find(c) != View::npos;
  });
}

Reply failed(const Error& error) {
  switch (error.code) {
    case Errc::NotFound:
      return problem(404, {}, "There is no such blob.");
    case Errc::Denied:
      return problem(403, {}, "This is not yours.");
    case Errc::OverQuota:
      return problem(413, {}, "Your uploads would take too much room.");
    case Errc::NoSpace:
      return problem(507, {}, "The server has no room for uploads now. Try again later.");
    case Errc::Unavailable:
    case Errc::Timeout:
    case Errc::Busy:
      return problem(503, {}, error.client.empty() ? "The mail server does not answer now." : error.client);
    default:
      return problem(500, {}, "The server failed. Its log says why.");
  }
}

// What a window of a download needs while it is made, whatever becomes of its request.
struct Held {
  Held(const jmap::Services& services, jmap::Caller who) : caller(std::move(who)), call(services, caller) {}
  const jmap::Caller caller;
  jmap::Call call;
};

Reply notAnAccount(const jmap::Failure& failure) {
  if (failure.type == "serverUnavailable") return problem(503, {}, "The mail server does not answer now.");
  return problem(404, {}, "There is no such account.");
}

}  // namespace

bool mayShow(View type) {
  const View plain = ascii::trim(type.substr(0, type.find(';')));
  return std::any_of(std::begin(kShown), std::end(kShown),
                     [&](View shown) { return ascii::equal(shown, plain); });
}

std::string safeType(View type) {
  const View plain = ascii::trim(type.substr(0, type.find(';')));
  const std::size_t slash = plain.find('/');
  if (plain.size() > kMostType || slash == View::npos || !isTypeWord(plain.substr(0, slash)) ||
      !isTypeWord(plain.substr(slash + 1)))
    return std::string(kUnknownType);
  std::string safe = ascii::toLower(plain);
  for (const View parameter : ascii::split(type, ';')) {
    const View pair = ascii::trim(parameter);
    if (ascii::startsWith(pair, "charset=") && isTypeWord(pair.substr(8)) && pair.size() < 50)
      return safe + "; charset=" + ascii::toLower(pair.substr(8));
  }
  // A browser would guess otherwise.
  return safe == "text/plain" ? safe + "; charset=utf-8" : safe;
}

std::string disposition(bool shown, View name) {
  std::string plain;
  std::string cut;
  for (View rest = name; !rest.empty() && cut.size() < kMostName;) {
    const std::size_t length = std::max<std::size_t>(1, utf8::characterLength(rest));
    const View character = rest.substr(0, length);
    rest.remove_prefix(length);
    const bool printable = length == 1 && character[0] >= ' ' && character[0] < 0x7F;
    if (length == 1 && !printable) continue;  // controls are nobody's name
    const bool path = character == "/" || character == "\\";
    cut += path ? View("_") : character;
    plain += !printable || path || View("\"%*").find(character) != View::npos ? View("_") : character;
  }
  // Dots alone, or none, would be a folder.
  if (cut.find_first_not_of(". ") == std::string::npos) cut = plain = "file";
  return fmt::format("{}; filename=\"{}\"; filename*=UTF-8''{}", shown ? "inline" : "attachment", plain,
                     percentEncoded(cut));
}

Reply uploadRoute(const jmap::Services& services, Request& request) {
  jmap::Call call(services, *request.caller);
  jmap::Failure failure;
  const std::string account = request.parameters["accountId"];
  if (account != jmap::accountId(request.caller->user) &&
      call.account({{"accountId", account}}, failure) == nullptr)
    return notAnAccount(failure);
  const auto type = request.headers.find("content-type");
  auto kept = services.uploads.keep(request.caller->user, std::move(request.upload),
                                    type == request.headers.end() ? std::string(kUnknownType) : type->second);
  if (!kept.ok()) return failed(kept.error());
  Reply reply;
  reply.status = 201;
  reply.body =
      jmap::Json{{"accountId", account}, {"blobId", kept->id}, {"type", kept->type}, {"size", kept->octets}}
          .dump();
  return reply;
}

Reply downloadRoute(const jmap::Services& services, Request& request) {
  auto held = std::make_shared<Held>(services, *request.caller);
  jmap::Failure failure;
  const jmap::Call::Account* account =
      held->call.account({{"accountId", request.parameters["accountId"]}}, failure);
  if (account == nullptr) return notAnAccount(failure);
  std::uint64_t size = 0;
  std::string type;
  auto source = jmap::openBlob(held->call, *account, request.parameters["blobId"], size, type);
  if (!source.ok()) return failed(source.error());
  // Who reads slowly has no connection to himself meanwhile.
  account->host->holdNothing();
  const auto accept = request.parameters.find("accept");
  Reply reply;
  reply.type = safeType(accept == request.parameters.end() ? type : accept->second);
  reply.length = size;
  reply.mayCompress = false;
  reply.more = [held, next = std::move(*source)] { return next(); };
  reply.headers = {{"Content-Disposition", disposition(mayShow(reply.type), request.parameters["name"])},
                   {"Cache-Control", "private, immutable, max-age=31536000"}};
  return reply;
}

}  // namespace posthorn::mshttpd::http
