// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/kept_objects.h"

#include <algorithm>
#include <map>

#include "common/base/ascii.h"
#include "common/base/ids.h"
#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {

Result<KeptObjects> KeptObjects::read(backend::MailHost& host, std::string entry, const Bounds& bounds) {
  const bool writable = host.abilities().metadata;
  KeptObjects out(std::move(entry), bounds, writable);
  if (!writable) return out;
  PH_TRY(out.text_, host.metadata(out.entry_));
  if (out.text_) out.parse(*out.text_);
  return out;
}

/// What cannot be read is as if it was not there: the user's client writes it anew.
void KeptObjects::parse(const std::string& text) {
  const Result<Json> root = parseJson(text);
  if (!root.ok() || !root->is_object()) return;
  const Json* state = member(*root, "state");
  const Json* objects = member(*root, "objects");
  const Json* history = member(*root, "history");
  if (state == nullptr || !state->is_string() || objects == nullptr || !objects->is_object()) return;
  state_ = state->get<std::string>();
  for (const auto& [id, object] : objects->items())
    if (object.is_object()) objects_.emplace_back(id, object);
  if (history == nullptr || !history->is_array()) return;
  for (const Json& one : *history) {
    const bool good = one.is_array() && one.size() == 3 && one[0].is_string() && one[1].is_string() &&
                      one[1].get_ref<const std::string&>().size() == 1 && one[2].is_string();
    if (!good) continue;
    history_.push_back(
        {one[0].get<std::string>(), one[1].get_ref<const std::string&>().front(), one[2].get<std::string>()});
  }
}

Json KeptObjects::print() const {
  Json objects = Json::object();
  for (const auto& [id, object] : objects_) objects[id] = object;
  Json history = Json::array();
  for (const Event& event : history_) history.push_back({event.before, std::string(1, event.what), event.id});
  return {
      {"version", 1}, {"state", state_}, {"objects", std::move(objects)}, {"history", std::move(history)}};
}

bool KeptObjects::tooMuch() const {
  return objects_.size() > bounds_.objects || printJson(print()).size() > bounds_.octets;
}

const Json* KeptObjects::find(const std::string& id) const {
  const auto found =
      std::find_if(objects_.begin(), objects_.end(), [&](const Object& one) { return one.first == id; });
  return found != objects_.end() ? &found->second : nullptr;
}

void KeptObjects::note(char what, const std::string& id) {
  history_.push_back({state_, what, id});
  if (history_.size() > bounds_.history) history_.erase(history_.begin());
  // A number for people, and what makes the states of two writers at the same moment differ.
  const std::uint64_t number = ascii::number(state_.substr(0, state_.find('-'))).value_or(0) + 1;
  state_ = std::to_string(number) + "-" + Id128::random().hex().substr(0, 8);
  changed_ = true;
}

bool KeptObjects::put(const std::string& id, Json object, bool existing) {
  const KeptObjects before = *this;
  const auto found =
      std::find_if(objects_.begin(), objects_.end(), [&](const Object& one) { return one.first == id; });
  const bool known = existing || found != objects_.end();
  if (found != objects_.end())
    found->second = std::move(object);
  else
    objects_.emplace_back(id, std::move(object));
  note(known ? 'u' : 'c', id);
  while (tooMuch() && bounds_.dropOldest && objects_.size() > 1) remove(std::string(objects_.front().first));
  if (!tooMuch()) return true;
  *this = before;
  return false;
}

bool KeptObjects::remove(const std::string& id) {
  const auto found =
      std::find_if(objects_.begin(), objects_.end(), [&](const Object& one) { return one.first == id; });
  if (found == objects_.end()) return false;
  objects_.erase(found);
  note('d', id);
  return true;
}

Status KeptObjects::save(backend::MailHost& host) {
  if (!changed_) return okStatus();
  if (!writable_) return makeError(Errc::Unsupported, "the back end has no METADATA");
  std::string text = printJson(print());
  Status done = host.swapMetadata(entry_, text_, text);
  if (!done.ok() && done.error().code == Errc::Conflict) {
    // It may have been written, and the answer lost: no other writer writes the same state.
    PH_TRY(const std::optional<std::string> now, host.metadata(entry_));
    if (now == text) done = okStatus();
  }
  PH_CHECK(done);
  text_ = std::move(text);
  changed_ = false;
  return okStatus();
}

std::optional<KeptObjects::Changes> KeptObjects::since(const std::string& state, std::uint32_t most) const {
  Changes out;
  out.newState = state_;
  if (state == state_) return out;
  auto event =
      std::find_if(history_.begin(), history_.end(), [&](const Event& one) { return one.before == state; });
  if (event == history_.end()) return std::nullopt;
  // What each object's first and last change were says what became of it.
  std::map<std::string, std::pair<char, char>> fates;
  std::vector<std::string> order;
  for (; event != history_.end(); ++event) {
    const auto known = fates.find(event->id);
    if (known != fates.end()) {
      known->second.second = event->what;
      continue;
    }
    if (most > 0 && order.size() == most) {
      out.newState = event->before;
      out.more = true;
      break;
    }
    fates.emplace(event->id, std::pair(event->what, event->what));
    order.push_back(event->id);
  }
  for (const std::string& id : order) {
    const auto& [first, last] = fates.at(id);
    if (first == 'c' && last == 'd') continue;
    (last == 'd' ? out.destroyed : first == 'c' ? out.created : out.updated).push_back(id);
  }
  return out;
}

Answer keptChanges(const std::string& accountId, const Json& args, const KeptObjects& kept,
                   const std::string& stateSuffix) {
  const Result<std::string> since = stateArgument(args, "sinceState");
  if (!since.ok()) return since.error();
  const Result<std::uint32_t> most = maxChangesArgument(args);
  if (!most.ok()) return most.error();
  const bool fits = since->size() >= stateSuffix.size() &&
                    since->compare(since->size() - stateSuffix.size(), std::string::npos, stateSuffix) == 0;
  const auto changes =
      fits ? kept.since(since->substr(0, since->size() - stateSuffix.size()), *most) : std::nullopt;
  if (!changes) return Failure{"cannotCalculateChanges", "That state is not remembered."};
  return Json{{"accountId", accountId},
              {"oldState", *since},
              {"newState", changes->newState + stateSuffix},
              {"hasMoreChanges", changes->more},
              {"created", changes->created},
              {"updated", changes->updated},
              {"destroyed", changes->destroyed}};
}

}  // namespace posthorn::mshttpd::jmap
