// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/references.h"

#include <catch2/catch.hpp>

#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {
namespace {

std::string at(const char* json, const char* pointer) {
  std::size_t room = kMostReferredOctets;
  const auto found = follow(*parseJson(json), pointer, room);
  return found.ok() ? printJson(*found) : "nowhere";
}

}  // namespace

TEST_CASE("A pointer leads where RFC 6901 and RFC 8620 3.7 say", "[jmap]") {
  struct Row {
    const char* json;
    const char* pointer;
    const char* value;
  };
  const Row rows[] = {
      {R"({"a":1})", "", R"({"a":1})"},
      {R"({"a":{"b":[10,20]}})", "/a/b/1", "20"},
      {R"({"a":{"b":[10,20]}})", "/a/b/2", "nowhere"},
      {R"({"a":{"b":[10,20]}})", "/a/b/01", "nowhere"},
      {R"({"a":{"b":[10,20]}})", "/a/b/-", "nowhere"},
      {R"({"a":1})", "a", "nowhere"},
      {R"({"a":1})", "/a/b", "nowhere"},
      {R"({"a/b":1,"m~n":2,"~1":3})", "/a~1b", "1"},
      {R"({"a/b":1,"m~n":2,"~1":3})", "/m~0n", "2"},
      {R"({"a/b":1,"m~n":2,"~1":3})", "/~01", "3"},
      {R"({"a/b":1,"m~n":2,"~1":3})", "/m~n", "nowhere"},
      {R"({"list":[{"id":"x"},{"id":"y"}]})", "/list/*/id", R"(["x","y"])"},
      {R"({"list":[{"ids":["x","y"]},{"ids":["z"]}]})", "/list/*/ids", R"(["x","y","z"])"},
      {R"({"list":[{"ids":["x"]},{}]})", "/list/*/ids", "nowhere"},
      {R"({"list":[]})", "/list/*/ids", "[]"},
      {R"({"list":{"*":5}})", "/list/*", "5"},
      {R"({"":{"":1}})", "//", "1"},
  };
  for (const Row& row : rows) {
    INFO(row.json << " " << row.pointer);
    CHECK(at(row.json, row.pointer) == row.value);
  }
}

TEST_CASE("What a pointer takes together is bounded", "[jmap]") {
  Json wide = Json::array();
  for (int i = 0; i < 400; ++i) wide.push_back(Json::array());
  for (Json& row : wide)
    for (int i = 0; i < 400; ++i) row.push_back(i);
  std::size_t room = kMostReferredOctets;
  CHECK_FALSE(follow(wide, "/*/*", room).ok());
}

TEST_CASE("What all references of a request copy is bounded", "[jmap]") {
  std::vector<Response> earlier;
  earlier.push_back({"Core/echo", {{"text", std::string(1'000'000, 'x')}, {"ids", {"a", "b"}}}, "t0"});
  const auto refer = [&](int many, const char* path, std::size_t& room) {
    Json arguments = Json::object();
    for (int i = 0; i < many; ++i)
      arguments["#a" + std::to_string(i)] = {{"resultOf", "t0"}, {"name", "Core/echo"}, {"path", path}};
    return resolveReferences(arguments, earlier, room).type;
  };
  std::size_t room = kMostReferredOctets;
  CHECK(refer(5, "", room).empty());
  CHECK(room < kMostReferredOctets - 5'000'000);
  CHECK(refer(5'000, "", room) == "invalidResultReference");
  CHECK(refer(1, "", room) == "invalidResultReference");
  CHECK(refer(100, "/ids", room).empty());
  CHECK(refer(1, "/*", room) == "invalidResultReference");
}

TEST_CASE("A reference takes the place of its argument", "[jmap]") {
  const std::vector<Response> earlier = {
      {"Foo/changes", *parseJson(R"({"created":["f1","f4"]})"), "t0"},
      {"error", *parseJson(R"({"type":"unknownMethod"})"), "t1"},
  };
  struct Row {
    const char* arguments;
    const char* outcome;
  };
  const Row rows[] = {
      {R"({"#ids":{"resultOf":"t0","name":"Foo/changes","path":"/created"},"x":1})",
       R"({"ids":["f1","f4"],"x":1})"},
      {R"({"#ids":{"resultOf":"t9","name":"Foo/changes","path":"/created"}})", "invalidResultReference"},
      {R"({"#ids":{"resultOf":"t0","name":"Foo/get","path":"/created"}})", "invalidResultReference"},
      {R"({"#ids":{"resultOf":"t1","name":"Foo/get","path":"/created"}})", "invalidResultReference"},
      {R"({"#ids":{"resultOf":"t0","name":"Foo/changes","path":"/updated"}})", "invalidResultReference"},
      {R"({"#ids":{"resultOf":"t0","name":"Foo/changes"}})", "invalidResultReference"},
      {R"({"#ids":["t0"]})", "invalidResultReference"},
      {R"({"ids":[],"#ids":{"resultOf":"t0","name":"Foo/changes","path":"/created"}})", "invalidArguments"},
      {R"({"plain":{"#not":"touched"}})", R"({"plain":{"#not":"touched"}})"},
  };
  for (const Row& row : rows) {
    INFO(row.arguments);
    Json arguments = *parseJson(row.arguments);
    std::size_t room = kMostReferredOctets;
    const Failure failure = resolveReferences(arguments, earlier, room);
    CHECK((failure.type.empty() ? printJson(arguments) : failure.type) == row.outcome);
  }
}

}  // namespace posthorn::mshttpd::jmap
