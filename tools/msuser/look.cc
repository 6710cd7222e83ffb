// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <nlohmann/json.hpp>

#include "common/auth/file/file_directory.h"
#include "common/auth/file/user_table.h"
#include "common/auth/password.h"
#include "common/base/ascii.h"
#include "tools/msuser/commands.h"

namespace posthorn::msuser {
namespace {

using Json = nlohmann::ordered_json;

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

std::string passwordShown(const auth::UserLine& user) {
  return user.hash.empty() ? "none" : std::string(auth::schemeOf(user.hash));
}

// The hash itself is never shown.
Json toJson(const auth::UserLine& user) {
  Json out;
  out["id"] = user.account.id;
  out["password"] = passwordShown(user);
  for (const auth::Attribute& attribute : auth::userAttributes())
    if (const std::string value = attribute.get(user.account); !value.empty())
      out[std::string(attribute.key)] = value;
  return out;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void warnOfDamage(const auth::UserTable& table, const std::string& file) {
  for (const auto& damage : table.damages())
    std::fprintf(stderr, "msuser: %s:%zu: %s\n", file.c_str(), damage.line, damage.text.c_str());
}

void printDomain(const auth::DomainLine& domain, Output output) {
  const std::string services = domain.services.value_or("");
  if (output == Output::Json) {
    Json out{{"domain", domain.domain},
             {"inetDomainStatus", auth::toString(domain.inetStatus)},
             {"mailDomainStatus", auth::toString(domain.mailStatus)}};
    if (domain.services) out["mailAllowedServiceAccess"] = services;
    print(dump(out));
    return;
  }
  std::printf("domain: %s\ninetDomainStatus: %s\nmailDomainStatus: %s\n", domain.domain.c_str(),
              std::string(auth::toString(domain.inetStatus)).c_str(),
              std::string(auth::toString(domain.mailStatus)).c_str());
  if (domain.services) std::printf("mailAllowedServiceAccess: %s\n", services.c_str());
}

}  // namespace

Status list(const Context& context, Output output) {
  PH_TRY(auto file, auth::readUserFile(context.settings.userFile));
  const auth::UserTable table(std::move(file.text));
  for (const std::string_view name : table.names()) {
    if (output == Output::Text) {
      print(ascii::isControl(name.empty() ? ' ' : name.front()) ? ascii::printable(name) : name);
      continue;
    }
    const auto user = table.user(name);
    print(user ? dump(toJson(*user)) : dump(Json{{"id", name}, {"error", user.error().text}}));
  }
  warnOfDamage(table, context.settings.userFile);
  return okStatus();
}

Status show(const Context& context, const std::string& user, Output output) {
  PH_TRY(const std::string id, idOf(context, user));
  PH_TRY(auto file, auth::readUserFile(context.settings.userFile));
  const auth::UserTable table(std::move(file.text));
  if (id.front() == '@') {
    PH_TRY(const auth::DomainLine domain, table.domain(std::string_view(id).substr(1)));
    printDomain(domain, output);
    return okStatus();
  }
  auto found = table.user(id);
  if (!found) {
    found.error().text = id + ": " + found.error().text;
    return std::move(found).error();
  }
  if (output == Output::Json) {
    print(dump(toJson(*found)));
    return okStatus();
  }
  print("id: " + found->account.id);
  print("password: " + passwordShown(*found));
  for (const auth::Attribute& attribute : auth::userAttributes())
    if (const std::string value = attribute.get(found->account); !value.empty())
      print(std::string(attribute.key) + ": " + value);
  return okStatus();
}

}  // namespace posthorn::msuser
