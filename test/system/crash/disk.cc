// SPDX-License-Identifier: Apache-2.0
#include "test/system/crash/disk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace posthorn::crash {

static constexpr std::uint64_t kSector = 512;

Disk::Disk() : root_(std::make_shared<Node>()) {
  root_->directory = true;
}

// An inode nobody has made is the root's: it was there before the recording.
Disk::Node& Disk::node(std::uint64_t inode) {
  const auto found = nodes_.find(inode);
  return found == nodes_.end() ? *root_ : *found->second;
}

void Disk::put(std::string& content, std::uint64_t offset, std::string_view data) {
  if (content.size() < offset + data.size()) content.resize(offset + data.size(), '\0');
  std::copy(data.begin(), data.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

void Disk::change(std::map<std::string, NodePtr>& entries, const NameChange& change) {
  if (change.op == TraceOp::Unlink) entries.erase(change.name);
  if (change.op == TraceOp::Create) entries[change.name] = change.node;
  if (change.op != TraceOp::Rename) return;
  const auto moved = entries.find(change.name);
  if (moved == entries.end()) return;
  const NodePtr node = moved->second;
  entries.erase(moved);
  entries[change.to] = node;
}

void Disk::flush(Node& node) {
  for (const auto& write : node.writes) put(node.content, write.offset, write.data);
  for (const auto& change : node.changes) Disk::change(node.entries, change);
  node.writes.clear();
  node.changes.clear();
}

void Disk::apply(const TraceHeader& header, std::string_view name, std::string_view data) {
  switch (header.op) {
    case TraceOp::Create:
    case TraceOp::Mkdir: {
      const auto made = std::make_shared<Node>();
      made->directory = header.op == TraceOp::Mkdir;
      nodes_[header.inode] = made;
      node(header.parent).changes.push_back({TraceOp::Create, std::string(name), "", made});
      return;
    }
    case TraceOp::Write:
      node(header.inode).writes.push_back({header.offset, std::string(data), header.flags != 0});
      return;
    case TraceOp::Truncate:
      // LMDB sizes its lock file this way; what is in that file means nothing after a cut.
      node(header.inode).content.resize(header.offset, '\0');
      return;
    case TraceOp::Rename:
    case TraceOp::Unlink:
      node(header.parent).changes.push_back({header.op, std::string(name), std::string(data), nullptr});
      return;
    case TraceOp::Flush:
      flush(node(header.inode));
      return;
    case TraceOp::Ack:
      return;
  }
}

std::string Disk::survive(const Node& node, Luck luck, std::mt19937_64& random) {
  struct Piece {
    std::uint64_t offset;
    std::string_view data;
    bool forced;
  };
  std::map<std::uint64_t, std::vector<Piece>> sectors;
  for (const auto& write : node.writes) {
    for (std::uint64_t at = 0; at < write.data.size();) {
      const std::uint64_t offset = write.offset + at;
      const std::uint64_t size = std::min(kSector - offset % kSector, write.data.size() - at);
      sectors[offset / kSector].push_back(
          {offset, std::string_view(write.data).substr(at, size), write.forced});
      at += size;
    }
  }
  std::string content = node.content;
  for (const auto& [sector, pieces] : sectors) {
    std::size_t least = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i)
      if (pieces[i].forced) least = i + 1;
    std::size_t count = luck == Luck::Everything ? pieces.size() : least;
    if (luck == Luck::Mixed) count = least + random() % (pieces.size() - least + 1);
    for (std::size_t i = 0; i < count; ++i) put(content, pieces[i].offset, pieces[i].data);
  }
  return content;
}

void Disk::writeOut(const Node& node, const std::string& path, Luck luck, std::mt19937_64& random) {
  if (!node.directory) {
    const std::string content = survive(node, luck, random);
    std::ofstream out(path, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out.flush()) std::abort();
    return;
  }
  std::filesystem::create_directories(path);
  auto entries = node.entries;
  std::size_t count = luck == Luck::Nothing ? 0 : node.changes.size();
  if (luck == Luck::Mixed) count = random() % (node.changes.size() + 1);
  for (std::size_t i = 0; i < count; ++i) change(entries, node.changes[i]);
  for (const auto& [name, entry] : entries) writeOut(*entry, fmt::format("{}/{}", path, name), luck, random);
}

void Disk::materialise(const std::string& directory, std::mt19937_64& random) const {
  const auto dice = random() % 10;
  const Luck luck = dice == 0 ? Luck::Nothing : dice == 1 ? Luck::Everything : Luck::Mixed;
  writeOut(*root_, directory, luck, random);
}

}  // namespace posthorn::crash
