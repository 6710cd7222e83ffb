// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/connection.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <lber.h>
#include <ldap.h>
#include <openldap.h>

#include "common/auth/ldap/policy.h"
#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

// Of one answer: our entries have a few kilobytes, a server that sends more is none of ours.
constexpr ber_len_t kMostAnswer = 1U << 20U;
constexpr std::size_t kMostValues = 2000;

timeval toTimeval(Steady::duration left) {
  const auto us =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::microseconds>(left).count(), 1000);
  return {us / 1'000'000, us % 1'000'000};
}

// libldap's own state, and that of its TLS library, is made by whoever comes first, without a lock.
void initializeOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    ::LDAP* handle = nullptr;
    if (ldap_initialize(&handle, nullptr) != LDAP_SUCCESS) return;
    int isServer = 0;
    ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &isServer);
    ldap_unbind_ext(handle, nullptr, nullptr);
  });
}

std::string urlOf(const LdapHost& host) {
  return "ldap://" + host.describe();
}

Sockbuf* socketOf(::LDAP* handle) {
  Sockbuf* socket = nullptr;
  ldap_get_option(handle, LDAP_OPT_SOCKBUF, &socket);
  return socket;
}

struct FreeMemory {
  void operator()(void* memory) const { ldap_memfree(memory); }
};
using Text = std::unique_ptr<char, FreeMemory>;

// The attribute's name without options such as ";lang-de"; those with options are other attributes to us.
std::string attributeName(const char* name) {
  return ascii::toLower(name);
}

Status readValues(::LDAP* handle, LDAPMessage* message, const char* name, std::vector<std::string>& out) {
  berval** values = ldap_get_values_len(handle, message, name);
  if (values == nullptr) return okStatus();
  const auto count = static_cast<std::size_t>(ldap_count_values_len(values));
  for (std::size_t i = 0; i < std::min(count, kMostValues); ++i)
    out.emplace_back(values[i]->bv_val, values[i]->bv_len);
  ldap_value_free_len(values);
  if (count > kMostValues) return makeError(Errc::Corrupt, std::string("too many values of ") + name);
  return okStatus();
}

Result<Entry> readEntry(::LDAP* handle, LDAPMessage* message) {
  Entry entry;
  const Text dn(ldap_get_dn(handle, message));
  if (!dn || *dn == '\0') return makeError(Errc::Corrupt, "an entry without a name");
  entry.dn = dn.get();
  BerElement* position = nullptr;
  Status good;
  for (Text name(ldap_first_attribute(handle, message, &position)); name;
       name.reset(ldap_next_attribute(handle, message, position))) {
    good = readValues(handle, message, name.get(), entry.attributes[attributeName(name.get())]);
    if (!good.ok()) break;
  }
  ber_free(position, 0);
  if (!good.ok()) return makeError(Errc::Corrupt, entry.dn + ": " + good.error().text);
  return entry;
}

// Others than these are answers; after these another server may know better.
bool anotherMayKnow(int code) {
  switch (code) {
    case LDAP_BUSY:
    case LDAP_UNAVAILABLE:
    case LDAP_OPERATIONS_ERROR:
    case LDAP_PROTOCOL_ERROR:
    case LDAP_TIMELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED:
    case LDAP_OTHER:
      return true;
    default:
      return false;
  }
}

PolicyAnswer readControls(LDAPControl** controls, int code) {
  PolicyAnswer out;
  bool expired = false;
  for (std::size_t i = 0; controls != nullptr && controls[i] != nullptr; ++i) {
    const std::string_view oid = controls[i]->ldctl_oid;
    const berval& value = controls[i]->ldctl_value;
    if (oid == LDAP_CONTROL_PASSWORDPOLICYRESPONSE && value.bv_val != nullptr) {
      // A malformed one says nothing; the result code still decides.
      if (auto answer = parsePolicy({value.bv_val, value.bv_len})) out = *answer;
    }
    expired = expired || oid == LDAP_CONTROL_X_PASSWORD_EXPIRED;
  }
  if (expired && out.trouble == PolicyAnswer::Trouble::None)
    out.trouble = code == LDAP_SUCCESS ? PolicyAnswer::Trouble::MustChange : PolicyAnswer::Trouble::Expired;
  return out;
}

/// The parts of a result that we read.
struct Outcome {
  int code = LDAP_OTHER;
  std::string text;
  PolicyAnswer policy;
};

Result<Outcome> readOutcome(::LDAP* handle, LDAPMessage* message) {
  Outcome out;
  char* rawText = nullptr;
  LDAPControl** controls = nullptr;
  const int parsed = ldap_parse_result(handle, message, &out.code, nullptr, &rawText, nullptr, &controls, 0);
  const Text text(rawText);
  if (parsed == LDAP_SUCCESS) {
    if (text) out.text = ascii::printable(text.get(), 200);
    out.policy = readControls(controls, out.code);
  }
  ldap_controls_free(controls);
  if (parsed != LDAP_SUCCESS)
    return makeError(Errc::Unavailable, std::string("an answer is malformed: ") + ldap_err2string(parsed));
  return out;
}

}  // namespace

