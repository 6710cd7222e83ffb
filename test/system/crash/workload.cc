// SPDX-License-Identifier: Apache-2.0
#include "test/system/crash/workload.h"

#include <map>
#include <sstream>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/store/engine/crc.h"

namespace posthorn::crash {

using store::Batch;
using store::BlobRef;
using store::Domain;
using store::Snapshot;

// Rows: "clock", "uidnext", "exists", "w<writer>" = its last sequence, "s<writer>.<sequence>" = uid made by
// it, "m<uid>" = MessageRow, "f<uid>" = flags, "t<uid>" = expunged. Each step changes at least four of them
// together.
namespace {

struct MessageRow {
  BlobRef blob;
  std::uint64_t writer = 0;
  std::uint64_t sequence = 0;
};

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9E3779B97F4A7C15ULL + b * 0xBF58476D1CE4E5B9ULL + 1;
  x ^= x >> 31;
  x *= 0x94D049BB133111EBULL;
  return x ^ (x >> 29);
}

std::string bodyOf(std::uint64_t writer, std::uint64_t sequence) {
  const std::uint64_t seed = mix(writer, sequence);
  std::size_t size = seed % 3000;
  if (seed % 7 == 0) size = seed % 90'000;
  if (seed % 23 == 0) size = 262'144 + seed % 100'000;
  std::string out(size, ' ');
  std::uint64_t state = seed;
  for (auto& c : out) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    c = static_cast<char>('!' + (state >> 40) % 90);
  }
  return out;
}

std::uint64_t numberAt(Snapshot& rows, const std::string& key) {
  const auto value = rows.get(key);
  return value.ok() ? ascii::number(*value).value_or(0) : 0;
}

Status bump(Batch& batch, const std::string& key, std::int64_t by = 1) {
  const auto now = static_cast<std::int64_t>(numberAt(batch, key));
  return batch.put(key, std::to_string(now + by));
}

std::string uidKey(char kind, std::uint64_t uid) {
  return fmt::format("{}{:012}", kind, uid);
}

Status addMessage(Batch& batch, std::uint64_t writer, std::uint64_t sequence, store::BlobWriter& body,
                  Ack& ack) {
  MessageRow row;
  PH_TRY(row.blob, batch.attach(body));
  row.writer = writer;
  row.sequence = sequence;
  ack.uid = numberAt(batch, "uidnext") + 1;
  PH_CHECK(batch.put(uidKey('m', ack.uid), View(reinterpret_cast<const char*>(&row), sizeof row)));
  PH_CHECK(bump(batch, "uidnext"));
  return bump(batch, "exists");
}

Status expungeSome(Batch& batch, std::uint64_t seed) {
  std::vector<std::pair<std::string, BlobRef>> victims;
  PH_CHECK(batch.scan("m", "n", [&](View key, View value) {
    MessageRow row;
    std::memcpy(&row, value.data(), sizeof row);
    if (mix(seed, row.sequence) % 2 == 0) victims.emplace_back(key, row.blob);
    return victims.size() < 40;
  }));
  for (const auto& [key, blob] : victims) {
    PH_CHECK(batch.erase(key));
    PH_CHECK(batch.eraseRange("f" + key.substr(1), "f" + key.substr(1) + "\x01"));
    PH_CHECK(batch.put("t" + key.substr(1), ""));
    PH_CHECK(batch.release(blob));
    PH_CHECK(bump(batch, "exists", -1));
  }
  return {};
}

Status flagOne(Batch& batch, std::uint64_t seed) {
  std::string chosen;
  PH_CHECK(batch.scan(uidKey('m', seed % (numberAt(batch, "uidnext") + 1)), "n", [&](View key, View) {
    chosen = key;
    return false;
  }));
  return chosen.empty() ? Status() : batch.put("f" + chosen.substr(1), fmt::format("{:016x}", seed));
}

}  // namespace

std::string encodeAck(const Ack& ack) {
  return fmt::format("{} {} {} {} {}\n", ack.writer, ack.sequence, ack.uid, ack.clock, ack.detail);
}

std::vector<Ack> decodeAcks(std::string_view lines) {
  std::vector<Ack> acks;
  for (const auto line : ascii::split(lines, '\n')) {
    const auto words = ascii::words(line);
    if (words.size() < 4) continue;
    Ack ack{*ascii::number(words[0]),
            *ascii::number(words[1]),
            *ascii::number(words[2]),
            *ascii::number(words[3]),
            {}};
    if (words.size() > 4) ack.detail = line.substr(static_cast<std::size_t>(words[4].data() - line.data()));
    acks.push_back(std::move(ack));
  }
  return acks;
}

std::string EngineWorkload::accountOf(std::uint64_t writer) const {
  return "account" + std::to_string(writer % accounts_);
}

