// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "test/system/crash/trace.h"

namespace posthorn::crash {

/// What the recorded calls have put on a disk, and what of it is flushed. A power cut at this moment leaves
/// every flushed byte and name; of the rest, any 512-byte sector may have been written in any of its later
/// states, and of the names in a directory any beginning of their changes.
class Disk {
 public:
  Disk();
  void apply(const TraceHeader& header, std::string_view name, std::string_view data);
  /// Writes one possible disk after a cut below `directory`.
  void materialise(const std::string& directory, std::mt19937_64& random) const;

 private:
  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  struct Write {
    std::uint64_t offset = 0;
    std::string data;
    bool forced = false;  ///< flushed by itself
  };
  struct NameChange {
    TraceOp op{};
    std::string name;
    std::string to;
    NodePtr node;
  };
  struct Node {
    bool directory = false;
    std::string content;        ///< flushed
    std::vector<Write> writes;  ///< since the last flush
    std::map<std::string, NodePtr> entries;
    std::vector<NameChange> changes;
  };
  enum class Luck { Nothing, Everything, Mixed };
  static void change(std::map<std::string, NodePtr>& entries, const NameChange& change);
  static void flush(Node& node);
  static void put(std::string& content, std::uint64_t offset, std::string_view data);
  static std::string survive(const Node& node, Luck luck, std::mt19937_64& random);
  static void writeOut(const Node& node, const std::string& path, Luck luck, std::mt19937_64& random);
  Node& node(std::uint64_t inode);

  NodePtr root_;
  std::map<std::uint64_t, NodePtr> nodes_;
};

}  // namespace posthorn::crash
