// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "mshttpd/backend/mail_host.h"

// A JMAP request is one job: parsed JSON in, JSON out, method after method (RFC 8620 3). A method is
//
//   Answer mailboxGet(Call& call, const Json& args);
//
// and a row of method_table.cc. It sees no connection, no session and no loop.

namespace posthorn::mshttpd {
class Uploads;     // spooled blobs: mshttpd/http/uploads.h
class Submission;  // SMTP: mshttpd/backend/submission.h
}  // namespace posthorn::mshttpd

namespace posthorn::mshttpd::jmap {

class Gate;        // mshttpd/jmap/gate.h
class Principals;  // people of the directory: mshttpd/jmap/principals.h

/// Keys stay in the order in which they were put.
using Json = nlohmann::ordered_json;

/// What each capability allows (RFC 8620 2); from the options, by value.
struct Limits {
  std::uint64_t maxSizeUpload = 0;
  unsigned maxConcurrentUpload = 4;
  std::uint64_t maxSizeRequest = 0;
  unsigned maxConcurrentRequests = 8;
  unsigned maxCallsInRequest = 32;
  unsigned maxObjectsInGet = 1000;
  unsigned maxObjectsInSet = 1000;
  std::uint64_t maxSizeAttachmentsPerEmail = 0;  ///< octets before base64
  std::uint64_t maxMessageSize = 0;              ///< http.maxmessagesize, after base64
  unsigned maxMailboxDepth = 32;
};

/// A method-level error (RFC 8620 3.6.2): {"type": "...", "description": "..."} and what belongs to it.
struct Failure {
  std::string type;
  std::string description = {};
  Json more = Json::object();  ///< further members
};

/// What a method gives back: arguments of its response, or a failure.
class Answer {
 public:
  Answer(Json arguments) : arguments_(std::move(arguments)) {}           // NOLINT(*-explicit-*)
  Answer(Failure failure) : failure_(std::move(failure)), ok_(false) {}  // NOLINT(*-explicit-*)
  Answer(const Error& error);                                            // NOLINT(*-explicit-*)

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] const Json& arguments() const { return arguments_; }
  [[nodiscard]] Json& arguments() { return arguments_; }
  [[nodiscard]] const Failure& failure() const { return failure_; }

 private:
  Json arguments_;
  Failure failure_;
  bool ok_ = true;
};

/// The failure of a back end's error: serverUnavailable, forbidden, overQuota, ... (errors.cc: the one
/// table).
Failure failureOf(const Error& error);
/// The same as a SetError of one object (RFC 8620 5.3).
Json setErrorOf(const Error& error);
Json setError(std::string_view type, std::string_view description = {},
              std::vector<std::string> properties = {});

/// Who asks.
struct Caller {
  std::string user;                    ///< canonical id
  std::string name;                    ///< full name from the directory, for identities; may be empty
  std::string email;                   ///< primary address
  std::vector<std::string> addresses;  ///< all he may send from
  std::string client;                  ///< address of the client
};

/// What methods stand on; made by the Server, outlives every job; all of it may be used on any thread.
struct Services {
  backend::MailHosts& hosts;
  Uploads& uploads;
  Submission& submission;
  Principals& principals;
  Gate& requests;  ///< of one user at a time
  const Clock& clock;
  Limits limits;
};

/// One request on its way: the caller, the accounts it has opened, the ids it has created.
class Call {
 public:
  Call(const Services& services, const Caller& caller) : services_(services), caller_(caller) {}

  [[nodiscard]] const Caller& caller() const { return caller_; }
  [[nodiscard]] const Services& services() const { return services_; }
  [[nodiscard]] const Limits& limits() const { return services_.limits; }
  [[nodiscard]] Wall now() const { return services_.clock.wall(); }

  /// What the request's `using` names: properties of other specifications are not told (RFC 8620 3.3).
  void use(std::set<std::string> capabilities) { capabilities_ = std::move(capabilities); }
  [[nodiscard]] bool uses(std::string_view capability) const {
    return capabilities_.count(std::string(capability)) > 0;
  }

  /// The account of `args["accountId"]`; opened once a request. accountNotFound when it is missing or not the
  /// caller's and not shared with him; an account id is the owner's canonical id as accountId() spells it.
  struct Account {
    std::string id;
    std::string owner;
    bool own = true;
    std::shared_ptr<backend::MailHost> host;
  };
  /// Null and `failure` set when there is none.
  const Account* account(const Json& args, Failure& failure);
  /// The same of another argument ("fromAccountId").
  const Account* account(const Json& args, const char* name, Failure& failure);

  /// "#creationId" or a plain id → the id; empty when it is none, or one that is not known (yet).
  [[nodiscard]] std::string resolve(const std::string& id) const;
  void created(const std::string& creationId, const std::string& id);
  [[nodiscard]] const std::map<std::string, std::string>& createdIds() const { return createdIds_; }

  /// A method called by another one (onSuccessUpdateEmail: RFC 8621 7.5): its response follows with the same
  /// call id.
  void follow(std::string method, Json arguments);
  std::vector<std::pair<std::string, Json>> takeFollowing() { return std::exchange(following_, {}); }

 private:
  const Account* open(const std::string& id, Failure& failure);
  [[nodiscard]] Result<bool> sharedBy(const std::string& owner) const;

  const Services& services_;
  const Caller& caller_;
  std::set<std::string> capabilities_;
  std::map<std::string, Account> accounts_;
  std::map<std::string, std::string> createdIds_;
  std::vector<std::pair<std::string, Json>> following_;
};

/// A user's account as an id, and back; nothing for an id that no user has.
std::string accountId(std::string_view canonicalUser);
std::optional<std::string> userOf(std::string_view id);

using Method = Answer (*)(Call& call, const Json& args);

struct MethodSpec {
  std::string_view name;        ///< "Mailbox/get"
  std::string_view capability;  ///< must be in `using`
  Method run;
};

/// All methods, sorted by name. Pure.
std::span<const MethodSpec> methodTable();
/// Null: unknownMethod.
const MethodSpec* findMethod(std::string_view name);

}  // namespace posthorn::mshttpd::jmap
