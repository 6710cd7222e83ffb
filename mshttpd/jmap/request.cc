// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/request.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/auth/nobody.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/gate.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/session_resource.h"

namespace posthorn::mshttpd::jmap {
namespace {

// What one response may weigh: methods behind that are not run.
constexpr std::size_t kMostResponse = 64UL * 1024 * 1024;

Problem problem(std::string_view type, std::string detail, std::string limit = {}) {
  return {400, "urn:ietf:params:jmap:error:" + std::string(type), std::move(detail), std::move(limit)};
}

struct Invocation {
  std::string name;
  Json arguments;
  std::string callId;
};

struct Parsed {
  std::set<std::string> capabilities;
  std::vector<Invocation> calls;
  std::optional<std::map<std::string, std::string>> createdIds;
};

using Check = std::optional<Problem>;

Check readCapabilities(const Json& request, Parsed& out) {
  const Json* list = member(request, "using");
  if (list == nullptr || !list->is_array())
    return problem("notRequest", "using must be a list of capabilities");
  for (const Json& item : *list) {
    const auto* uri = item.get_ptr<const std::string*>();
    if (uri == nullptr) return problem("notRequest", "using must be a list of capabilities");
    if (!isCapability(*uri)) return problem("unknownCapability", "this server does not offer " + *uri);
    out.capabilities.insert(*uri);
  }
  return std::nullopt;
}

Check readCalls(Json& request, unsigned most, Parsed& out) {
  const auto calls = request.find("methodCalls");
  if (calls == request.end() || !calls->is_array())
    return problem("notRequest", "methodCalls must be a list of calls");
  if (calls->size() > most)
    return problem("limit", "at most " + std::to_string(most) + " calls in a request", "maxCallsInRequest");
  for (Json& call : *calls) {
    const bool fits = call.is_array() && call.size() == 3 && call[0].is_string() && call[1].is_object() &&
                      call[2].is_string();
    if (!fits) return problem("notRequest", "a call is a list of a name, an object and an id");
    out.calls.push_back({call[0].get<std::string>(), std::move(call[1]), call[2].get<std::string>()});
  }
  return std::nullopt;
}

Check readCreatedIds(const Json& request, Parsed& out) {
  const Json* ids = member(request, "createdIds");
  if (ids == nullptr) return std::nullopt;
  if (!ids->is_object()) return problem("notRequest", "createdIds must be an object of ids");
  out.createdIds.emplace();
  for (const auto& [name, id] : ids->items()) {
    const auto* text = id.get_ptr<const std::string*>();
    if (text == nullptr || !isId(*text)) return problem("notRequest", "createdIds must be an object of ids");
    out.createdIds->emplace(name, *text);
  }
  return std::nullopt;
}

Check parse(View body, const Limits& limits, Parsed& out) {
  if (body.size() > limits.maxSizeRequest)
    return problem("limit", "at most " + std::to_string(limits.maxSizeRequest) + " octets in a request",
                   "maxSizeRequest");
  Result<Json> request = parseJson(body);
  if (!request.ok() && request.error().code == Errc::Limit)
    return problem("limit", request.error().text, "maxSizeRequest");
  if (!request.ok()) return problem("notJSON", request.error().text);
  if (!request->is_object()) return problem("notRequest", "a request is an object");
  if (Check failed = readCapabilities(*request, out)) return failed;
  if (Check failed = readCreatedIds(*request, out)) return failed;
  return readCalls(*request, limits.maxCallsInRequest, out);
}

/// Whoever is nobody reads what is shared with anyone, and no more: nothing is changed, kept or sent for him,
/// and the directory is not for him to read.
std::optional<Failure> refuseNobody(const MethodSpec& method) {
  if (method.capability == kPrincipals)
    return Failure{"forbidden", "Log in with a name and a password for this."};
  constexpr std::string_view kReads[] = {"/get",  "/query", "/changes", "/queryChanges",
                                         "/echo", "/parse", "/lookup"};
  const std::string_view verb = method.name.substr(method.name.find('/'));
  if (std::find(std::begin(kReads), std::end(kReads), verb) != std::end(kReads)) return std::nullopt;
  return Failure{"accountReadOnly", "Log in with a name and a password to change something."};
}

/// Runs the calls of one request.
class Run {
 public:
  Run(const Services& services, const Caller& caller, Parsed& parsed)
      : call_(services, caller), capabilities_(parsed.capabilities) {
    call_.use(parsed.capabilities);
    if (parsed.createdIds)
      for (const auto& [name, id] : *parsed.createdIds) call_.created(name, id);
  }

