// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "mshttpd/jmap/method.h"

// A request's way: the connection gathers the head, finds the row, judges login and CSRF as the row says,
// gathers the body within the row's bound (in memory, or a spool file for uploads), and runs the row's job.
// The job sees values and gives a Reply.

namespace posthorn::mshttpd::http {

/// A whole request as a job sees it.
struct Request {
  std::string method;
  std::string path;                               ///< decoded, without the query
  std::map<std::string, std::string> parameters;  ///< of a path template and of the query, decoded
  std::map<std::string, std::string>
      headers;                         ///< names in lower case; a field that came twice is joined by ", "
  std::string body;                    ///< Body::Form and Memory
  UniqueFd upload;                     ///< Body::Spool
  std::uint64_t uploaded = 0;          ///< octets of it
  std::string origin;                  ///< "https://mail.example.com:8991", for absolute URLs
  std::optional<jmap::Caller> caller;  ///< who is logged in
  std::string session;                 ///< id of his web session; empty with Basic. Never to be logged
  std::string csrf;                    ///< what forms of that session must carry; empty with Basic and Bearer
  bool secure = false;                 ///< over TLS
};

/// Octets that a further job makes when the client has taken the last ones; empty: the end.
using Window = std::function<Result<Bytes>()>;

struct Reply {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Window more;                          ///< behind `body`; chunked unless `length` is known
  std::optional<std::uint64_t> length;  ///< of body and more
  bool mayCompress = true;              ///< http.gzip
};

/// application/problem+json (RFC 7807, RFC 8620 3.6.1).
Reply problem(int status, std::string_view type, std::string_view detail, std::string_view limit = {});

enum class Login : std::uint8_t {
  None,    ///< anybody
  Needed,  ///< cookie (with CSRF header on other methods than GET and HEAD), Basic or Bearer; else 401
  Page,    ///< of the plain pages: cookie alone, else the login page; a POST's job looks at its form's CSRF
};
enum class Body : std::uint8_t {
  None,
  Form,    ///< as Memory, and no more than a form's worth: of whom nobody knows yet, and where little is said
  Memory,  ///< up to http.maxpostsize
  Spool,
};

struct Route {
  std::string_view method;  ///< "GET" answers HEAD, too
  std::string_view path;    ///< "/jmap/download/{accountId}/{blobId}/{name}"
  Login login;
  Body body;
  Reply (*run)(const jmap::Services& services, Request& request);
};

/// All routes but static files, the login and the event stream. Pure.
std::span<const Route> routeTable();

}  // namespace posthorn::mshttpd::http
