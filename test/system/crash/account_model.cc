// SPDX-License-Identifier: Apache-2.0
#include "test/system/crash/account_model.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace posthorn::crash {

using store::MailboxNo;
using store::Uid;

namespace {

template <typename T>
void putAll(std::ostream& out, const std::vector<T>& values) {
  out << ' ' << values.size();
  for (const auto value : values) out << ' ' << value;
}

template <typename T>
void getAll(std::istream& in, std::vector<T>& values) {
  std::size_t count = 0;
  in >> count;
  if (in) values.resize(std::min<std::size_t>(count, 1000));
  for (auto& value : values) in >> value;
}

void putText(std::ostream& out, const std::string& text) {
  out << ' ' << (text.empty() ? "." : text);
}

void getText(std::istream& in, std::string& text) {
  in >> text;
  if (text == ".") text.clear();
}

void putBoxes(std::ostream& out, const std::map<MailboxNo, OwnBox>& boxes) {
  out << ' ' << boxes.size();
  for (const auto& [number, box] : boxes) out << ' ' << number << ' ' << box.name << ' ' << box.uidValidity;
}

void getBoxes(std::istream& in, std::map<MailboxNo, OwnBox>& boxes) {
  std::size_t count = 0;
  in >> count;
  for (std::size_t i = 0; in && i < count; ++i) {
    MailboxNo number = 0;
    OwnBox box;
    in >> number >> box.name >> box.uidValidity;
    boxes.emplace(number, std::move(box));
  }
}

void putState(std::ostream& out, const State& state) {
  putBoxes(out, state.boxes);
  out << ' ' << state.messages.size();
  for (const auto& [place, message] : state.messages)
    out << ' ' << place.first << ' ' << place.second << ' ' << message.id << ' ' << message.flags;
}

State getState(std::istream& in) {
  State state;
  getBoxes(in, state.boxes);
  std::size_t count = 0;
  in >> count;
  for (std::size_t i = 0; in && i < count; ++i) {
    Place place;
    OwnMessage message;
    in >> place.first >> place.second >> message.id >> message.flags;
    state.messages.emplace(place, message);
  }
  return state;
}

bool below(const std::string& name, const std::string& parent) {
  return name.size() > parent.size() && name.compare(0, parent.size(), parent) == 0 &&
         name[parent.size()] == '/';
}

bool hasName(const State& state, const std::string& name) {
  return std::any_of(state.boxes.begin(), state.boxes.end(),
                     [&](const auto& entry) { return entry.second.name == name; });
}

bool applyAppend(State& state, const Op& op, const Outcome& outcome) {
  if (outcome.uids.size() != op.ids.size()) return false;
  for (std::size_t i = 0; i < op.ids.size(); ++i)
    if (!state.messages.emplace(Place{op.box, outcome.uids[i]}, OwnMessage{op.ids[i], op.flags}).second)
      return false;
  return true;
}

bool applyTransfer(State& state, const Op& op, const Outcome& outcome) {
  if (outcome.uids.size() != op.uids.size()) return false;
  for (std::size_t i = 0; i < op.uids.size(); ++i) {
    const auto source = state.messages.find({op.box, op.uids[i]});
    if (source == state.messages.end()) return false;
    if (!state.messages.emplace(Place{op.target, outcome.uids[i]}, source->second).second) return false;
    if (op.kind == Op::Kind::Move) state.messages.erase(source);
  }
  return true;
}

bool applyFlags(State& state, const Op& op) {
  for (const Uid uid : op.uids) {
    const auto found = state.messages.find({op.box, uid});
    if (found == state.messages.end()) return false;
    auto& flags = found->second.flags;
    if (op.kind == Op::Kind::SetFlags) flags = op.flags;
    if (op.kind == Op::Kind::AddFlags) flags = static_cast<store::SystemFlags>(flags | op.flags);
    if (op.kind == Op::Kind::ClearFlags) flags = static_cast<store::SystemFlags>(flags & ~op.flags);
  }
  return true;
}

// "a/b" brings "a" along when it is missing, and nothing else.
bool applyCreate(State& state, const Op& op, const Outcome& outcome) {
  std::vector<std::string> wanted;
  const auto slash = op.name.find('/');
  if (slash != std::string::npos && !hasName(state, op.name.substr(0, slash)))
    wanted.push_back(op.name.substr(0, slash));
  wanted.push_back(op.name);
  if (outcome.boxes.size() != wanted.size()) return false;
  std::size_t i = 0;
  for (const auto& [number, box] : outcome.boxes)
    if (box.name != wanted[i++] || !state.boxes.emplace(number, box).second) return false;
  return true;
}

bool applyRename(State& state, const Op& op) {
  for (auto& [number, box] : state.boxes)
    if (box.name == op.name || below(box.name, op.name)) box.name = op.to + box.name.substr(op.name.size());
  return true;
}

bool applyRemove(State& state, const Op& op) {
  std::erase_if(state.messages, [&](const auto& entry) { return entry.first.first == op.box; });
  return state.boxes.erase(op.box) == 1;
}

// The outcome that nobody was told, read off what is there.
Outcome guess(const State& before, const Op& op, const State& found) {
  Outcome outcome;
  for (const auto& [place, message] : found.messages)
    if (place.first == op.grows() && before.messages.count(place) == 0) outcome.uids.push_back(place.second);
  for (const auto& [number, box] : found.boxes)
    if (before.boxes.count(number) == 0) outcome.boxes.emplace(number, box);
  return outcome;
}

std::string difference(const State& expected, const State& found) {
  std::ostringstream out;
  for (const auto& [place, message] : expected.messages) {
    const auto there = found.messages.find(place);
    if (there == found.messages.end())
      out << "; message " << message.id << " at " << place.first << "/" << place.second << " is not there";
    else if (!(there->second == message))
      out << "; message at " << place.first << "/" << place.second << " has flags " << there->second.flags
          << " for " << message.flags << " or another text";
  }
  for (const auto& [place, message] : found.messages)
    if (expected.messages.count(place) == 0)
      out << "; message " << message.id << " at " << place.first << "/" << place.second << " should not be";
  if (found.boxes != expected.boxes) out << "; the mailboxes differ";
  return out.str().substr(0, 600);
}

}  // namespace

