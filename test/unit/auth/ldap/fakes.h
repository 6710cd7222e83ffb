// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/auth/ldap/session.h"

namespace posthorn::auth::ldap::test {

/// An entry from its DN and attributes; names are written as in the directory.
inline Entry entryOf(std::string dn, const std::vector<std::pair<std::string, std::string>>& attributes) {
  Entry entry;
  entry.dn = std::move(dn);
  for (const auto& [name, value] : attributes) {
    std::string lower;
    for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    entry.attributes[lower].push_back(value);
  }
  return entry;
}

/// What servers in memory hold and what happened to them. Searches are answered by their exact base and
/// filter.
struct World {
  struct Server {
    bool down = false;   // refuses connections, and those that are open break
    bool hangs = false;  // takes connections and answers nothing
    bool cut = false;    // closes connections that are open, once
    int connects = 0;
    int searches = 0;
    int binds = 0;
    int open = 0;
  };
  std::map<std::string, Server> servers;              // by host name
  std::map<std::string, std::vector<Entry>> answers;  // by "base|filter"
  std::set<std::string> missing;                      // bases that do not exist
  std::map<std::string, std::string> passwords;       // by DN
  std::vector<std::string> asked;                     // "base|filter"
  std::vector<std::string> bound;                     // DNs
  int code = -1;                                      // what binds are answered with; -1: by the password
  PolicyAnswer policy;

  void put(const std::string& base, const std::string& filter, Entry entry) {
    answers[base + "|" + filter].push_back(std::move(entry));
  }
};

class FakeSession final : public Session {
 public:
  FakeSession(World& world, std::string host) : world_(world), host_(std::move(host)) { ++server().open; }
  ~FakeSession() override { --server().open; }

  Result<SearchAnswer> search(const Search& what, Steady) override {
    if (auto bad = trouble(); !bad.ok()) return bad.error();
    ++server().searches;
    const std::string key = what.base + "|" + what.filter;
    world_.asked.push_back(key);
    SearchAnswer answer;
    answer.server = host_;
    answer.baseMissing = world_.missing.count(what.base) != 0;
    for (const Entry& entry : world_.answers[key]) {
      if (answer.entries.size() == static_cast<std::size_t>(what.most)) {
        answer.more = true;
        break;
      }
      answer.entries.push_back(entry);
    }
    return answer;
  }

  Result<BindAnswer> bind(const std::string& dn, const Secret& password, Steady) override {
    if (auto bad = trouble(); !bad.ok()) return bad.error();
    ++server().binds;
    world_.bound.push_back(dn);
    BindAnswer answer;
    answer.server = host_;
    const auto found = world_.passwords.find(dn);
    const bool right = found != world_.passwords.end() && found->second == password.view();
    answer.code = world_.code >= 0 ? world_.code : right ? 0 : 49;
    answer.policy = world_.policy;
    return answer;
  }

  bool stale() override { return gone_; }
  void goStale() { gone_ = true; }

 private:
  World::Server& server() { return world_.servers[host_]; }
  Status trouble() {
    if (server().hangs) return makeError(Errc::Timeout, "no answer in time");
    if (server().down || server().cut) {
      server().cut = false;
      return makeError(Errc::Unavailable, "connection lost");
    }
    return okStatus();
  }

  World& world_;
  const std::string host_;
  bool gone_ = false;
};

class FakeConnector final : public Connector {
 public:
  explicit FakeConnector(World& world) : world_(world) {}
  Result<std::unique_ptr<Session>> connect(const LdapHost& host, Purpose, Steady) override {
    World::Server& server = world_.servers[host.name];
    ++server.connects;
    if (server.down) return makeError(Errc::Unavailable, "cannot connect");
    if (server.hangs) return makeError(Errc::Timeout, "no answer in time");
    return std::unique_ptr<Session>(std::make_unique<FakeSession>(world_, host.name));
  }

 private:
  World& world_;
};

inline LdapSettings settingsFor(const std::vector<std::string>& hosts) {
  LdapSettings settings;
  for (const std::string& name : hosts) settings.hosts.push_back({name, 389});
  settings.baseDn = "o=isp";
  settings.searchFilter = "(&(uid=%U)(objectclass=inetmailuser))";
  settings.poolSize = 2;
  return settings;
}

}  // namespace posthorn::auth::ldap::test
