// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// Objects of one type that a user keeps in one METADATA entry at the back end, with a short history, so that
/// /changes is exact. Bounded: what does not fit is refused or falls off the end. Of two writers at the same
/// moment the second one is told (save) and does its work again on what the first one has written. Only at a
/// back end that is not ours (Abilities::atomicMetadata) may one change be lost then, and a state that was
/// lost with it is one that nobody can calculate from.
class KeptObjects {
 public:
  struct Bounds {
    std::size_t octets = 48'000;  ///< of the entry: IMAP's literal takes 64 KiB
    std::size_t objects = 100;
    std::size_t history = 100;  ///< changes that are remembered
    bool dropOldest = false;    ///< else what does not fit is refused
  };
  using Object = std::pair<std::string, Json>;  // id and the rest

  /// Job thread; blocks on the back end. One that has no METADATA keeps nothing: empty, and save() is
  /// Unsupported.
  static Result<KeptObjects> read(backend::MailHost& host, std::string entry, const Bounds& bounds);

  [[nodiscard]] const std::string& state() const { return state_; }
  /// In the order in which they came.
  [[nodiscard]] const std::vector<Object>& objects() const { return objects_; }
  [[nodiscard]] const Json* find(const std::string& id) const;

  /// Adds, or takes the place of the one with this id. False, and nothing has happened, when there is no
  /// room. `existing`: clients know the object although it was not kept.
  bool put(const std::string& id, Json object, bool existing = false);
  /// False: it is not there.
  bool remove(const std::string& id);
  /// Writes what has changed, if anything has. Conflict: somebody else has written since read(), and nothing
  /// is written: read again and do it again, kMostAttempts times at most.
  Status save(backend::MailHost& host);
  /// One of several writers always gets through; this many times nobody loses.
  static constexpr unsigned kMostAttempts = 64;

  struct Changes {
    std::string newState;
    bool more = false;
    std::vector<std::string> created;
    std::vector<std::string> updated;
    std::vector<std::string> destroyed;
  };
  /// `most` 0: no bound. Nothing: cannotCalculateChanges.
  [[nodiscard]] std::optional<Changes> since(const std::string& state, std::uint32_t most) const;

 private:
  struct Event {
    std::string before;  // the state that this change was made in
    char what;           // c, u, d
    std::string id;
  };

  KeptObjects(std::string entry, const Bounds& bounds, bool writable)
      : entry_(std::move(entry)), bounds_(bounds), writable_(writable) {}
  void parse(const std::string& text);
  [[nodiscard]] Json print() const;
  [[nodiscard]] bool tooMuch() const;
  void note(char what, const std::string& id);

  std::string entry_;
  Bounds bounds_;
  bool writable_;
  bool changed_ = false;
  std::optional<std::string> text_ = {};  // of the entry, as it was read
  std::string state_ = "0";
  std::vector<Object> objects_;
  std::vector<Event> history_;
};

/// The answer of a /changes method that is made of these.
Answer keptChanges(const std::string& accountId, const Json& args, const KeptObjects& kept,
                   const std::string& stateSuffix = {});

}  // namespace posthorn::mshttpd::jmap
