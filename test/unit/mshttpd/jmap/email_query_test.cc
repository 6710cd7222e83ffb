// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>

#include "mshttpd/jmap/email_filter.h"
#include "mshttpd/jmap/search_terms.h"
#include "test/unit/mshttpd/jmap/reader.h"

namespace posthorn::mshttpd::jmap {
namespace {

std::string message(const std::string& number, const std::string& more = {},
                    const std::string& body = "text") {
  return "From: Sender " + number + " <s" + number +
         "@x.example>\nTo: anna@x.example\nSubject: Re: subject " + number + "\nMessage-ID: <" + number +
         "@x>\n" + more + "\n" + body + "\n";
}

std::string idsOf(const Json& got, const std::map<std::string, std::string>& names) {
  std::string out;
  for (const Json& id : got.at("ids")) out += names.at(id.get<std::string>());
  return out;
}

/// a, b (an answer to a), c, d; c has an attachment, d lies in Archive.
struct Box : Reader {
  Box() {
    archive = account->addMailbox("Archive", "\\Archive");
    a = account->deliver(message("1", "Cc: carl@c.example\n", "a green apple"), inbox, {"\\Seen"}, 1000);
    b = account->deliver(
        message("2", "In-Reply-To: <1@x>\nDate: Thu, 1 Jan 1970 00:00:05 +0000\n", "the red apple"), inbox,
        {"\\Flagged"}, 3000);
    c = account->deliver(
        message("3",
                "Content-Type: text/plain; name=x.txt\nContent-Disposition: attachment\nX-Mark: Blue Sky\n",
                std::string(3000, 'x')),
        inbox, {"work"}, 2000);
    d = account->deliver(message("4", "Bcc: secret@b.example\n", "apple's pie"), archive, {}, 4000);
    names = {{a, "a"}, {b, "b"}, {c, "c"}, {d, "d"}};
  }
  std::string query(const std::string& args) {
    Json got = (*this)(emailQuery, args);
    INFO(got.dump());
    REQUIRE(got.contains("ids"));
    return idsOf(got, names);
  }
  std::string archive, a, b, c, d;
  std::map<std::string, std::string> names;
};

}  // namespace

TEST_CASE("every condition of a filter finds what it should", "[jmap]") {
  Box box;
  const std::pair<std::string, const char*> rows[] = {
      {R"({"inMailbox":"%I"})", "acb"},
      {R"({"inMailbox":"nowhere"})", ""},
      {R"({"inMailbox":"no id"})", ""},
      {R"({"inMailboxOtherThan":["%I"]})", "d"},
      {R"({"inMailboxOtherThan":[]})", "acbd"},
      {R"({"before":"1970-01-01T00:33:20Z"})", "a"},
      {R"({"before":"1970-01-01T00:33:20.5Z"})", "ac"},
      {R"({"after":"1970-01-01T00:33:20Z"})", "cbd"},
      {R"({"minSize":3000})", "c"},
      {R"({"maxSize":3000})", "abd"},
      {R"({"allInThreadHaveKeyword":"$seen"})", ""},
      {R"({"someInThreadHaveKeyword":"$flagged"})", "ab"},
      {R"({"noneInThreadHaveKeyword":"$flagged"})", "cd"},
      {R"({"hasKeyword":"WORK"})", "c"},
      {R"({"hasKeyword":"$Seen"})", "a"},
      {R"({"notKeyword":"$seen"})", "cbd"},
      {R"({"hasAttachment":true})", "c"},
      {R"({"hasAttachment":false})", "abd"},
      {R"({"text":"APPLE"})", "abd"},
      {R"({"text":"apple red"})", "b"},
      {R"({"text":"\"red apple\""})", "b"},
      {R"({"text":"\"apple red\""})", ""},
      {R"({"body":"'apple\\'s pie'"})", "d"},
      {R"({"text":"carl@c"})", "a"},
      {R"({"from":"sender 2"})", "b"},
      {R"({"to":"anna"})", "acbd"},
      {R"({"cc":"carl"})", "a"},
      {R"({"bcc":"secret"})", "d"},
      {R"({"subject":"subject 3"})", "c"},
      {R"({"body":"green"})", "a"},
      {R"({"header":["X-Mark"]})", "c"},
      {R"({"header":["x-mark","blue"]})", "c"},
      {R"({"header":["x-mark","red"]})", ""},
      {R"({"text":""})", "acbd"},
      {R"({})", "acbd"},
      {R"(null)", "acbd"},
      {R"({"hasKeyword":"$flagged","from":"sender"})", "b"},
      {R"({"operator":"AND","conditions":[]})", "acbd"},
      {R"({"operator":"OR","conditions":[]})", ""},
      {R"({"operator":"NOT","conditions":[]})", "acbd"},
      {R"({"operator":"OR","conditions":[{"subject":"1"},{"subject":"4"}]})", "ad"},
      {R"({"operator":"NOT","conditions":[{"subject":"1"},{"operator":"AND","conditions":[{"subject":"4"},{}]}]})",
       "cb"},
  };
  for (const auto& [filter, expected] : rows) {
    std::string text = filter;
    const std::size_t at = text.find("%I");
    if (at != std::string::npos) text.replace(at, 2, box.inbox);
    INFO(text);
    CHECK(box.query("\"sort\":[{\"property\":\"receivedAt\"}],\"filter\":" + text) == expected);
  }
}

