// SPDX-License-Identifier: Apache-2.0
#include "common/config/document.h"

#include <map>

#include "common/base/ascii.h"
#include "common/config/value.h"

namespace posthorn::config {

namespace {

Finding error(std::string option, std::string text, std::string hint, int line) {
  return Finding{Severity::Error, std::move(option), std::move(text), std::move(hint), line};
}

std::string shown(std::string_view name) {
  return ascii::printable(name, 100);
}

void walk(const yaml::Piece& map, const std::string& prefix, std::vector<Leaf>& leaves, Findings& findings) {
  std::map<std::string, int> seen;
  for (const auto& [key, value] : map.entries) {
    const std::string path = prefix.empty() ? key.text : prefix + "." + key.text;
    const auto [first, isNew] = seen.emplace(key.text, key.line);
    if (!isNew) {
      findings.push_back(
          error("", "the key " + shown(path) + " is already in line " + std::to_string(first->second),
                "join the two or remove one", key.line));
      continue;
    }
    if (value.kind == yaml::Kind::Map) {
      walk(value, path, leaves, findings);
    } else {
      leaves.push_back(Leaf{path, &value, &key, &map});
    }
  }
}

Finding unknown(const std::string& path, int line) {
  const std::string nearest = nearestName(path);
  return error("", "there is no option " + shown(path),
               nearest.empty() ? "`msconfig help` lists all options" : "did you mean " + nearest + "?", line);
}

}  // namespace

std::vector<Leaf> leavesOf(const yaml::Piece& root, Findings& findings) {
  std::vector<Leaf> leaves;
  if (root.kind == yaml::Kind::Null) return leaves;
  if (root.kind != yaml::Kind::Map) {
    findings.push_back(
        error("", "the file is not a list of options", "write lines like `pop.port: 110`", root.line));
    return leaves;
  }
  walk(root, "", leaves, findings);
  return leaves;
}

Result<Value> valueOf(const Option& row, const yaml::Piece& node) {
  if (node.kind == yaml::Kind::Scalar) return parseValue(row, node.text);
  if (node.kind == yaml::Kind::Null) {
    return makeError(Errc::Invalid, "there is no value; expected is " + expectation(row));
  }
  std::vector<std::string> items;
  for (const yaml::Piece& item : node.items) {
    if (item.kind != yaml::Kind::Scalar)
      return makeError(Errc::Invalid, "an item of the list is not a plain text");
    items.push_back(item.text);
  }
  return parseValue(row, items);
}

Document judge(const yaml::Piece& root) {
  Document document;
  std::map<std::string, const Leaf*> first;
  const std::vector<Leaf> leaves = leavesOf(root, document.findings);
  for (const Leaf& leaf : leaves) {
    const auto named = resolve(leaf.path);
    if (!named) {
      if (leaf.value->kind == yaml::Kind::Null && isSection(leaf.path)) continue;
      document.findings.push_back(unknown(leaf.path, leaf.key->line));
      continue;
    }
    const std::string name = named->canonical();
    const auto [other, isNew] = first.emplace(name, &leaf);
    if (!isNew) {
      document.findings.push_back(error(name,
                                        name + " is set twice: as " + shown(other->second->path) +
                                            " in line " + std::to_string(other->second->key->line) +
                                            " and as " + shown(leaf.path) + " here",
                                        "remove one of them", leaf.key->line));
      continue;
    }
    auto value = valueOf(named->option(), *leaf.value);
    if (value.ok()) {
      document.settings.push_back(Setting{*named, std::move(value).value(), leaf.key->line});
    } else {
      document.findings.push_back(error(name, name + ": " + value.error().text,
                                        "`msconfig help " + name + "` says more", leaf.key->line));
    }
  }
  return document;
}

}  // namespace posthorn::config
