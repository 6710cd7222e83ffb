// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/response.h"

#include <array>
#include <limits>
#include <optional>

#include "common/base/ascii.h"
#include "common/imap/parse/responses.h"
#include "common/imap/parse/scanner.h"

namespace posthorn::imap {
namespace {

std::optional<Condition> conditionOf(View word) {
  constexpr std::array<View, 5> kNames{"OK", "NO", "BAD", "PREAUTH", "BYE"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (ascii::equal(kNames[i], word)) return static_cast<Condition>(i);
  return std::nullopt;
}

Result<Response> readStatus(Scanner& in, View tag, Condition condition) {
  StatusResponse response;
  response.tag = tag;
  response.condition = condition;
  if (in.take(' ')) PH_CHECK(responses::statusText(in, response.code, response.text));
  return Response(std::move(response));
}

/// `5 EXISTS`, after the number and its blank.
Result<Response> readNumbered(Scanner& in, std::uint32_t number) {
  PH_TRY(const View name, in.atom());
  if (ascii::equal(name, "EXISTS")) return Response(NumberData{NumberData::Kind::Exists, number});
  if (ascii::equal(name, "RECENT")) return Response(NumberData{NumberData::Kind::Recent, number});
  if (number == 0) return Scanner::invalid("Message 0");
  if (ascii::equal(name, "EXPUNGE")) return Response(NumberData{NumberData::Kind::Expunge, number});
  if (!ascii::equal(name, "FETCH")) return Scanner::invalid("Unknown message data");
  PH_CHECK(in.space());
  return responses::fetch(in, number);
}

/// After `* `.
Result<Response> readUntagged(Scanner& in) {
  if (ascii::isDigit(in.peek())) {
    PH_TRY(const std::uint32_t number, in.number());
    PH_CHECK(in.space());
    return readNumbered(in, number);
  }
  return responses::untagged(in);
}

Result<Response> readContinue(Scanner& in) {
  in.take(' ');
  return Response(ContinueResponse{std::string(in.takeLine())});
}

Result<Response> readTagged(Scanner& in) {
  PH_TRY(const View tag, in.tag());
  PH_CHECK(in.space());
  PH_TRY(const View word, in.atom());
  const auto condition = conditionOf(word);
  if (!condition || *condition > Condition::Bad) return Scanner::invalid("Unknown condition");
  return readStatus(in, tag, *condition);
}

Result<Response> read(Scanner& in) {
  if (in.take('+')) return readContinue(in);
  if (!in.take('*')) return readTagged(in);
  PH_CHECK(in.space());
  // A status response is told by its first word, and that only: see untagged() for the rest.
  for (const View word : {View("OK"), View("NO"), View("BAD"), View("PREAUTH"), View("BYE")})
    if (in.takeWord(word)) return readStatus(in, "*", *conditionOf(word));
  return readUntagged(in);
}

}  // namespace

ResponseOutcome parseResponse(View bytes, const ResponseOptions& options) {
  Scanner in(bytes, {.utf8 = options.utf8,
                     .maxLine = options.maxLine,
                     .maxLiteral = options.maxLiteral,
                     .maxTotal = std::numeric_limits<std::size_t>::max(),
                     .maxLiterals = kMaxResponseLiterals,
                     .maxRanges = kMaxResponseRanges});
  auto response = read(in);
  const Status end = response.ok() ? in.end() : okStatus();
  switch (in.need()) {
    case Scanner::Need::Line:
      return ResponseIncomplete{bytes.size()};
    case Scanner::Need::Literal:
      return ResponseIncomplete{in.wanted().begin + in.wanted().octets};
    case Scanner::Need::Rest:
      return ResponseBad{"Line too long", in.position()};
    case Scanner::Need::Nothing:
      break;
  }
  if (!response.ok()) return ResponseBad{response.error().client, in.position()};
  if (!end.ok()) return ResponseBad{end.error().client, in.position()};
  return ResponseDone{std::move(response).value(), in.lineEnd()};
}

}  // namespace posthorn::imap