TEST_CASE("emails are sorted, windowed and collapsed", "[jmap]") {
  Box box;
  const std::pair<std::string, const char*> rows[] = {
      {R"("sort":[{"property":"receivedAt","isAscending":false}])", "dbca"},
      {R"("sort":[{"property":"size","isAscending":false}],"limit":1)", "c"},
      {R"("sort":[{"property":"from"}])", "abcd"},
      {R"("sort":[{"property":"to"},{"property":"receivedAt"}])", "acbd"},
      {R"("sort":[{"property":"subject","isAscending":false,"collation":"i;ascii-casemap"}])", "dcba"},
      {R"("sort":[{"property":"sentAt"}])", "bacd"},
      {R"("sort":[{"property":"hasKeyword","keyword":"work","isAscending":false},{"property":"receivedAt"}])",
       "cabd"},
      {R"("sort":[{"property":"someInThreadHaveKeyword","keyword":"$flagged"},{"property":"receivedAt"}])",
       "cdab"},
      {R"("sort":[{"property":"allInThreadHaveKeyword","keyword":"work","isAscending":false},{"property":"from"}])",
       "cabd"},
      {R"("sort":[{"property":"receivedAt"}],"collapseThreads":true)", "acd"},
      {R"("sort":[{"property":"receivedAt","isAscending":false}],"collapseThreads":true)", "dbc"},
      {R"("sort":[{"property":"receivedAt"}],"position":1,"limit":2)", "cb"},
      {R"("sort":[{"property":"receivedAt"}],"position":-1)", "d"},
      {R"("sort":[{"property":"receivedAt"}],"position":-9,"limit":1)", "a"},
      {R"("sort":[{"property":"receivedAt"}],"position":4)", ""},
      {R"("sort":[{"property":"receivedAt"}],"limit":0)", ""},
      {R"("sort":[{"property":"receivedAt"}],"anchorOffset":7,"limit":1)", "a"},
  };
  for (const auto& [args, expected] : rows) {
    INFO(args);
    CHECK(box.query(args) == expected);
  }
  Json got =
      box(emailQuery, R"("sort":[{"property":"receivedAt"}],"anchorOffset":-1,"limit":2,"calculateTotal":true,
    "position":99,"anchor":")" +
                          box.b + "\"");
  CHECK(idsOf(got, box.names) == "cb");
  CHECK(got["position"] == 1);
  CHECK(got["total"] == 4);
  CHECK(got["canCalculateChanges"] == true);
  CHECK(!got.contains("limit"));
  CHECK(box(emailQuery, R"("limit":20000)")["limit"] == 10000);
  CHECK(!box(emailQuery, "").contains("total"));
}

