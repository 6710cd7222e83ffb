// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "common/config/snapshot.h"
#include "common/config/value.h"

namespace posthorn::config {

namespace {

using nlohmann::json;

// {"format":1,"service":0,"values":{"pop.port":["110",false],..},"groups":{"tls":{"main":{"tls:*.cert":["..",true]}}}}
// A value is its canonical spelling (a list: an array of its items), so that it is read back by the one
// parser that the file and the command line have, limits included.
constexpr int kFormat = 1;
constexpr std::size_t kMaxBytes = 16U << 20U;

bool receives(const Option& row, Service service) {
  return (row.to & only(service)) != 0;
}

json toJson(const Option& row, const Snapshot::Cell& cell) {
  if (row.type == Type::List)
    return json::array({std::get<std::vector<std::string>>(cell.value), cell.isSet});
  return json::array({spell(row, cell.value), cell.isSet});
}

Result<Snapshot::Cell> toCell(const Option& row, const json& pair) {
  const json& value = pair.at(0);
  auto parsed = value.is_array() ? parseValue(row, value.get<std::vector<std::string>>())
                                 : parseValue(row, value.get<std::string>());
  if (!parsed.ok()) return makeError(parsed.error().code, std::string(row.name) + ": " + parsed.error().text);
  return Snapshot::Cell{std::move(parsed).value(), pair.at(1).get<bool>()};
}

Status readGroups(const json& kinds, Service service, Snapshot& into) {
  for (const auto& [kind, members] : kinds.items()) {
    for (const auto& [name, values] : members.items()) {
      for (const auto& [option, pair] : values.items()) {
        const std::size_t row = findRow(option);
        if (row == kNoRow || !kOptions[row].grouped() || !receives(kOptions[row], service)) continue;
        PH_TRY(Snapshot::Cell cell, toCell(kOptions[row], pair));
        into.putInGroup(row, name, std::move(cell));
      }
    }
  }
  return {};
}

Result<std::shared_ptr<const Snapshot>> fromJson(const json& root) {
  if (root.at("format").get<int>() != kFormat)
    return makeError(Errc::Invalid, "configuration of an unknown format");
  const auto number = root.at("service").get<std::size_t>();
  if (number >= kServices) return makeError(Errc::Invalid, "configuration of an unknown service");
  const auto service = static_cast<Service>(number);
  auto snapshot = std::make_shared<Snapshot>(service);
  for (const auto& [name, pair] : root.at("values").items()) {
    const std::size_t row = findRow(name);
    if (row == kNoRow || kOptions[row].grouped() || !receives(kOptions[row], service)) continue;
    PH_TRY(Snapshot::Cell cell, toCell(kOptions[row], pair));
    snapshot->put(row, std::move(cell));
  }
  PH_CHECK(readGroups(root.at("groups"), service, *snapshot));
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace

Snapshot::Snapshot(Service service) : Snapshot() {
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    if (!receives(kOptions[row], service)) cells_[row].reset();
  }
}

std::string Snapshot::serialize(Service service) const {
  json root = {{"format", kFormat}, {"service", static_cast<std::size_t>(service)}};
  json& values = root["values"] = json::object();
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    if (cells_[row] && receives(kOptions[row], service)) {
      values[std::string(kOptions[row].name)] = toJson(kOptions[row], *cells_[row]);
    }
  }
  json& groups = root["groups"] = json::object();
  for (const auto& [kind, members] : groups_) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells) {
        if (!receives(kOptions[row], service)) continue;
        groups[kind][name][std::string(kOptions[row].name)] = toJson(kOptions[row], cell);
      }
    }
  }
  return root.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::shared_ptr<const Snapshot>> Snapshot::deserialize(std::string_view bytes) {
  if (bytes.size() > kMaxBytes) return makeError(Errc::Invalid, "configuration of more than 16 MiB");
  try {
    return fromJson(json::parse(bytes));
  } catch (const json::exception& e) {
    // Not e.what() whole: it quotes the input, which holds passwords.
    return makeError(Errc::Invalid, "configuration that is not ours, json error " + std::to_string(e.id));
  }
}

}  // namespace posthorn::config
