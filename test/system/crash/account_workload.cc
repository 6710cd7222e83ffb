// SPDX-License-Identifier: Apache-2.0
#include "test/system/crash/account_workload.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/store/mailbox.h"
#include "common/store/mailboxes.h"

namespace posthorn::crash {

using store::AccountHandle;
using store::MailboxHandle;
using store::MailboxNo;
using store::Uid;
using store::UidSet;
using Kind = Op::Kind;

namespace {

// A message's id is its INTERNALDATE: kFirstId + writer * kIdsOfWriter + a random number.
constexpr std::uint64_t kFirstId = 1'000'000'000;
constexpr std::uint64_t kIdsOfWriter = 100'000'000;
constexpr std::size_t kManyMessages = 40;  // of one writer; also bounds the acks

std::size_t sizeOfMessage(std::uint64_t id) {
  std::mt19937 random(static_cast<std::uint32_t>(id));
  const auto kind = random() % 24;
  if (kind == 0) return 262'144 + random() % 60'000;
  return random() % (kind < 4 ? 60'000 : 5000);
}

Error impossible(const char* what) {
  return makeError(Errc::Internal, std::string("crash_account: ") + what);
}

Result<MailboxHandle> boxOf(const AccountHandle& account, const State& state, MailboxNo number) {
  const auto own = state.boxes.find(number);
  PH_TRY(auto box, account.mailbox(own == state.boxes.end() ? "INBOX" : own->second.name));
  if (box.number() != number) return impossible("a name shows another mailbox");
  return box;
}

Result<Outcome> append(MailboxHandle box, const Op& op) {
  std::vector<store::MessageWriter> messages;
  for (const std::uint64_t id : op.ids) {
    const std::string text = textOfMessage(id);
    PH_TRY(auto message, box.account().message(text.size()));
    PH_CHECK(message.write(text));
    PH_CHECK(message.finish({static_cast<std::int64_t>(id), 0}, op.flags));
    messages.push_back(std::move(message));
  }
  PH_TRY(auto result, box.append(messages));
  return Outcome{false, std::move(result.uids), {}, result.modseq};
}

Result<Outcome> transfer(MailboxHandle box, const MailboxHandle& target, const Op& op) {
  const UidSet uids = UidSet::of(op.uids);
  PH_TRY(auto result, op.kind == Kind::Copy ? box.copy(uids, target) : box.move(uids, target));
  if (result.source != op.uids) return impossible("a copy left messages out");
  return Outcome{false, std::move(result.target), {}, result.modseq};
}

Result<Outcome> setFlags(MailboxHandle box, const Op& op) {
  store::FlagChange change;
  if (op.kind == Kind::SetFlags) change.mode = store::FlagChange::Mode::Replace;
  if (op.kind == Kind::ClearFlags) change.mode = store::FlagChange::Mode::Remove;
  change.flags = op.flags;
  PH_TRY(const auto result, box.storeFlags(UidSet::of(op.uids), change));
  if (result.matched != op.uids) return impossible("STORE missed messages");
  return Outcome{false, {}, {}, result.modseq};
}

Result<Outcome> expunge(MailboxHandle box, const Op& op) {
  PH_TRY(const auto result, box.expunge(UidSet::of(op.uids), false));
  if (result.gone != op.uids) return impossible("EXPUNGE missed messages");
  return Outcome{false, {}, {}, result.modseq};
}

Result<Outcome> create(AccountHandle account, const State& state, const Op& op) {
  PH_CHECK(account.create(op.name));
  Outcome outcome;
  for (std::size_t end = op.name.find('/'); true; end = std::string::npos) {
    const std::string name = op.name.substr(0, end);
    PH_TRY(const auto box, account.mailbox(name));
    if (state.boxes.count(box.number()) == 0) outcome.boxes[box.number()] = {name, box.uidValidity()};
    if (end == std::string::npos) return outcome;
  }
}

Result<Outcome> perform(AccountHandle account, const State& state, const Op& op) {
  if (op.kind == Kind::Create) return create(account, state, op);
  if (op.kind == Kind::Rename || op.kind == Kind::Remove) {
    PH_CHECK(op.kind == Kind::Rename ? account.rename(op.name, op.to) : account.remove(op.name));
    return Outcome{};
  }
  PH_TRY(auto box, boxOf(account, state, op.box));
  switch (op.kind) {
    case Kind::Append:
      return append(box, op);
    case Kind::Copy:
    case Kind::Move: {
      PH_TRY(const auto target, boxOf(account, state, op.target));
      return transfer(box, target, op);
    }
    case Kind::Expunge:
      return expunge(box, op);
    default:
      return setFlags(box, op);
  }
}

}  // namespace

std::string prefixOf(std::uint64_t writer) {
  return fmt::format("w{}-", writer);
}

std::uint64_t writerOfMessage(std::uint64_t id) {
  return (id - kFirstId) / kIdsOfWriter;
}

std::string textOfMessage(std::uint64_t id) {
  const std::size_t size = sizeOfMessage(id);
  std::string text = fmt::format("Message-ID: <{}@crash>\r\nReferences: <{}@crash>\r\n\r\n", id, id % 50);
  text.reserve(text.size() + size + 2);
  std::uint64_t state = id;
  const std::size_t end = text.size() + size;
  while (text.size() < end) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    text.push_back(static_cast<char>('!' + (state >> 40) % 90));
    if (text.size() % 80 == 0) text.append("\r\n");
  }
  return text.append("\r\n");
}

Result<AccountHandle> openAccount(store::Engine& engine, const std::string& id,
                                  store::Engine::Create create) {
  static const auto options = std::make_shared<const store::Options>();
  AccountHandle::Shared shared;
  shared.id = id;
  PH_TRY(shared.domain, engine.open(id, create));
  shared.quota = {kQuotaBytes, kQuotaMessages};
  shared.options = options;
  shared.clock = &Clock::system();
  AccountHandle account(std::make_shared<const AccountHandle::Shared>(std::move(shared)));
  if (create == store::Engine::Create::Yes) PH_CHECK(store::bootstrap(account));
  return account;
}

std::string AccountWorkload::accountOf(std::uint64_t writer) const {
  return "account" + std::to_string(writer % accounts_);
}

AccountWorkload::Writer& AccountWorkload::writerOf(std::uint64_t number) {
  return writers_.with([&](auto& writers) -> Writer& {
    auto& kept = writers[number];
    if (!kept) kept = std::make_unique<Writer>();
    kept->number = number;
    return *kept;
  });
}

Op AccountWorkload::chooseAppend(Writer& writer) {
  Op op;
  op.box = writer.inbox;
  if (!writer.state.boxes.empty() && writer.random() % 2 == 0)
    op.box =
        std::next(writer.state.boxes.begin(), static_cast<long>(writer.random() % writer.state.boxes.size()))
            ->first;
  op.flags = static_cast<store::SystemFlags>(writer.random() & store::kAllFlags);
  for (std::size_t i = 0; i <= writer.random() % 3; ++i)
    op.ids.push_back(kFirstId + writer.number * kIdsOfWriter + writer.random() % kIdsOfWriter);
  return op;
}

// Makes, renames or removes a mailbox.
Op AccountWorkload::chooseBoxes(Writer& writer) {
  const auto& boxes = writer.state.boxes;
  const auto there = [&](const std::string& name, bool withBelow) {
    return std::any_of(boxes.begin(), boxes.end(), [&](const auto& entry) {
      return entry.second.name == name || (withBelow && entry.second.name == name + "/below");
    });
  };
  const std::string name = prefixOf(writer.number) + static_cast<char>('a' + writer.random() % 4);
  const std::string made = writer.random() % 3 == 0 ? name + "/below" : name;
  Op op;
  if (!there(made, false) && (boxes.size() < 3 || writer.random() % 2 == 0)) {
    op.kind = Kind::Create;
    op.name = made;
    return op;
  }
  if (boxes.empty()) return chooseAppend(writer);
  const auto& [number, box] = *std::next(boxes.begin(), static_cast<long>(writer.random() % boxes.size()));
  op.box = number;
  op.name = box.name;
  op.kind = Kind::Remove;
  if (writer.random() % 2 == 0 && !there(name, true) && name != box.name.substr(0, name.size())) {
    op.kind = Kind::Rename;
    op.to = name;
  }
  return op;
}

// Some of the messages of one mailbox.
Op AccountWorkload::chooseExisting(Writer& writer) {
  Op op;
  const auto& messages = writer.state.messages;
  op.box = std::next(messages.begin(), static_cast<long>(writer.random() % messages.size()))->first.first;
  const bool many = messages.size() > kManyMessages || writer.refused;
  for (const auto& [place, message] : messages)
    if (place.first == op.box && (op.uids.empty() || writer.random() % (many ? 2 : 4) == 0))
      op.uids.push_back(place.second);
  op.flags = static_cast<store::SystemFlags>(writer.random() & store::kAllFlags);
  op.target = writer.inbox;
  if (op.box == writer.inbox && !writer.state.boxes.empty()) op.target = writer.state.boxes.rbegin()->first;
  static constexpr Kind kKinds[] = {Kind::SetFlags, Kind::AddFlags, Kind::ClearFlags, Kind::AddFlags,
                                    Kind::Expunge,  Kind::Copy,     Kind::Move,       Kind::Move};
  op.kind = many ? Kind::Expunge : kKinds[writer.random() % std::size(kKinds)];
  return op;
}

Op AccountWorkload::choose(Writer& writer) {
  const bool full = writer.state.messages.size() > kManyMessages || writer.refused;
  if (full && !writer.state.messages.empty()) return chooseExisting(writer);
  const auto dice = writer.random() % 10;
  if (dice < 2) return chooseBoxes(writer);
  return dice < 6 || writer.state.messages.empty() ? chooseAppend(writer) : chooseExisting(writer);
}

Result<Ack> AccountWorkload::step(store::Engine& engine, std::uint64_t number) {
  Writer& writer = writerOf(number);
  PH_TRY(const auto account, openAccount(engine, accountOf(number), store::Engine::Create::Yes));
  Line line;
  if (writer.sequence == 0) {
    PH_CHECK(AccountHandle(account).finishRemovals());
    PH_TRY(const auto inbox, account.mailbox("INBOX"));
    writer.inbox = inbox.number();
    PH_TRY(auto sight, look(account, &number));
    line.found = writer.state = std::move(sight.states[number]);
  } else {
    auto outcome = perform(account, writer.state, writer.next);
    writer.refused = !outcome.ok() && outcome.error().code == Errc::OverQuota;
    if (writer.refused) outcome = Outcome{true, {}, {}, 0};
    PH_CHECK(outcome);
    if (!apply(writer.state, writer.next, *outcome)) return impossible("an impossible outcome");
    line.outcome = std::move(*outcome);
    if (writer.random() % 31 == 0) PH_CHECK(account.domain().maintain(100'000));
  }
  writer.next = line.next = choose(writer);
  PH_TRY(const auto modseq, account.modseq());
  Ack ack{number, ++writer.sequence, 0, modseq, encodeLine(line)};
  if (ack.detail.size() > kMaxDetail) return impossible("an ack that is too long");
  return ack;
}

}  // namespace posthorn::crash
