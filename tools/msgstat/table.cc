// SPDX-License-Identifier: Apache-2.0
#include "tools/msgstat/table.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "common/base/ascii.h"

namespace posthorn::msgstat {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

std::string cell(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return "-";
  if (found->is_boolean()) return found->get<bool>() ? "yes" : "no";
  if (found->is_string()) return ascii::printable(found->get<std::string>(), 60);
  return found->dump();
}

/// A text that stands in no column.
std::string line(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? ascii::printable(found->get<std::string>()) : "-";
}

std::string duration(const json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_number()) return "-";
  const auto seconds = static_cast<long long>(found->get<double>());
  if (seconds >= 86400) return fmt::format("{}d {:02}h", seconds / 86400, seconds / 3600 % 24);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

const json& list(const json& object, const char* member) {
  static const json kNone = json::array();
  const auto found = object.find(member);
  return found != object.end() && found->is_array() ? *found : kNone;
}

std::string counter(const json& worker, const char* name) {
  const auto found = worker.find("counters");
  return found != worker.end() && found->is_object() ? cell(*found, name) : "-";
}

std::string ports(const json& service) {
  Row words;
  for (const json& listener : list(service, "listeners")) {
    const std::string address = listener.value("address", "");
    std::string word = address.starts_with('/')
                           ? ascii::printable(address.substr(address.rfind('/') + 1))
                           : cell(listener, "port") + (listener.value("tls", false) ? "/tls" : "");
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
  }
  return words.empty() ? "-" : fmt::format("{}", fmt::join(words, " "));
}

std::string laidOut(const std::vector<Row>& rows) {
  std::vector<std::size_t> width(rows.front().size());
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], width[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string services(const json& status) {
  std::vector<Row> rows = {{"SERVICE", "ENABLED", "STARTED", "GENERATION", "WORKERS", "DEATHS", "PORTS"}};
  for (const json& service : list(status, "services"))
    rows.push_back({cell(service, "name"), cell(service, "enabled"), cell(service, "started"),
                    cell(service, "generation"), std::to_string(list(service, "workers").size()),
                    cell(service, "deaths"), ports(service)});
  return laidOut(rows);
}

std::string workers(const json& status) {
  std::vector<Row> rows = {{"SERVICE", "PID", "GEN", "STATE", "SESSIONS", "NOT-LOGGED-IN", "THREADS", "BUSY",
                            "ACCEPTED", "REJECTED", "UPTIME", "RESTARTS"}};
  for (const json& service : list(status, "services"))
    for (const json& worker : list(service, "workers"))
      rows.push_back({cell(service, "name"), cell(worker, "pid"), cell(worker, "generation"),
                      cell(worker, "state") + (worker.value("throttled", false) ? " (throttled)" : ""),
                      cell(worker, "sessions"), cell(worker, "unauthenticated"),
                      cell(worker, "threads_total"), cell(worker, "threads_busy"),
                      counter(worker, "accepted"), counter(worker, "rejected"), duration(worker, "uptime"),
                      cell(worker, "restarts")});
  return rows.size() == 1 ? "no workers\n" : laidOut(rows);
}

std::string remarks(const json& status) {
  std::string out;
  for (const json& service : list(status, "services"))
    if (service.contains("failure"))
      out += fmt::format("{}: {}\n", cell(service, "name"), ascii::printable(service["failure"].dump(), 400));
  for (const json& service : list(status, "services"))
    if (service.contains("no_idle"))
      out += fmt::format("{}: IDLE is not announced: {}\n", cell(service, "name"), line(service, "no_idle"));
  for (const json& entry : list(status, "quarantine"))
    out += fmt::format("quarantine: {} was at work in {} crashes and is refused (refresh lets it in again)\n",
                       cell(entry, "account"), cell(entry, "crashes"));
  for (const json& warning : list(status, "warnings"))
    if (warning.is_string()) out += "warning: " + ascii::printable(warning.get<std::string>(), 400) + "\n";
  return out;
}

const json* eventService(const json& status) {
  for (const json& service : list(status, "services"))
    if (service.value("name", "") == "ens") return &service;
  return nullptr;
}

std::uint64_t countOf(const json& service, const char* name) {
  const auto found = service.find("counters");
  return found != service.end() && found->is_object() ? found->value(name, std::uint64_t{0}) : 0;
}

/// Of the running workers together.
std::uint64_t gaugeOf(const json& service, const char* name) {
  std::uint64_t sum = 0;
  for (const json& worker : list(service, "workers")) sum += worker.value(name, std::uint64_t{0});
  return sum;
}

}  // namespace

std::string eventTable(const json& before, const json& after) {
  const json* const then = eventService(before);
  const json* const now = eventService(after);
  if (then == nullptr || now == nullptr || !now->value("started", false))
    return "the event service is not started\n";
  std::string out = fmt::format("{} connections, {} subscriptions, ports {}\n\n", gaugeOf(*now, "sessions"),
                                gaugeOf(*now, "subscriptions"), ports(*now));
  std::vector<Row> rows = {{"EVENTS", "ALL", "LAST-SECOND"}};
  for (const auto& [title, name] : {std::pair{"published", "events_in"}, std::pair{"delivered", "events_out"},
                                    std::pair{"lost", "events_lost"}}) {
    const std::uint64_t all = countOf(*now, name);
    // A worker that died meanwhile may have taken some counts with it.
    rows.push_back({title, std::to_string(all), std::to_string(all - std::min(all, countOf(*then, name)))});
  }
  return out + laidOut(rows);
}

std::string table(const json& status) {
  std::string out = fmt::format("master {} (pid {}) up {}, {}\n\n", cell(status, "version"),
                                cell(status, "pid"), duration(status, "uptime"), cell(status, "config"));
  out += services(status) + "\n" + workers(status);
  const std::string more = remarks(status);
  return more.empty() ? out : out + "\n" + more;
}

}  // namespace posthorn::msgstat