TEST_CASE("queries tell what is wrong", "[jmap]") {
  struct Row {
    Method method;
    const char* args;
    const char* error;
  };
  const Row rows[] = {
      {emailQuery, R"("filter":{"nonsense":1})", "unsupportedFilter"},
      {emailQuery, R"("filter":[])", "invalidArguments"},
      {emailQuery, R"("filter":{"operator":"AND","conditions":[1]})", "invalidArguments"},
      {emailQuery, R"("filter":{"operator":"AND","conditions":[],"text":"x"})", "invalidArguments"},
      {emailQuery, R"("filter":{"inMailbox":1})", "invalidArguments"},
      {emailQuery, R"("filter":{"inMailboxOtherThan":"x"})", "invalidArguments"},
      {emailQuery, R"("filter":{"before":"2020-01-01"})", "invalidArguments"},
      {emailQuery, R"("filter":{"after":"2020-01-01T00:00:00+01:00"})", "invalidArguments"},
      {emailQuery, R"("filter":{"minSize":-1})", "invalidArguments"},
      {emailQuery, R"("filter":{"hasKeyword":"a b"})", "invalidArguments"},
      {emailQuery, R"("filter":{"hasAttachment":1})", "invalidArguments"},
      {emailQuery, R"("filter":{"text":1})", "invalidArguments"},
      {emailQuery, R"("filter":{"header":[]})", "invalidArguments"},
      {emailQuery, R"("filter":{"header":["a","b","c"]})", "invalidArguments"},
      {emailQuery, R"("filter":{"header":["a:b"]})", "invalidArguments"},
      {emailQuery, R"("sort":[{"property":"color"}])", "unsupportedSort"},
      {emailQuery, R"("sort":[{"property":"from","collation":"i;octet"}])", "unsupportedSort"},
      {emailQuery, R"("sort":[{"property":"hasKeyword"}])", "invalidArguments"},
      {emailQuery, R"("sort":{})", "invalidArguments"},
      {emailQuery, R"("collapseThreads":1)", "invalidArguments"},
      {emailQuery, R"("limit":-1)", "invalidArguments"},
      {emailQuery, R"("anchor":"gone")", "anchorNotFound"},
      {emailQueryChanges, R"("filter":null)", "invalidArguments"},
      {emailQueryChanges, R"("sinceQueryState":"nonsense")", "cannotCalculateChanges"},
      {emailQueryChanges, R"("sinceQueryState":"1","maxChanges":1)", "tooManyChanges"},
      {emailQueryChanges, R"("sinceQueryState":"1","filter":{"nonsense":1})", "unsupportedFilter"},
      {emailChanges, "", "invalidArguments"},
      {emailChanges, R"("sinceState":"1","maxChanges":0)", "invalidArguments"},
      {emailChanges, R"("sinceState":"x")", "cannotCalculateChanges"},
      {threadChanges, R"("sinceState":"x")", "cannotCalculateChanges"},
      {threadGet, R"("ids":["a"],"properties":["x"])", "invalidArguments"},
      {threadGet, R"("ids":["a","b","c"])", "requestTooLarge"},
      {threadGet, R"("ids":null)", "requestTooLarge"},
      {searchSnippetGet, R"("filter":{"text":"x"})", "invalidArguments"},
      {searchSnippetGet, R"("filter":{"x":"x"},"emailIds":[])", "unsupportedFilter"},
      {searchSnippetGet, R"("emailIds":["a","b","c"])", "requestTooLarge"},
  };
  Box box;
  box.fake.services.limits.maxObjectsInGet = 2;
  for (const Row& row : rows) {
    INFO(row.args);
    CHECK(box(row.method, row.args)["error"] == row.error);
    CHECK(box(row.method, row.args, "carl")["error"] == "accountNotFound");
  }
  std::string deep = R"({"text":"x"})";
  for (int i = 0; i < 17; ++i) deep = R"({"operator":"NOT","conditions":[)" + deep + "]}";
  CHECK(box(emailQuery, "\"filter\":" + deep)["error"] == "unsupportedFilter");
  std::string wide;
  for (int i = 0; i < 300; ++i) wide += std::string(i > 0 ? "," : "") + R"({"text":"x"})";
  CHECK(box(emailQuery, R"("filter":{"operator":"OR","conditions":[)" + wide + "]}")["error"] ==
        "unsupportedFilter");
  box.account->oldest = box.account->modseq;
  CHECK(box(emailChanges, R"("sinceState":"2")")["error"] == "cannotCalculateChanges");
  box.account->refuse = [](std::string_view) { return makeError(Errc::Timeout, "slow"); };
  CHECK(box(emailQuery, "")["error"] == "serverUnavailable");
  CHECK(box(emailChanges, R"("sinceState":"2")")["error"] == "serverUnavailable");
}

