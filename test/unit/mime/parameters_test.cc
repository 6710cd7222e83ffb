// SPDX-License-Identifier: Apache-2.0
#include "common/mime/parameters.h"

#include <catch2/catch.hpp>

#include "common/mime/limits.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

/// "type/subtype name=value;..."
Bytes shown(View value) {
  const auto type = parseContentType(value);
  if (!type) return "none";
  Bytes out = type->type + "/" + type->subtype;
  for (const Parameter& one : type->parameters)
    out.append(" ").append(one.name).append("=[").append(one.value).append("]");
  return out;
}

Bytes name(View parameters) {
  const auto type = parseContentType(Bytes("a/b; ").append(parameters));
  return type ? decodedParameter(type->parameters, "name").value_or("none") : "no type";
}

}  // namespace

TEST_CASE("Content-Type as written well") {
  CHECK(shown("text/plain") == "text/plain");
  CHECK(shown(" TEXT / Plain (c) ; (d) charset (e) = (f) \"utf-8\"") == "TEXT/Plain charset=[utf-8]");
  CHECK(shown("a/b; x=\"c \\\"d\\\" ; e\"; y=z") == "a/b x=[c \"d\" ; e] y=[z]");
  CHECK(shown("a/b;\r\n\tx=1;\r\n y=\"2\r\n 3\"") == "a/b x=[1] y=[2 3]");
}

TEST_CASE("Content-Type as it comes") {
  for (const View none : {"", " ", "text", "text/", "/plain", "text plain", ";", "(c)"})
    CHECK(shown(none) == "none");
  CHECK(shown("a/b charset=x") == "a/b charset=[x]");
  CHECK(shown("a/b;; x=1;") == "a/b x=[1]");
  CHECK(shown("a/b; x; =y; z=1") == "a/b z=[1]");
  CHECK(shown("a/b; boundary=----=_a:b/c?d") == "a/b boundary=[----=_a:b/c?d]");
  CHECK(shown("a/b; x=\"no end") == "a/b x=[no end]");
  CHECK(shown("a/b; charset=utf-8, c/d") == "a/b charset=[utf-8]");
  CHECK(shown("a/b; x=y (comment) ; z=1") == "a/b x=[y] z=[1]");
}

TEST_CASE("continuations are joined") {
  CHECK(shown("a/b; n*0=x; n*1=y") == "a/b n=[xy]");
  CHECK(shown("a/b; n*1=y; m=1; n*0=x") == "a/b m=[1] n=[xy]");
  CHECK(shown("a/b; n*0*=utf-8''%C3; n*1*=%BC; n*2=\" z\"") == "a/b n*=[utf-8''%C3%BC%20z]");
  CHECK(shown("a/b; n*0=x; n*1*=%41") == "a/b n*=[''x%41]");
  CHECK(shown("a/b; n*0=x; n*2=y") == "a/b n*0=[x] n*2=[y]");
  CHECK(shown("a/b; n*0=x; n*0=y") == "a/b n*0=[x] n*0=[y]");
  CHECK(shown("a/b; n*9999999999=x; *0=y; n**=z") == "a/b n*9999999999=[x] *0=[y] n**=[z]");
}

TEST_CASE("values in UTF-8") {
  CHECK(name("name*=utf-8''%C3%BC.txt") == "\xC3\xBC.txt");
  CHECK(name("name*=iso-8859-1'de'%FC") == "\xC3\xBC");
  CHECK(name("name*0*=utf-8''%C3; name*1*=%BC") == "\xC3\xBC");
  CHECK(name("name*=\"no quotes %41 %zz %\"") == "no quotes A %zz %");
  CHECK(name("name*=x-nowhere''%FC") == "\xFC");
  CHECK(name("name=\"=?utf-8?q?=C3=BC?=\"") == "\xC3\xBC");
  CHECK(name("name=plain; name*=utf-8''better") == "better");
  CHECK(name("other=x") == "none");
}

TEST_CASE("parameters beyond the bound are left out") {
  Bytes value = "a/b";
  for (std::size_t i = 0; i < kMaxParameters + 50; ++i) value.append("; n*" + std::to_string(i) + "=x");
  CHECK(parseContentType(value)->parameters.size() == 1);
  CHECK(parseContentType(value)->parameters.front().value.size() == kMaxParameters);
}

TEST_CASE("the other structured fields") {
  REQUIRE(parseDisposition("attachment; filename=x"));
  CHECK(parseDisposition("attachment; filename=x")->parameters.front().value == "x");
  CHECK_FALSE(parseDisposition("; filename=x"));
  CHECK_FALSE(parseDisposition(""));
  CHECK(parseLanguages("en (c), de-DE ,fr x") == std::vector<Bytes>{"en", "de-DE", "fr"});
  CHECK(parseLanguages("").empty());
  CHECK(parseEncodingName(" (c) BASE64 (d)") == "BASE64");
  CHECK(parseEncodingName("base64;") == "base64");
  CHECK_FALSE(parseEncodingName("8 bit"));
  CHECK_FALSE(parseEncodingName(""));
}
