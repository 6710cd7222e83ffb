// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// What each error of a back end is called: of a method (RFC 8620 3.6.2) and of one object (5.3).
struct Row {
  Errc code;
  std::string_view method;
  std::string_view object;
  std::string_view text;  ///< when the error has none for clients
};
constexpr Row kRows[] = {
    {Errc::Invalid, "invalidArguments", "invalidProperties", "The mail server does not take this value."},
    {Errc::NotFound, "serverFail", "notFound", "It is not there."},
    {Errc::Exists, "serverFail", "invalidProperties", "The name is taken."},
    {Errc::Denied, "forbidden", "forbidden", "You may not do this."},
    {Errc::AuthFailed, "serverUnavailable", "serverUnavailable", "The mail server does not let us in."},
    {Errc::Unavailable, "serverUnavailable", "serverUnavailable",
     "The mail server does not answer. Try again."},
    {Errc::Busy, "serverUnavailable", "serverUnavailable", "The mail server is busy. Try again."},
    {Errc::Limit, "requestTooLarge", "overQuota", "That is more than the mail server takes."},
    {Errc::OverQuota, "overQuota", "overQuota", "There is no room left in the mail account."},
    {Errc::NoSpace, "serverUnavailable", "serverUnavailable",
     "The server has no room left. Try again later."},
    {Errc::TooBig, "tooLarge", "tooLarge", "It is larger than the mail server takes."},
    {Errc::Conflict, "stateMismatch", "stateMismatch", "It was changed meanwhile."},
    {Errc::Timeout, "serverUnavailable", "serverUnavailable",
     "The mail server did not answer in time. Try again."},
    {Errc::Cancelled, "serverUnavailable", "serverUnavailable", "The server is stopping. Try again."},
    {Errc::Unsupported, "serverFail", "forbidden", "This mail server cannot do it."},
};
constexpr Row kOther{Errc::Internal, "serverFail", "serverFail", "The server failed; its log says why."};

const Row& rowOf(Errc code) {
  const auto* found =
      std::find_if(std::begin(kRows), std::end(kRows), [code](const Row& row) { return row.code == code; });
  return found != std::end(kRows) ? *found : kOther;
}

std::string wordsOf(const Error& error, const Row& row) {
  return error.client.empty() ? std::string(row.text) : error.client;
}

}  // namespace

Failure failureOf(const Error& error) {
  const Row& row = rowOf(error.code);
  return {std::string(row.method), wordsOf(error, row)};
}

Json setErrorOf(const Error& error) {
  const Row& row = rowOf(error.code);
  return setError(row.object, wordsOf(error, row));
}

Json setError(std::string_view type, std::string_view description, std::vector<std::string> properties) {
  Json out = Json::object();
  out["type"] = type;
  if (!description.empty()) out["description"] = description;
  if (!properties.empty()) out["properties"] = std::move(properties);
  return out;
}

Answer::Answer(const Error& error) : Answer(failureOf(error)) {}

}  // namespace posthorn::mshttpd::jmap