TEST_CASE("text to look for falls into words and phrases", "[jmap]") {
  using Terms = std::vector<std::string>;
  CHECK(searchTerms("  two\twords ") == Terms{"two", "words"});
  CHECK(searchTerms(R"("a \"b\" \\" 'c d'e)") == Terms{R"(a "b" \)", "c d", "e"});
  CHECK(searchTerms("don't \"open") == Terms{"don't", "\"open"});
  CHECK(searchTerms("\"\" ''").empty());
}

TEST_CASE("threads hold their emails by date", "[jmap]") {
  Box box;
  const std::string thread = box.account->emails.at(box.a).threadId;
  Json got = box(threadGet, "\"ids\":[\"" + thread + "\",\"gone\"]");
  CHECK(got["list"][0]["emailIds"] == Json::array({box.a, box.b}));
  CHECK(got["notFound"] == json(R"(["gone"])"));
  CHECK(box(threadGet, R"("ids":null)")["list"].size() == 3);
  CHECK(box(threadGet, "\"ids\":[\"" + thread + R"("],"properties":["id"])")["list"][0].size() == 1);
  const std::string before = std::to_string(box.account->modseq);
  box.account->destroy(box.d);
  box.account->deliver(message("5", "In-Reply-To: <1@x>\n"), box.inbox);
  Json changes = box(threadChanges, "\"sinceState\":\"" + before + "\"");
  CHECK(changes["updated"] == Json::array({thread}));
  CHECK(changes["destroyed"].size() == 1);
}

namespace {

/// A client that holds the whole result and applies what queryChanges says (RFC 8620 5.6).
std::vector<std::string> applied(std::vector<std::string> ids, const Json& changes) {
  for (const Json& gone : changes["removed"]) std::erase(ids, gone.get<std::string>());
  for (const Json& item : changes["added"]) {
    const std::size_t at = item["index"];
    if (at > ids.size()) return {"a hole"};
    ids.insert(ids.begin() + static_cast<std::ptrdiff_t>(at), item["id"].get<std::string>());
  }
  return ids;
}

/// Something happens to the account.
void stir(Box& box, std::mt19937& random) {
  std::vector<std::string> alive;
  for (const auto& [id, email] : box.account->emails) {
    if (box.account->alive(email)) alive.push_back(id);
  }
  const auto pick = [&] { return alive[random() % alive.size()]; };
  const auto number = std::to_string(100 + random() % 1000);
  switch (alive.empty() ? 0 : random() % 6) {
    case 0:
    case 1:
      box.account->deliver(message(number, random() % 2 == 0 ? "In-Reply-To: <1@x>\n" : ""),
                           random() % 2 == 0 ? box.inbox : box.archive, {},
                           static_cast<std::int64_t>(random() % 5000));
      break;
    case 2:
      box.account->setFlags(pick(), {"\\Flagged"});
      break;
    case 3:
      box.account->setFlags(pick(), {});
      break;
    case 4:
      box.account->setMailboxes(pick(), {random() % 2 == 0 ? box.inbox : box.archive});
      break;
    default:
      box.account->destroy(pick());
  }
}

}  // namespace

TEST_CASE("query changes bring any cached result to the new one", "[jmap]") {
  const char* queries[] = {
      R"("filter":{"inMailbox":"%I"},"sort":[{"property":"receivedAt","isAscending":false}])",
      R"("filter":{"inMailbox":"%I"},"sort":[{"property":"receivedAt"}],"collapseThreads":true)",
      R"("filter":null,"sort":[{"property":"subject"}])",
      R"("filter":{"hasKeyword":"$flagged"},"sort":[{"property":"size"}])",
      R"("filter":{"noneInThreadHaveKeyword":"$flagged"})",
      R"("filter":{"maxSize":2000},"sort":[{"property":"someInThreadHaveKeyword","keyword":"$flagged"},
        {"property":"receivedAt"}],"collapseThreads":true)",
  };
  std::mt19937 random(7);
  for (const char* row : queries) {
    Box box;
    std::string query = row;
    if (const std::size_t at = query.find("%I"); at != std::string::npos) query.replace(at, 2, box.inbox);
    INFO(query);
    Json then = box(emailQuery, query);
    for (int round = 0; round < 60; ++round) {
      const auto steps = random() % 4;
      for (unsigned i = 0; i < steps; ++i) stir(box, random);
      Json changes = box(emailQueryChanges, query + R"(,"calculateTotal":true,"sinceQueryState":")" +
                                                then["queryState"].get<std::string>() + "\"");
      INFO(changes.dump());
      Json now = box(emailQuery, query);
      const auto expected = now["ids"].get<std::vector<std::string>>();
      REQUIRE(changes.contains("added"));
      CHECK(applied(then["ids"].get<std::vector<std::string>>(), changes) == expected);
      CHECK(changes["total"] == expected.size());
      CHECK(changes["newQueryState"] == now["queryState"]);
      then = std::move(now);
    }
  }
}