MailboxNo Op::grows() const {
  if (kind == Kind::Append) return box;
  return kind == Kind::Copy || kind == Kind::Move ? target : 0;
}

std::string encodeLine(const Line& line) {
  std::ostringstream out;
  out << (line.found ? "found" : "done");
  if (line.found) {
    putState(out, *line.found);
  } else {
    out << ' ' << line.outcome.refused << ' ' << line.outcome.modseq;
    putAll(out, line.outcome.uids);
    putBoxes(out, line.outcome.boxes);
  }
  const Op& op = line.next;
  out << " next " << static_cast<int>(op.kind) << ' ' << op.box << ' ' << op.target << ' ' << op.flags;
  putAll(out, op.uids);
  putAll(out, op.ids);
  putText(out, op.name);
  putText(out, op.to);
  out << " end";
  return out.str();
}

Result<Line> decodeLine(const std::string& text) {
  std::istringstream in(text);
  Line line;
  std::string word;
  in >> word;
  if (word == "found") {
    line.found = getState(in);
  } else {
    in >> line.outcome.refused >> line.outcome.modseq;
    getAll(in, line.outcome.uids);
    getBoxes(in, line.outcome.boxes);
  }
  int kind = 0;
  Op& op = line.next;
  in >> word >> kind >> op.box >> op.target >> op.flags;
  op.kind = static_cast<Op::Kind>(kind);
  getAll(in, op.uids);
  getAll(in, op.ids);
  getText(in, op.name);
  getText(in, op.to);
  in >> word;
  if (!in || word != "end") return makeError(Errc::Internal, "crash_account: an ack cannot be read: " + text);
  return line;
}

bool apply(State& state, const Op& op, const Outcome& outcome) {
  if (outcome.refused) return op.kind == Op::Kind::Append || op.kind == Op::Kind::Copy;
  switch (op.kind) {
    case Op::Kind::Append:
      return applyAppend(state, op, outcome);
    case Op::Kind::SetFlags:
    case Op::Kind::AddFlags:
    case Op::Kind::ClearFlags:
      return applyFlags(state, op);
    case Op::Kind::Expunge:
      for (const Uid uid : op.uids)
        if (state.messages.erase({op.box, uid}) != 1) return false;
      return true;
    case Op::Kind::Copy:
    case Op::Kind::Move:
      return applyTransfer(state, op, outcome);
    case Op::Kind::Create:
      return applyCreate(state, op, outcome);
    case Op::Kind::Rename:
      return applyRename(state, op);
    case Op::Kind::Remove:
      return applyRemove(state, op);
  }
  return false;
}

Status Story::explain(const State& found) const {
  if (found == state_) return {};
  State after = state_;
  const bool possible = pending_ && apply(after, *pending_, guess(state_, *pending_, found));
  if (possible && found == after) return {};
  return broken("what is there is not what was acknowledged" + difference(state_, found) +
                fmt::format("; unfinished operation: {}", pending_ ? static_cast<int>(pending_->kind) : -1));
}

Status Story::become(const State& next) {
  for (const auto& [number, box] : next.boxes) {
    if (state_.boxes.count(number) != 0) continue;
    if (number <= lastBox_) return broken("a mailbox number came back");
    if (box.uidValidity <= lastUidValidity_) return broken("UIDVALIDITY went back");
    lastBox_ = number;
    lastUidValidity_ = box.uidValidity;
  }
  state_ = next;
  return {};
}

Status Story::take(const Line& line) {
  State next = state_;
  if (line.found) {
    PH_CHECK(explain(*line.found));
    next = *line.found;
  } else if (!pending_ || !apply(next, *pending_, line.outcome)) {
    return broken("an operation had an impossible outcome");
  }
  PH_CHECK(become(next));
  pending_ = line.next;
  return {};
}

}  // namespace posthorn::crash
