// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mshttpd/jmap/method.h"

// What all /set methods have in common (RFC 8620 5.3). Pure.

namespace posthorn::mshttpd::jmap {

struct SetArgs {
  std::optional<std::string> ifInState;
  std::vector<std::pair<std::string, Json>> create;  ///< creation id → object
  struct Update {
    std::string id;     ///< empty: the creation id is not known (yet)
    std::string named;  ///< as the client said
    Json patch;
  };
  std::vector<Update> update;
  std::vector<Update> destroy;  ///< each once; without a patch
};

/// Reads the arguments: a failure when one is of a wrong type, or when there are more objects than
/// maxObjectsInSet. Creation ids of earlier calls are ids already.
std::optional<Failure> readSetArgs(const Call& call, const Json& args, SetArgs& out);

/// What a /set answers, in parts.
class SetReply {
 public:
  void created(const std::string& creationId, Json object) { created_[creationId] = std::move(object); }
  void notCreated(const std::string& creationId, Json error) { notCreated_[creationId] = std::move(error); }
  void updated(const std::string& id, Json more = nullptr) { updated_[id] = std::move(more); }
  void notUpdated(const std::string& id, Json error) { notUpdated_[id] = std::move(error); }
  void destroyed(const std::string& id) { destroyed_.push_back(id); }
  void notDestroyed(const std::string& id, Json error) { notDestroyed_[id] = std::move(error); }

  [[nodiscard]] Json arguments(const std::string& accountId, const Json& oldState,
                               const Json& newState) const;

 private:
  Json created_ = Json::object();
  Json notCreated_ = Json::object();
  Json updated_ = Json::object();
  Json notUpdated_ = Json::object();
  Json destroyed_ = Json::array();
  Json notDestroyed_ = Json::object();
};

/// The states that a method tells which changes an account in several steps. A client that is at the old one
/// goes to the new one and asks for nothing in between: so when somebody else has changed the account between
/// two steps, the old one is that right after.
class StateSpan {
 public:
  void begin(std::string state) { old_ = now_ = std::move(state); }
  [[nodiscard]] bool begun() const { return !old_.empty(); }
  /// `before` empty: not known.
  void step(const std::string& before, const std::string& after) {
    if (!begun()) old_ = before;
    if (begun() && !before.empty() && before != now_) old_ = before;
    now_ = after;
  }
  [[nodiscard]] const std::string& old() const { return old_; }
  [[nodiscard]] const std::string& now() const { return now_; }

 private:
  std::string old_;
  std::string now_;
};

/// One member of a PatchObject: its pointer in parts, "~0" and "~1" undone. The value is the patch's.
struct Patch {
  std::vector<std::string> path;
  const Json* value = nullptr;
};
/// Nothing where it is no valid patch: invalidPatch. Whether the objects on the way exist is for the caller.
std::optional<std::vector<Patch>> readPatch(const Json& patch);

}  // namespace posthorn::mshttpd::jmap
