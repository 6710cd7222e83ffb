// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/blob_routes.h"

#include <catch2/catch.hpp>

#include "mshttpd/http/event_stream.h"
#include "mshttpd/http/print.h"

using namespace posthorn::mshttpd::http;

TEST_CASE("names of downloads do no harm", "[http]") {
  CHECK(disposition(false, "report.pdf") ==
        "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf");
  CHECK(disposition(true, "Grüße.txt") ==
        "inline; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt");
  CHECK(disposition(false, "../../etc/passwd").find('/') == std::string::npos);
  CHECK(disposition(false, "a\"; x=\"b\r\nSet-Cookie: c").find('\n') == std::string::npos);
  CHECK(disposition(false, "a\"b") == "attachment; filename=\"a_b\"; filename*=UTF-8''a%22b");
  for (const char* name : {"", ".", "..", "\x01\x02"})
    CHECK(disposition(false, name) == "attachment; filename=\"file\"; filename*=UTF-8''file");
}

TEST_CASE("only harmless types are shown", "[http]") {
  for (const char* type : {"image/png", "Image/JPEG", "text/plain; charset=utf-8"}) CHECK(mayShow(type));
  for (const char* type : {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml",
                           "application/pdf", "text/javascript", ""})
    CHECK_FALSE(mayShow(type));
  CHECK(safeType("text/plain") == "text/plain; charset=utf-8");
  CHECK(safeType("Text/Plain; charset=ISO-8859-1; x=y") == "text/plain; charset=iso-8859-1");
  CHECK(safeType("image/png\r\nX: y") == "application/octet-stream");
  CHECK(safeType("nothing") == "application/octet-stream");
}

TEST_CASE("a reply cannot be split", "[http]") {
  Reply reply;
  reply.headers = {{"X-Name", "a\r\nSet-Cookie: b"}};
  const std::string head = printHead(reply, {}, {});
  CHECK(head.find("X-Name: aSet-Cookie: b\r\n") != std::string::npos);
}

TEST_CASE("state changes are told by type", "[http]") {
  const Changed changed{{"a1", {{"Email", "7"}, {"Mailbox", "8"}}}, {"a2", {{"Quota", "1"}}}};
  CHECK(EventStream::eventOf(changed, {"Email"})
            .find("{\"@type\":\"StateChange\",\"changed\":{\"a1\":{\"Email\":\"7\"}}}") != std::string::npos);
  CHECK(EventStream::eventOf(changed, {"Thread"}).empty());
  const std::string all = EventStream::eventOf(changed, {});
  CHECK(all.starts_with("event: state\nid: "));
  CHECK(all.ends_with("\n\n"));
  CHECK(all.find("a2") != std::string::npos);
}

TEST_CASE("an event stream is asked for in full", "[http]") {
  CHECK(
      EventStream::wishOf({{"types", "*"}, {"closeafter", "state"}, {"ping", "0"}}, false)->closeAfterState);
  CHECK(EventStream::wishOf({{"types", "Email,Thread"}, {"closeafter", "no"}, {"ping", "1"}}, false)->ping ==
        std::chrono::seconds{5});
  CHECK(EventStream::wishOf({{"types", "*"}, {"closeafter", "no"}, {"ping", "99999"}}, false)->ping ==
        std::chrono::seconds{300});
  CHECK_FALSE(EventStream::wishOf({{"types", "*"}, {"closeafter", "no"}}, false));
  CHECK_FALSE(EventStream::wishOf({{"types", ""}, {"closeafter", "no"}, {"ping", "0"}}, false));
}
