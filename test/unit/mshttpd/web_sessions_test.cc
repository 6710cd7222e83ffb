// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/login/web_sessions.h"

#include <filesystem>
#include <set>

#include <catch2/catch.hpp>

#include "common/base/ids.h"
#include "mshttpd/login/access.h"
#include "mshttpd/login/web_session_record.h"

using namespace posthorn;
using namespace posthorn::mshttpd::login;

namespace {

struct Folder {
  std::string path = std::filesystem::temp_directory_path() / ("posthorn-" + Id128::random().hex());
  Folder() { std::filesystem::create_directory(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

struct World {
  Folder folder;
  ManualClock clock;
  std::shared_ptr<WebSessions> sessions = open();

  std::shared_ptr<WebSessions> open() {
    auto opened = WebSessions::open(folder.path + "/web-sessions", clock);
    REQUIRE(opened.ok());
    return *opened;
  }
  std::string begin(const std::string& user, const char* address = "192.0.2.1") {
    WebSession session;
    session.user = session.by = user;
    session.name = "Näme";
    session.addresses = {user + "@test.example", "other@test.example"};
    session.address = *net::Address::parse(address);
    const auto id = sessions->begin(session);
    REQUIRE(id.ok());
    return *id;
  }
  bool holds(const std::string& id, const char* address = "192.0.2.1",
             WebSessions::Use use = WebSessions::Use::Request) {
    const auto found = sessions->find(id, *net::Address::parse(address), use);
    REQUIRE(found.ok());
    return found->has_value();
  }
};

}  // namespace

TEST_CASE("a session is found by its id alone", "[login]") {
  World world;
  const std::string id = world.begin("anna");
  CHECK(WebSessions::looksLikeId(id));
  const auto found = world.sessions->find(id, *net::Address::parse("192.0.2.1"), WebSessions::Use::Request);
  REQUIRE(found.ok());
  REQUIRE(*found);
  CHECK((*found)->user == "anna");
  CHECK((*found)->name == "Näme");
  CHECK((*found)->addresses == std::vector<std::string>{"anna@test.example", "other@test.example"});
  CHECK_FALSE(world.holds(std::string(43, 'A')));
  CHECK(WebSessions::csrfOf(id) != WebSessions::csrfOf(world.begin("anna")));
}

TEST_CASE("a session outlives the process", "[login]") {
  World world;
  const std::string id = world.begin("anna");
  world.sessions.reset();
  world.sessions = world.open();
  CHECK(world.holds(id));
}

TEST_CASE("a silent session ends, a used one lives on", "[login]") {
  World world;
  world.sessions->setPolicy({.timeout = std::chrono::minutes{10}});
  const std::string used = world.begin("anna");
  const std::string looked = world.begin("bert");
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(std::chrono::minutes{4});
    CHECK(world.holds(used));
    world.holds(looked, "192.0.2.1", WebSessions::Use::Look);
  }
  CHECK_FALSE(world.holds(looked));
  const auto gone = world.sessions->collect(100);
  REQUIRE(gone.ok());
  REQUIRE(gone->size() == 1);
  CHECK(gone->front().user == "bert");
  CHECK(*world.sessions->count() == 1);
}

TEST_CASE("a session belongs to a network unless the policy says otherwise", "[login]") {
  World world;
  const std::string four = world.begin("anna", "192.0.2.1");
  const std::string six = world.begin("anna", "2001:db8:1:2::1");
  CHECK(world.holds(four, "192.0.2.200"));
  CHECK_FALSE(world.holds(four, "192.0.3.1"));
  CHECK(world.holds(six, "2001:db8:1:2:ffff::9"));
  CHECK_FALSE(world.holds(six, "2001:db8:1:3::1"));
  CHECK_FALSE(world.holds(four, "2001:db8:1:2::1"));
  world.sessions->setPolicy({.bound = false});
  CHECK(world.holds(four, "198.51.100.1"));
}

TEST_CASE("the number of sessions is bounded", "[login]") {
  World world;
  world.sessions->setPolicy({.most = 15});
  const std::string first = world.begin("anna");
  for (int i = 0; i < 10; ++i) {
    world.clock.advance(std::chrono::seconds{1});
    world.begin("anna");
  }
  CHECK_FALSE(world.holds(first));
  for (int i = 0; i < 5; ++i) world.begin("user" + std::to_string(i));
  WebSession more;
  more.user = "late";
  CHECK(world.sessions->begin(more).error().code == Errc::Limit);
}

TEST_CASE("logging out ends one session, or all of a user", "[login]") {
  World world;
  const std::string one = world.begin("anna");
  const std::string two = world.begin("anna");
  const std::string other = world.begin("annabel");
  REQUIRE(world.sessions->end(one).ok());
  CHECK_FALSE(world.holds(one));
  CHECK(world.holds(two));
  CHECK(*world.sessions->endAll("anna") == 1);
  CHECK_FALSE(world.holds(two));
  CHECK(world.holds(other));
}

TEST_CASE("records that are none are no sessions", "[login]") {
  WebSession session;
  session.user = "anna";
  session.addresses = {"a@b"};
  const Bytes good = encode(session);
  REQUIRE(decode(good));
  CHECK(decode(good)->addresses == session.addresses);
  CHECK_FALSE(decode(View(good).substr(0, good.size() - 1)));
  CHECK_FALSE(decode(""));
  CHECK_FALSE(decode(std::string(100, '\x7F')));
}

TEST_CASE("cookies and credentials are read", "[login]") {
  CHECK(cookieOf("a=1; sid=xyz;b=2", "sid") == "xyz");
  CHECK(cookieOf("asid=1; sidx=2", "sid").empty());
  mshttpd::http::Head head;
  head.headers["authorization"] = "Basic YW5uYTphOmI=";
  const Credentials basic = credentialsOf(head, "sid");
  CHECK(basic.kind == Credentials::Kind::Basic);
  CHECK(basic.user == "anna");
  CHECK(basic.password.view() == "a:b");
  head.headers["authorization"] = "Basic !!!";
  head.headers["cookie"] = "sid=" + std::string(43, 'A');
  CHECK(credentialsOf(head, "sid").kind == Credentials::Kind::None);
  head.headers.erase("authorization");
  CHECK(credentialsOf(head, "sid").kind == Credentials::Kind::Cookie);
}
