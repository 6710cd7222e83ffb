// SPDX-License-Identifier: Apache-2.0
// backend_probe CONFIG: what mshttpd asks of its back ends, without HTTP. Each line of stdin is a JSON array,
// ["query", "anna", "anna", ...] of operation, user, owner and arguments; each line of stdout its answer.

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/auth/authenticator.h"
#include "common/config/snapshot.h"
#include "mshttpd/backend/backends.h"

using namespace posthorn;
using namespace posthorn::mshttpd::backend;
using Json = nlohmann::ordered_json;
namespace jmap = imap::jmap;

namespace {

constexpr const char* kClient = "192.0.2.77";

Json ofError(const Error& error) {
  return {{"error", toString(error.code)}, {"text", error.text}, {"client", error.client}};
}

Json ofAbilities(const Abilities& a) {
  return {{"changes", a.changes}, {"stableIds", a.stableIds}, {"threads", a.threads},
          {"sharing", a.sharing}, {"metadata", a.metadata},   {"specialUse", a.specialUse},
          {"quota", a.quota},     {"binary", a.binary},       {"atomicUpdate", a.atomicUpdate}};
}

Result<Json> mailboxes(MailHost& host) {
  PH_TRY(const MailboxList list, host.mailboxes());
  Json out{{"state", list.state}, {"list", Json::array()}};
  for (const auto& box : list.mailboxes)
    out["list"].push_back({{"id", box.id},
                           {"name", box.name.utf8},
                           {"rights", box.rights},
                           {"subscribed", box.subscribed},
                           {"messages", box.messages},
                           {"unseen", box.unseen},
                           {"uses", box.specialUses}});
  return out;
}

/// args: mailbox id or "", a word of the text or "", ascending.
Result<Json> query(MailHost& host, const Json& args) {
  jmap::QueryArgs query;
  query.total = true;
  query.filter = jmap::Filter{};
  jmap::Filter part;
  if (const std::string id = args.at(0); !id.empty()) {
    part.kind = jmap::Filter::Kind::InMailbox;
    part.ids = {id};
    query.filter->parts.push_back(part);
  }
  if (const std::string word = args.at(1); !word.empty()) {
    part = {};
    part.kind = jmap::Filter::Kind::Text;
    part.text = word;
    query.filter->parts.push_back(part);
  }
  if (query.filter->parts.empty()) query.filter.reset();
  query.sort.push_back({.key = jmap::Comparator::Key::Subject, .ascending = args.at(2), .keyword = {}});
  PH_TRY(const Found found, host.query(query));
  return Json{{"state", found.state}, {"total", *found.total}, {"ids", found.ids}};
}

Result<Json> messages(MailHost& host, const Json& args) {
  const std::vector<Id> ids = args;
  imap::FetchAttribute subject;
  subject.kind = imap::FetchAttribute::Kind::BodySection;
  subject.peek = true;
  subject.section.text = imap::Section::Text::HeaderFields;
  subject.section.fields = {"Subject"};
  imap::FetchAttribute structure;
  structure.kind = imap::FetchAttribute::Kind::BodyStructure;
  const std::vector<imap::FetchAttribute> items{subject, structure};
  PH_TRY(const Messages got, host.messages(ids, items));
  Json out{{"state", got.state}, {"list", Json::array()}, {"unknown", got.unknown}};
  for (const Message& message : got.messages)
    out["list"].push_back({{"id", message.id},
                           {"threadId", message.threadId},
                           {"mailboxIds", message.mailboxIds},
                           {"flags", message.flags},
                           {"octets", message.octets},
                           {"received", message.internalDate.seconds},
                           {"subject", message.items.at(0).text.value_or("")},
                           {"structured", !message.items.at(1).value.items.empty()}});
  return out;
}

/// args: id, part as a list of numbers, decoded.
Result<Json> text(MailHost& host, const Json& args) {
  imap::Section section;
  section.part = args.at(1).get<std::vector<std::uint32_t>>();
  PH_TRY(const Source source, host.text(args.at(0), section, args.at(2)));
  std::string whole;
  while (true) {
    PH_TRY(const Bytes piece, source());
    if (piece.empty()) break;
    whole += piece;
  }
  return Json{{"text", whole}};
}

/// args: mailbox ids, flags, text.
Result<Json> append(MailHost& host, const Json& args) {
  const std::string whole = args.at(2);
  std::size_t at = 0;
  NewMessage message;
  message.octets = whole.size();
  message.mailboxIds = args.at(0).get<std::vector<Id>>();
  message.flags = args.at(1).get<std::vector<std::string>>();
  message.receivedAt = imap::DateTime{1'700'000'000, 0};
  message.text = [&]() -> Result<Bytes> {
    Bytes piece = whole.substr(at, 5000);
    at += piece.size();
    return piece;
  };
  PH_TRY(const Appended done, host.append(std::move(message)));
  return Json{{"state", done.state}, {"id", done.id}, {"threadId", done.threadId}, {"octets", done.octets}};
}

/// args: an object with id and what is to change, ifState.
Result<Json> update(MailHost& host, const Json& args) {
  const Json& wish = args.at(0);
  jmap::Update update;
  update.id = wish.at("id");
  update.destroy = wish.value("destroy", false);
  update.addFlags = wish.value("addFlags", std::vector<std::string>());
  update.dropFlags = wish.value("dropFlags", std::vector<std::string>());
  if (wish.contains("setFlags")) update.setFlags = wish["setFlags"].get<std::vector<std::string>>();
  if (wish.contains("setMailboxes")) update.setMailboxes = wish["setMailboxes"].get<std::vector<Id>>();
  update.addMailboxes = wish.value("addMailboxes", std::vector<Id>());
  update.dropMailboxes = wish.value("dropMailboxes", std::vector<Id>());
  std::optional<State> ifState;
  if (args.size() > 1) ifState = args.at(1).get<std::string>();
  PH_TRY(const UpdateResult result, host.update(ifState, std::span(&update, 1)));
  return Json{{"oldState", result.oldState},
              {"newState", result.newState},
              {"outcome", static_cast<int>(result.outcomes.at(0).outcome)}};
}

Result<Json> changes(MailHost& host, const Json& args) {
  PH_TRY(const Changes got, host.changes(jmap::DataType::Email, args.at(0), 0));
  return Json{{"newState", got.newState},
              {"created", got.created},
              {"updated", got.updated},
              {"destroyed", got.destroyed}};
}

Result<Json> ofStatus(const Status& status) {
  if (!status.ok()) return status.error();
  return Json::object();
}

Result<Json> perform(MailHost& host, const std::string& what, const Json& args) {
  if (what == "abilities") return ofAbilities(host.abilities());
  if (what == "mailboxes") return mailboxes(host);
  if (what == "query") return query(host, args);
  if (what == "messages") return messages(host, args);
  if (what == "text") return text(host, args);
  if (what == "append") return append(host, args);
  if (what == "update") return update(host, args);
  if (what == "changes") return changes(host, args);
  if (what == "state") {
    PH_TRY(const State state, host.state());
    return Json{{"state", state}};
  }
  if (what == "create") {
    PH_TRY(const Id id,
           host.createMailbox({.name = args.at(0),
                               .specialUse = args.size() > 1 ? args.at(1).get<std::string>() : std::string(),
                               .subscribed = true}));
    return Json{{"id", id}};
  }
  if (what == "rename") return ofStatus(host.renameMailbox(args.at(0), args.at(1)));
  if (what == "remove") return ofStatus(host.removeMailbox(args.at(0), args.at(1)));
  if (what == "grant") return ofStatus(host.grant(args.at(0), {args.at(1), args.at(2)}));
  if (what == "set") return ofStatus(host.setMetadata(args.at(0), args.at(1).get<std::string>()));
  if (what == "get") {
    PH_TRY(const auto value, host.metadata(args.at(0)));
    return Json{{"value", value.value_or("")}};
  }
  if (what == "quota") {
    PH_TRY(const auto rows, host.quota());
    Json out = Json::array();
    for (const QuotaRow& row : rows)
      out.push_back({{"root", row.root}, {"storage", row.storage}, {"used", row.used}, {"limit", row.limit}});
    return Json{{"rows", out}};
  }
  return makeError(Errc::Invalid, "no such operation");
}

/// Every user's state, by so many threads at a time.
Json everybody(Backends& hosts, const std::vector<std::string>& users, unsigned rounds) {
  std::atomic<unsigned> good = 0;
  std::vector<std::thread> threads;
  for (const std::string& user : users)
    threads.emplace_back([&hosts, &good, user, rounds] {
      for (unsigned i = 0; i < rounds; ++i) {
        auto host = hosts.open(user, user, kClient);
        if (host && (*host)->state().ok()) ++good;
      }
    });
  for (std::thread& thread : threads) thread.join();
  return {{"good", good.load()}};
}

Json answer(Backends& hosts, const Json& line) {
  const std::string what = line.at(0);
  if (what == "everybody") return everybody(hosts, line.at(1), line.at(2));
  const std::string user = line.at(1);
  if (what == "shared") {
    const auto shared = hosts.sharedWith(user, kClient);
    if (!shared) return ofError(shared.error());
    Json owners = Json::array();
    for (const auto& account : *shared) owners.push_back(account.owner);
    return {{"owners", owners}};
  }
  auto host = hosts.open(user, line.at(2), kClient);
  if (!host) return ofError(host.error());
  Json args = Json::array();
  for (std::size_t i = 3; i < line.size(); ++i) args.push_back(line[i]);
  if (what == "messages") args = args.at(0);
  auto done = perform(**host, what, args);
  return done ? *done : ofError(done.error());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const auto loaded = config::load(argv[1]);
  if (!loaded.ok()) {
    std::cerr << loaded.report();
    return 78;
  }
  auto hosts =
      Backends::make(*loaded.snapshot, auth::Authenticator::open(auth::Settings::from(*loaded.snapshot)));
  if (!hosts) {
    std::cerr << hosts.error().describe() << "\n";
    return 70;
  }
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(**hosts, Json::parse(line)).dump(-1, ' ', true, Json::error_handler_t::replace)
              << std::endl;
  return 0;
}
