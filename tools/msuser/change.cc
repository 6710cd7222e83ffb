// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "common/auth/file/user_file_edit.h"
#include "common/auth/file/user_line.h"
#include "common/auth/password.h"
#include "common/auth/service_access.h"
#include "common/base/ascii.h"
#include "tools/msuser/commands.h"

namespace posthorn::msuser {
namespace {

using auth::UserFileEdit;

struct Assignment {
  std::string name;
  std::string value;
};

// For people: `services=pop,imap`, `services=all`, `services=none`, or the attribute's own grammar.
Result<std::string> servicesValue(const std::string& text) {
  if (text.empty() || ascii::equal(text, "all")) return std::string();
  if (text.find(':') != std::string::npos) return text;
  if (ascii::equal(text, "none")) return auth::accessForServices({});
  return auth::accessForServices(ascii::words(text, ", "));
}

Result<std::vector<Assignment>> parseAssignments(const std::vector<std::string>& texts) {
  std::vector<Assignment> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return makeError(Errc::Invalid, "not attribute=value: " + ascii::printable(text));
    Assignment one{text.substr(0, equals), text.substr(equals + 1)};
    if (ascii::equal(one.name, "services")) {
      PH_TRY(one.value, servicesValue(one.value));
    }
    out.push_back(std::move(one));
  }
  return out;
}

Status apply(auth::Account& account, const std::vector<Assignment>& assignments) {
  for (const Assignment& one : assignments) {
    const auth::Attribute* attribute = auth::findAttribute(one.name);
    if (attribute == nullptr) {
      std::string known;
      for (const auth::Attribute& a : auth::userAttributes()) known.append(" ").append(a.word);
      return makeError(Errc::Invalid,
                       "no such attribute: " + ascii::printable(one.name) + " (there are:" + known + ")");
    }
    PH_CHECK(attribute->set(account, one.value));
  }
  return okStatus();
}

// Two entries for one login would shut both out.
Status refuseTwin(const Context& context, const UserFileEdit& edit, const std::string& id) {
  const std::string& domain = context.settings.defaultDomain;
  if (domain.empty() || id.find('@') != std::string::npos || !edit.has(id + "@" + domain)) return okStatus();
  return makeError(Errc::Exists, id + " is there as " + id + "@" + domain);
}

Result<auth::UserLine> userOf(const UserFileEdit& edit, const std::string& id) {
  PH_TRY(const std::string line, edit.line(id));
  return auth::parseUserLine(line);
}

Result<std::string> hashOf(const Context& context, const auth::Secret& password) {
  return auth::hashPassword(password, context.settings.passwordScheme, context.settings.passwordCost);
}

Status setDomain(const Context& context, const std::string& id, const std::vector<Assignment>& assignments) {
  PH_TRY(auto edit,
         UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsMade, context.newOwner));
  auth::DomainLine domain;
  domain.domain = id.substr(1);
  const bool there = edit.has(id);
  if (there) {
    PH_TRY(const std::string line, edit.line(id));
    PH_TRY(domain, auth::parseDomainLine(line));
  }
  for (const Assignment& one : assignments) PH_CHECK(auth::setDomainAttribute(domain, one.name, one.value));
  const std::string line = auth::formatDomainLine(domain);
  PH_CHECK(there ? edit.replace(line) : edit.add(line));
  return edit.commit();
}

}  // namespace

Status add(const Context& context, const std::string& user, const std::vector<std::string>& attributes,
           PasswordFrom from) {
  PH_TRY(const std::string id, idOf(context, user));
  if (id.front() == '@') return makeError(Errc::Invalid, "a domain is made by: msuser set " + id + " ...");
  PH_TRY(const auto assignments, parseAssignments(attributes));
  auth::UserLine line;
  line.account.id = id;
  PH_CHECK(apply(line.account, assignments));
  {
    // Before the password is asked for; again below, where the lock is held for good.
    PH_TRY(const auto look,
           UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsMade, context.newOwner));
    if (look.has(id)) return makeError(Errc::Exists, "there is already a " + id);
    PH_CHECK(refuseTwin(context, look, id));
  }
  PH_TRY(const auth::Secret password, readPassword(from));
  PH_TRY(line.hash, hashOf(context, password));
  PH_TRY(auto edit,
         UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsMade, context.newOwner));
  PH_CHECK(refuseTwin(context, edit, id));
  PH_CHECK(edit.add(auth::formatUserLine(line)));
  return edit.commit();
}

Status passwd(const Context& context, const std::string& user, PasswordFrom from) {
  PH_TRY(const std::string id, idOf(context, user));
  {
    PH_TRY(const auto look, UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsError));
    PH_CHECK(userOf(look, id));
  }
  PH_TRY(const auth::Secret password, readPassword(from));
  PH_TRY(std::string hash, hashOf(context, password));
  PH_TRY(auto edit, UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsError));
  PH_TRY(auth::UserLine line, userOf(edit, id));
  line.hash = std::move(hash);
  PH_CHECK(edit.replace(auth::formatUserLine(line)));
  return edit.commit();
}

Status set(const Context& context, const std::string& user, const std::vector<std::string>& attributes) {
  PH_TRY(const std::string id, idOf(context, user));
  PH_TRY(const auto assignments, parseAssignments(attributes));
  if (id.front() == '@') return setDomain(context, id, assignments);
  PH_TRY(auto edit, UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsError));
  PH_TRY(auth::UserLine line, userOf(edit, id));
  PH_CHECK(apply(line.account, assignments));
  PH_CHECK(edit.replace(auth::formatUserLine(line)));
  return edit.commit();
}

Status remove(const Context& context, const std::vector<std::string>& users) {
  PH_TRY(auto edit, UserFileEdit::open(context.settings.userFile, UserFileEdit::Missing::IsError));
  for (const std::string& user : users) {
    // A damaged name must be removable too: as it stands in the file.
    const auto id = idOf(context, user);
    PH_CHECK(edit.remove(edit.has(user) || !id ? user : *id));
  }
  return edit.commit();
}

}  // namespace posthorn::msuser