Result<Ack> EngineWorkload::step(store::Engine& engine, std::uint64_t writer) {
  PH_TRY(const auto domain, engine.open(accountOf(writer), store::Engine::Create::Yes));
  const std::string mine = "w" + std::to_string(writer);
  std::uint64_t sequence = 0;
  {
    PH_TRY(const auto snapshot, domain->snapshot());
    sequence = numberAt(*snapshot, mine) + 1;
  }
  const std::uint64_t seed = mix(sequence, writer);
  const std::string body = bodyOf(writer, sequence);
  PH_TRY(const auto staged, domain->blob(body.size()));
  PH_CHECK(staged->write(body));
  PH_CHECK(staged->seal());
  Ack ack{writer, sequence, 0, 0, {}};
  const auto work = [&](Batch& batch) -> Status {
    ack.uid = 0;
    if (seed % 4 != 3) PH_CHECK(addMessage(batch, writer, sequence, *staged, ack));
    if (seed % 4 == 2) PH_CHECK(flagOne(batch, seed));
    if (seed % 16 == 3) PH_CHECK(expungeSome(batch, seed));
    PH_CHECK(batch.put(mine, std::to_string(sequence)));
    PH_CHECK(batch.put(fmt::format("s{}.{:012}", writer, sequence), std::to_string(ack.uid)));
    PH_CHECK(bump(batch, "clock"));
    ack.clock = numberAt(batch, "clock");
    return {};
  };
  PH_CHECK(domain->commit(store::Sync::Durable, work));
  if (seed % 31 == 0) PH_CHECK(domain->maintain(100'000));
  return ack;
}

namespace {

Error broken(std::string what) {
  return makeError(Errc::Corrupt, "BROKEN: " + std::move(what));
}

struct Seen {
  std::map<std::string, std::string> rows;
  std::uint64_t version = 0;
};

Result<Seen> readAll(Domain& domain) {
  Seen seen;
  PH_TRY(const auto snapshot, domain.snapshot());
  seen.version = snapshot->version();
  PH_CHECK(snapshot->scan("", "", [&](View key, View value) {
    seen.rows.emplace(key, value);
    return true;
  }));
  return seen;
}

std::uint64_t number(const Seen& seen, const std::string& key) {
  const auto found = seen.rows.find(key);
  return found == seen.rows.end() ? 0 : ascii::number(found->second).value_or(0);
}

Status checkMessage(Domain& domain, const std::string& key, const std::string& value) {
  MessageRow row;
  if (value.size() != sizeof row) return broken("row " + key);
  std::memcpy(&row, value.data(), sizeof row);
  const auto verified = domain.verify(row.blob);
  if (!verified.ok()) return broken("blob of " + key + ": " + verified.error().describe());
  const std::string body = bodyOf(row.writer, row.sequence);
  if (row.blob.length != body.size() || row.blob.crc != store::crc32Of(body))
    return broken("content of " + key);
  PH_TRY(const auto slice, domain.read(row.blob, 0, row.blob.length));
  std::string read(body.size(), '\0');
  PH_TRY(const std::size_t got, slice.read(0, read.data(), read.size()));
  if (got != body.size() || read != body) return broken("bytes of " + key);
  return {};
}

// Nothing half-written: the counters that change together agree, and every UID was used exactly once.
Status checkInvariants(Domain& domain, const Seen& seen) {
  std::uint64_t messages = 0;
  std::uint64_t steps = 0;
  std::uint64_t made = 0;
  for (const auto& [key, value] : seen.rows) {
    if (key[0] == 'm') {
      ++messages;
      PH_CHECK(checkMessage(domain, key, value));
      if (seen.rows.count("t" + key.substr(1)) != 0) return broken(key + " is there and expunged");
    }
    if (key[0] == 'f' && seen.rows.count("m" + key.substr(1)) == 0) return broken(key + " has no message");
    if (key[0] == 's' && value != "0") ++made;
    if (key[0] == 'w') steps += ascii::number(value).value_or(0);
  }
  if (messages != number(seen, "exists")) return broken("exists");
  if (made != number(seen, "uidnext")) return broken("uidnext");
  if (steps != number(seen, "clock")) return broken("clock");
  for (std::uint64_t uid = 1; uid <= made; ++uid)
    if (seen.rows.count(uidKey('m', uid)) + seen.rows.count(uidKey('t', uid)) != 1)
      return broken("uid " + std::to_string(uid));
  return {};
}

Status checkAcks(const Seen& seen, const std::vector<Ack>& acks) {
  for (const Ack& ack : acks) {
    const auto row = seen.rows.find(fmt::format("s{}.{:012}", ack.writer, ack.sequence));
    if (row == seen.rows.end() || row->second != std::to_string(ack.uid))
      return broken(fmt::format("acknowledged step {} of writer {} is lost", ack.sequence, ack.writer));
    if (number(seen, "clock") < ack.clock) return broken("the clock went back");
    if (number(seen, "uidnext") < ack.uid) return broken("uidnext went back");
  }
  return {};
}

}  // namespace

Status EngineWorkload::checkAccount(store::Engine& engine, const std::string& account,
                                    const std::vector<Ack>& acks) {
  Seen view;
  store::DomainInfo info;
  {
    auto domain = engine.open(account, store::Engine::Create::No);
    if (!domain.ok()) {
      if (domain.error().code == Errc::NotFound && acks.empty()) return {};
      return broken(account + " does not open: " + domain.error().describe());
    }
    PH_TRY(view, readAll(**domain));
    PH_CHECK(checkInvariants(**domain, view));
    PH_CHECK(checkAcks(view, acks));
    PH_TRY(info, (*domain)->info());
  }
  PH_TRY(const auto report, engine.rebuild(account));
  if (!report.damage.empty()) return broken("rebuild reports damage: " + report.damage.front());
  PH_TRY(const auto domain, engine.open(account, store::Engine::Create::No));
  PH_TRY(const Seen rebuilt, readAll(*domain));
  if (rebuilt.rows != view.rows || rebuilt.version != view.version)
    return broken("the log shows another state");
  PH_TRY(const auto after, domain->info());
  if (after.bytesLive != info.bytesLive || after.bytesDead != info.bytesDead ||
      after.bytesLog != info.bytesLog)
    return broken("the log shows other sizes");
  return checkInvariants(*domain, rebuilt);
}

Status EngineWorkload::check(store::Engine& engine, const std::vector<Ack>& acks) {
  for (std::uint64_t i = 0; i < accounts_; ++i) {
    std::vector<Ack> mine;
    for (const Ack& ack : acks)
      if (ack.writer % accounts_ == i) mine.push_back(ack);
    PH_CHECK(checkAccount(engine, accountOf(i), mine));
  }
  return {};
}

}  // namespace posthorn::crash