TEST_CASE("a result read before a change is told as it was read", "[jmap]") {
  Box box;
  const std::string since = std::to_string(box.account->modseq);
  // The change comes between the two questions that the answer is made of.
  box.account->refuse = [&](std::string_view what) -> std::optional<Error> {
    if (what != "changes") return std::nullopt;
    box.account->refuse = nullptr;
    box.account->destroy(box.c);
    return std::nullopt;
  };
  Json changes =
      box(emailQueryChanges, R"("sort":[{"property":"receivedAt"}],"sinceQueryState":")" + since + "\"");
  CHECK(changes["newQueryState"] == since);
  CHECK(applied({box.a, box.c, box.b, box.d}, changes) ==
        std::vector<std::string>{box.a, box.c, box.b, box.d});
}

TEST_CASE("changes behind what a client holds are left out where nothing can move", "[jmap]") {
  Box box;
  const std::string since = std::to_string(box.account->modseq);
  const auto early = box.account->deliver(message("8"), box.inbox, {}, 1500);
  const auto late = box.account->deliver(message("9"), box.inbox, {}, 9000);
  const std::string args =
      R"("sort":[{"property":"receivedAt"}],"sinceQueryState":")" + since + R"(","upToId":")" + box.c + "\"";
  Json changes = box(emailQueryChanges, args);
  CHECK(changes["added"] == Json::array({Json{{"id", early}, {"index", 1}}}));
  CHECK(changes["removed"] == Json::array({early}));
  changes = box(emailQueryChanges, args + R"(,"filter":{"notKeyword":"x"})");
  CHECK(changes["added"].size() == 2);
}

TEST_CASE("changes of emails are exact, also in steps", "[jmap]") {
  Box box;
  const std::string since = std::to_string(box.account->modseq);
  const auto fresh = box.account->deliver(message("6"), box.inbox);
  const auto passing = box.account->deliver(message("7"), box.inbox);
  box.account->setFlags(fresh, {"x"});
  box.account->setFlags(box.b, {});
  box.account->destroy(box.c);
  box.account->destroy(passing);
  Json changes = box(emailChanges, "\"sinceState\":\"" + since + "\"");
  CHECK(changes["created"] == Json::array({fresh}));
  CHECK(changes["updated"] == Json::array({box.b}));
  CHECK(changes["destroyed"] == Json::array({box.c}));
  CHECK(changes["oldState"] == since);
  CHECK(changes["newState"] == std::to_string(box.account->modseq));
  CHECK(!changes.contains("updatedProperties"));
  Json first = box(emailChanges, "\"sinceState\":\"" + since + "\",\"maxChanges\":1");
  CHECK(first["hasMoreChanges"] == true);
}

}  // namespace posthorn::mshttpd::jmap
