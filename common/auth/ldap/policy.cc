// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/policy.h"

#include <optional>

#include <ldap.h>

#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

using Trouble = PolicyAnswer::Trouble;

/// BER elements with lengths of one octet or of 0x81 and one: a policy's answer has at most a dozen octets.
class Elements {
 public:
  explicit Elements(std::string_view bytes) : rest_(bytes) {}
  struct Element {
    unsigned char tag = 0;
    std::string_view content;
  };
  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::optional<Element> next() {
    if (rest_.size() < 2) return std::nullopt;
    Element element;
    element.tag = static_cast<unsigned char>(rest_[0]);
    std::size_t length = static_cast<unsigned char>(rest_[1]);
    std::size_t head = 2;
    if (length == 0x81 && rest_.size() > 2) {
      length = static_cast<unsigned char>(rest_[2]);
      head = 3;
    } else if (length > 0x7F) {
      return std::nullopt;
    }
    if (rest_.size() - head < length) return std::nullopt;
    element.content = rest_.substr(head, length);
    rest_.remove_prefix(head + length);
    return element;
  }

 private:
  std::string_view rest_;
};

std::optional<int> smallNumber(std::string_view content) {
  if (content.empty() || content.size() > 4 || (static_cast<unsigned char>(content[0]) & 0x80U) != 0)
    return std::nullopt;
  unsigned value = 0;
  for (const char c : content) value = (value << 8U) | static_cast<unsigned char>(c);
  return static_cast<int>(value);
}

bool readWarning(std::string_view content, PolicyAnswer& out) {
  Elements choice(content);
  const auto element = choice.next();
  if (!element || !choice.done()) return false;
  const auto number = smallNumber(element->content);
  if (!number) return false;
  if (element->tag == 0x80) out.secondsLeft = number;
  if (element->tag == 0x81) out.graceLogins = number;
  return element->tag == 0x80 || element->tag == 0x81;
}

Trouble troubleOf(int error) {
  switch (error) {
    case 0:
      return Trouble::Expired;
    case 1:
      return Trouble::Locked;
    case 2:
      return Trouble::MustChange;
    default:
      return Trouble::Other;  // about changing a password, which we do not do
  }
}

PasswordCheck judgeSuccess(const BindAnswer& answer) {
  switch (answer.policy.trouble) {
    case Trouble::MustChange:
      return PasswordCheck::MustChange;
    case Trouble::Expired:
      return PasswordCheck::Expired;
    case Trouble::Locked:
      return PasswordCheck::Locked;
    case Trouble::None:
    case Trouble::Other:
      break;
  }
  return PasswordCheck::Match;
}

PasswordCheck judgeRefusal(const BindAnswer& answer) {
  switch (answer.policy.trouble) {
    case Trouble::Locked:
      return PasswordCheck::Locked;
    case Trouble::Expired:
      return PasswordCheck::Expired;
    case Trouble::MustChange:
      return PasswordCheck::MustChange;
    case Trouble::None:
    case Trouble::Other:
      break;
  }
  return PasswordCheck::Mismatch;
}

Error unexpected(Errc code, const BindAnswer& answer) {
  return makeError(code, answer.server + " answers a bind with " + std::to_string(answer.code) + " " +
                             ldap_err2string(answer.code) +
                             (answer.text.empty() ? "" : " (" + ascii::printable(answer.text, 100) + ")"));
}

}  // namespace

Result<PolicyAnswer> parsePolicy(std::string_view control) {
  const Error malformed = makeError(Errc::Invalid, "a password policy answer is malformed");
  PolicyAnswer out;
  if (control.empty()) return out;
  Elements outer(control);
  const auto sequence = outer.next();
  if (!sequence || sequence->tag != 0x30 || !outer.done()) return malformed;
  Elements parts(sequence->content);
  while (!parts.done()) {
    const auto part = parts.next();
    if (!part) return malformed;
    if (part->tag == 0xA0) {
      if (!readWarning(part->content, out)) return malformed;
    } else if (part->tag == 0x81) {
      const auto error = smallNumber(part->content);
      if (!error) return malformed;
      out.trouble = troubleOf(*error);
    } else {
      return malformed;
    }
  }
  return out;
}

Result<PasswordCheck> judgeBind(const BindAnswer& answer) {
  switch (answer.code) {
    case LDAP_SUCCESS:
      return judgeSuccess(answer);
    case LDAP_INVALID_CREDENTIALS:
      return judgeRefusal(answer);
    case LDAP_NO_SUCH_OBJECT:  // gone since the search
      return PasswordCheck::Mismatch;
    case LDAP_INAPPROPRIATE_AUTH:
      return PasswordCheck::NoPassword;
    // Servers of the Netscape family: too many wrong passwords, and an account made inactive.
    case LDAP_CONSTRAINT_VIOLATION:
    case LDAP_UNWILLING_TO_PERFORM:
      return PasswordCheck::Locked;
    case LDAP_INVALID_DN_SYNTAX:
      return unexpected(Errc::Corrupt, answer);
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_AUTH_METHOD_NOT_SUPPORTED:
      return unexpected(Errc::Unsupported, answer);
    default:
      return unexpected(Errc::Unavailable, answer);
  }
}

}  // namespace posthorn::auth::ldap