void Connection::FreeMessage::operator()(ldapmsg* message) const {
  ldap_msgfree(message);
}

Connection::Connection(::ldap* handle, std::unique_ptr<Wire> wire, const LdapHost& host, const Clock& clock)
    : handle_(handle), wire_(std::move(wire)), server_(host.describe()), clock_(clock) {}

Connection::~Connection() {
  wire_->arm(clock_.steady());
  ldap_unbind_ext(handle_, nullptr, nullptr);
}

Result<std::unique_ptr<Connection>> Connection::adopt(UniqueFd socket, const LdapHost& host,
                                                      const Clock& clock) {
  initializeOnce();
  ::LDAP* handle = nullptr;
  auto wire = std::make_unique<Wire>(std::move(socket), clock);
  const int code = ldap_init_fd(wire->fd(), LDAP_PROTO_EXT, urlOf(host).c_str(), &handle);
  if (code != LDAP_SUCCESS || handle == nullptr)
    return makeError(Errc::Unavailable, std::string("libldap: ") + ldap_err2string(code));
  // First of all: libldap writes to it even when it closes.
  if (ber_sockbuf_add_io(socketOf(handle), Wire::functions(), LBER_SBIOD_LEVEL_PROVIDER, wire.get()) != 0)
    return makeError(Errc::Unavailable, "libldap takes no connection");
  std::unique_ptr<Connection> connection(new Connection(handle, std::move(wire), host, clock));
  PH_CHECK(connection->setUp());
  return connection;
}