  void one(Invocation& invocation) {
    if (weight_ > kMostResponse)
      return fail(invocation.callId, {"requestTooLarge", "the responses so far are too large"});
    const MethodSpec* method = findMethod(invocation.name);
    if (method == nullptr || capabilities_.count(std::string(method->capability)) == 0)
      return fail(invocation.callId, {"unknownMethod", unknown(invocation.name, method)});
    const Failure failure = resolveReferences(invocation.arguments, responses_, referrable_);
    if (!failure.type.empty()) return fail(invocation.callId, failure);
    put(invocation, *method);
    for (auto& [name, arguments] : call_.takeFollowing()) {
      const MethodSpec* next = findMethod(name);
      Invocation implicit{std::move(name), std::move(arguments), invocation.callId};
      if (next != nullptr) put(implicit, *next);
    }
  }

  [[nodiscard]] std::string print(const std::string& sessionState, bool withCreatedIds) const {
    std::string out = R"({"methodResponses":[)";
    for (std::size_t i = 0; i < texts_.size(); ++i) out.append(i == 0 ? "" : ",").append(texts_[i]);
    out += "]";
    if (withCreatedIds) {
      Json ids = Json::object();
      for (const auto& [name, id] : call_.createdIds()) ids[name] = id;
      out += R"(,"createdIds":)" + printJson(ids);
    }
    return out + R"(,"sessionState":)" + printJson(sessionState) + "}";
  }

 private:
  static std::string unknown(const std::string& name, const MethodSpec* method) {
    if (method == nullptr) return "this server has no method " + name.substr(0, 255);
    return name + " needs " + std::string(method->capability) + " in using";
  }

  void put(const Invocation& invocation, const MethodSpec& method) {
    if (call_.caller().user == auth::kNobody)
      if (const auto refused = refuseNobody(method)) return fail(invocation.callId, *refused);
    Answer answer = method.run(call_, invocation.arguments);
    if (!answer.ok()) return fail(invocation.callId, answer.failure());
    add({invocation.name, std::move(answer.arguments()), invocation.callId});
  }

  void fail(const std::string& callId, const Failure& failure) {
    Json arguments = {{"type", failure.type}};
    if (!failure.description.empty()) arguments["description"] = failure.description;
    arguments.update(failure.more);
    add({"error", std::move(arguments), callId});
  }

  void add(Response response) {
    texts_.push_back(printJson(Json::array({response.name, response.arguments, response.callId})));
    weight_ += texts_.back().size();
    responses_.push_back(std::move(response));
  }

  Call call_;
  const std::set<std::string>& capabilities_;
  std::vector<Response> responses_;
  std::vector<std::string> texts_;
  std::size_t weight_ = 0;
  std::size_t referrable_ = kMostReferredOctets;
};

}  // namespace

Outcome runRequest(const Services& services, const Caller& caller, View body) {
  const auto pass = services.requests.enter(caller.user, services.limits.maxConcurrentRequests);
  if (!pass)
    return {problem("limit",
                    "at most " + std::to_string(services.limits.maxConcurrentRequests) +
                        " requests of a user at a time",
                    "maxConcurrentRequests"),
            {}};
  Parsed parsed;
  if (Check failed = parse(body, services.limits, parsed)) return {std::move(failed), {}};
  Run run(services, caller, parsed);
  for (Invocation& invocation : parsed.calls) run.one(invocation);
  return {std::nullopt, run.print(sessionState(services, caller), parsed.createdIds.has_value())};
}

}  // namespace posthorn::mshttpd::jmap