Status Connection::setUp() {
  const int version = LDAP_VERSION3;
  const int never = LDAP_DEREF_NEVER;
  const timeval unlimited{-1, 0};  // the wire limits it
  ber_len_t most = kMostAnswer;
  const bool good = ldap_set_option(handle_, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
                    ldap_set_option(handle_, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
                    ldap_set_option(handle_, LDAP_OPT_RESTART, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
                    ldap_set_option(handle_, LDAP_OPT_DEREF, &never) == LDAP_OPT_SUCCESS &&
                    ldap_set_option(handle_, LDAP_OPT_NETWORK_TIMEOUT, &unlimited) == LDAP_OPT_SUCCESS &&
                    ber_sockbuf_ctrl(socketOf(handle_), LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1;
  if (!good) return makeError(Errc::Unavailable, "libldap does not take an option");
  return okStatus();
}

std::string Connection::diagnostic() const {
  char* raw = nullptr;
  ldap_get_option(handle_, LDAP_OPT_DIAGNOSTIC_MESSAGE, &raw);
  const Text text(raw);
  return text && *text != '\0' ? ": " + ascii::printable(text.get(), 200) : "";
}

Error Connection::failure(int code, const std::string& what) const {
  const Errc kind = code == LDAP_TIMEOUT ? Errc::Timeout : Errc::Unavailable;
  return makeError(kind, what + ": " + ldap_err2string(code) + diagnostic());
}

Result<Connection::Message> Connection::await(int id, Steady deadline) {
  const auto left = deadline - clock_.steady();
  LDAPMessage* raw = nullptr;
  timeval wait = toTimeval(std::max(left, left.zero()));
  const int got = ldap_result(handle_, id, LDAP_MSG_ALL, &wait, &raw);
  Message message(raw);
  if (got > 0 && message) return message;
  if (got == 0 || wire_->cutOff()) return makeError(Errc::Timeout, "no answer in time");
  int code = LDAP_SERVER_DOWN;
  ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &code);
  return failure(code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code, "no answer");
}

Status Connection::prepareTls(const TlsRules& rules) {
  const int demand = rules.check ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER;
  const int least =
      rules.minVersion == "1.3" ? LDAP_OPT_X_TLS_PROTOCOL_TLS1_3 : LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  // Alternative names that do not fit are not made good by the subject's (RFC 6125 6.4.4).
  const int names = rules.check ? LDAP_OPT_X_TLS_TRY : LDAP_OPT_X_TLS_NEVER;
  const int isServer = 0;
  const auto set = [this](int option, const void* value) {
    return ldap_set_option(handle_, option, value) == LDAP_OPT_SUCCESS;
  };
  // All of it is said, because libldap would take the rest from ldap.conf and the environment.
  if (!set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) || !set(LDAP_OPT_X_TLS_REQUIRE_SAN, &names) ||
      !set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &least) || !set(LDAP_OPT_X_TLS_CACERTDIR, nullptr) ||
      !set(LDAP_OPT_X_TLS_CERTFILE, nullptr) || !set(LDAP_OPT_X_TLS_KEYFILE, nullptr) ||
      !set(LDAP_OPT_X_TLS_CACERTFILE, rules.check ? rules.caFile.c_str() : nullptr))
    return makeError(Errc::Unavailable, "libldap does not take a TLS option");
  if (!set(LDAP_OPT_X_TLS_NEWCTX, &isServer))
    return makeError(Errc::Unavailable,
                     rules.check ? "TLS cannot begin: is " + rules.caFile + " (base.ugldapcafile) good PEM?"
                                 : "TLS cannot begin");
  return okStatus();
}

Status Connection::startTls(Steady deadline) {
  wire_->arm(deadline);
  int id = 0;
  const int sent = ldap_start_tls(handle_, nullptr, nullptr, &id);
  if (sent != LDAP_SUCCESS) return failure(sent, "cannot ask for StartTLS");
  PH_TRY(const auto message, await(id, deadline));
  PH_TRY(const auto outcome, readOutcome(handle_, message.get()));
  if (outcome.code != LDAP_SUCCESS)
    return makeError(Errc::Unavailable, std::string("the server declines StartTLS: ") +
                                            ldap_err2string(outcome.code) + " " + outcome.text);
  return okStatus();
}

Status Connection::handshake(Steady deadline) {
  wire_->arm(deadline);
  const int code = ldap_install_tls(handle_);
  if (code == LDAP_SUCCESS) return okStatus();
  if (wire_->cutOff()) return makeError(Errc::Timeout, "TLS does not come about in time");
  return failure(code, "TLS fails");
}

std::string Connection::peerCertificate() const {
  berval certificate{};
  if (ldap_get_option(handle_, LDAP_OPT_X_TLS_PEERCERT, &certificate) != LDAP_OPT_SUCCESS) return {};
  const Text owned(certificate.bv_val);
  return owned ? std::string(owned.get(), certificate.bv_len) : std::string();
}

Status Connection::readEntries(ldapmsg* result, SearchAnswer& out) const {
  for (LDAPMessage* at = ldap_first_entry(handle_, result); at != nullptr;
       at = ldap_next_entry(handle_, at)) {
    PH_TRY(auto entry, readEntry(handle_, at));
    out.entries.push_back(std::move(entry));
  }
  return okStatus();
}

Result<SearchAnswer> Connection::search(const Search& what, Steady deadline) {
  wire_->arm(deadline);
  std::vector<char*> names;
  for (const std::string& name : what.attributes) names.push_back(const_cast<char*>(name.c_str()));
  names.push_back(nullptr);
  int id = 0;
  timeval wait = toTimeval(deadline - clock_.steady());
  const int sent = ldap_search_ext(
      handle_, what.base.c_str(), what.scope == Scope::Base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE,
      what.filter.c_str(), names.data(), 0, nullptr, nullptr, &wait, what.most, &id);
  if (sent == LDAP_FILTER_ERROR) return makeError(Errc::Invalid, "not a search filter: " + what.filter);
  if (sent != LDAP_SUCCESS) return failure(sent, "cannot ask");
  PH_TRY(const auto message, await(id, deadline));
  PH_TRY(const auto outcome, readOutcome(handle_, message.get()));
  SearchAnswer answer;
  answer.server = server_;
  if (outcome.code == LDAP_NO_SUCH_OBJECT) {
    answer.baseMissing = true;
    return answer;
  }
  answer.more = outcome.code == LDAP_SIZELIMIT_EXCEEDED;
  if (outcome.code != LDAP_SUCCESS && !answer.more)
    return makeError(anotherMayKnow(outcome.code) ? Errc::Unavailable : Errc::Internal,
                     server_ + " refuses a search under " + what.base + ": " + ldap_err2string(outcome.code) +
                         " " + outcome.text);
  PH_CHECK(readEntries(message.get(), answer));
  return answer;
}

Result<BindAnswer> Connection::bind(const std::string& dn, const Secret& password, Steady deadline) {
  // RFC 4513 5.1.1 and 5.1.2: a server says yes to both, and nobody has shown anything.
  if (dn.empty() || password.empty()) return makeError(Errc::Invalid, "a bind without a name or a password");
  wire_->arm(deadline);
  std::array<char, sizeof LDAP_CONTROL_PASSWORDPOLICYREQUEST> oid{LDAP_CONTROL_PASSWORDPOLICYREQUEST};
  LDAPControl policy{oid.data(), {0, nullptr}, 0};
  std::array<LDAPControl*, 2> controls{&policy, nullptr};
  berval secret{password.size(), const_cast<char*>(password.view().data())};
  int id = 0;
  const int sent =
      ldap_sasl_bind(handle_, dn.c_str(), LDAP_SASL_SIMPLE, &secret, controls.data(), nullptr, &id);
  if (sent == LDAP_INVALID_DN_SYNTAX) return makeError(Errc::Corrupt, "not a distinguished name: " + dn);
  if (sent != LDAP_SUCCESS) return failure(sent, "cannot bind");
  PH_TRY(const auto message, await(id, deadline));
  PH_TRY(auto outcome, readOutcome(handle_, message.get()));
  if (anotherMayKnow(outcome.code))
    return makeError(Errc::Unavailable, std::string("a bind is answered with: ") +
                                            ldap_err2string(outcome.code) + " " + outcome.text);
  BindAnswer answer;
  answer.code = outcome.code;
  answer.text = std::move(outcome.text);
  answer.policy = outcome.policy;
  answer.server = server_;
  return answer;
}

bool Connection::stale() {
  // Nobody has asked, so anything to read is an end or a notice of disconnection (RFC 4511 4.4.1).
  return wire_->readable();
}

}  // namespace posthorn::auth::ldap
