// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "common/config/checks.h"
#include "common/config/document.h"
#include "common/config/file.h"
#include "common/config/snapshot.h"
#include "common/config/value.h"
#include "common/log/messages/config.h"

namespace posthorn::config {

namespace {

/// `path` from `from`, without dots and doubled slashes; nothing on disk is looked at.
std::string absolute(const std::string& path, const std::string& from) {
  if (path.empty()) return path;
  const std::filesystem::path joined = std::filesystem::path(from) / path;
  std::string text = joined.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string folderOf(const std::string& file) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::absolute(file, failed);
  return failed ? "/" : whole.parent_path().string();
}

std::string systemName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

/// The JMAP session resource (RFC 8620 2.2) of this host's mshttpd; empty without one.
std::string jmapUrl(const Snapshot& snapshot) {
  if (!snapshot.get<"http.enable">()) return {};
  const bool tls = snapshot.get<"http.enablesslport">() && snapshot.service(Service::Http).offersTls();
  const std::int64_t port = tls ? snapshot.get<"http.sslport">() : snapshot.get<"http.port">();
  std::string url = (tls ? "https://" : "http://") + snapshot.hostname();
  if (port != (tls ? 443 : 80)) url += ":" + std::to_string(port);
  return url + "/.well-known/jmap";
}

/// Makes every path absolute and fills in the host's name and what is made of it, so that nobody below has
/// to.
void complete(Snapshot& snapshot, const std::string& file) {
  const std::string directory = absolute(snapshot.get<"server.directory">(), folderOf(file));
  constexpr std::size_t kDirectory = detail::requireRow("server.directory");
  constexpr std::size_t kHostname = detail::requireRow("base.hostname");
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    const Snapshot::Cell* cell = snapshot.cell(row);
    if (kOptions[row].type != Type::Path || cell == nullptr) continue;
    const std::string path =
        row == kDirectory ? directory : absolute(std::get<std::string>(cell->value), directory);
    snapshot.put(row, Snapshot::Cell{path, cell->isSet});
  }
  const Snapshot::Groups groups = snapshot.allGroups();
  for (const auto& [kind, members] : groups) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells) {
        if (kOptions[row].type != Type::Path) continue;
        snapshot.putInGroup(row, name, {absolute(std::get<std::string>(cell.value), directory), cell.isSet});
      }
    }
  }
  if (snapshot.hostname().empty()) {
    snapshot.put(kHostname, Snapshot::Cell{systemName(), snapshot.cell(kHostname)->isSet});
  }
  constexpr std::size_t kJmapUrl = detail::requireRow("imap.jmapurl");
  if (snapshot.get<"imap.jmapurl">().empty())
    snapshot.put(kJmapUrl, Snapshot::Cell{jmapUrl(snapshot), snapshot.cell(kJmapUrl)->isSet});
}

void fillLines(const Document& document, Findings& findings) {
  for (Finding& finding : findings) {
    for (const Setting& setting : document.settings) {
      if (finding.line == 0 && setting.named.canonical() == finding.option) finding.line = setting.line;
    }
  }
}

bool holdsSecret(const Snapshot& snapshot) {
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    const Snapshot::Cell* cell = snapshot.cell(row);
    if (cell != nullptr && cell->isSet && kOptions[row].secret()) return true;
  }
  for (const auto& [kind, members] : snapshot.allGroups()) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells) {
        if (kOptions[row].secret()) return true;
      }
    }
  }
  return false;
}

Finding unreadable(const Error& error) {
  return Finding{Severity::Error, "", error.text, "", 0};
}

}  // namespace

Loaded parse(std::string_view text, const std::string& file) {
  Loaded loaded;
  loaded.file = file;
  yaml::Tree tree = yaml::parse(text);
  if (!tree.findings.empty()) {
    loaded.findings = std::move(tree.findings);
    return loaded;
  }
  Document document = judge(tree.root);
  auto snapshot = std::make_shared<Snapshot>();
  for (const Setting& setting : document.settings) {
    Snapshot::Cell cell{setting.value, true};
    if (setting.named.option().grouped()) {
      snapshot->putInGroup(setting.named.row, setting.named.group, std::move(cell));
    } else {
      snapshot->put(setting.named.row, std::move(cell));
    }
  }
  complete(*snapshot, file);
  loaded.findings = document.findings;
  checks::all(*snapshot, loaded.findings);
  fillLines(document, loaded.findings);
  std::stable_sort(loaded.findings.begin(), loaded.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.line < b.line; });
  if (!hasErrors(loaded.findings)) loaded.snapshot = std::move(snapshot);
  return loaded;
}

Loaded load(const std::string& path) {
  auto file = readFile(path);
  if (!file.ok()) {
    Loaded failed;
    failed.file = path;
    failed.findings.push_back(unreadable(file.error()));
    return failed;
  }
  Loaded loaded = parse(file->text, path);
  if (loaded.ok() && (file->info.st_mode & S_IROTH) != 0 && holdsSecret(*loaded.snapshot)) {
    checks::add(loaded.findings, Severity::Warning, "", "the file holds a password and everybody may read it",
                "chmod 640 " + path + ", with the group of server.user");
  }
  return loaded;
}

std::string defaultFile(std::string_view option) {
  if (!option.empty()) return std::string(option);
  // Read before any thread exists.
  const char* fromEnvironment = std::getenv("POSTHORN_CONFIG");  // NOLINT(concurrency-mt-unsafe)
  if (fromEnvironment != nullptr && *fromEnvironment != '\0') return fromEnvironment;
  return "/etc/posthorn/posthorn.yaml";
}

bool hasErrors(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::Error; });
}

std::string Finding::describe(const std::string& file) const {
  constexpr std::string_view kWords[] = {"error", "warning", "note"};
  std::string said = file;
  if (line > 0) said += ":" + std::to_string(line);
  said += ": " + std::string(kWords[static_cast<std::size_t>(severity)]) + ": " + text;
  if (!hint.empty()) said += " (" + hint + ")";
  return said;
}

std::string Loaded::report() const {
  std::string lines;
  for (const Finding& finding : findings) lines += finding.describe(file) + "\n";
  return lines;
}

void Loaded::log() const {
  for (const Finding& finding : findings) {
    const posthorn::log::Message& message =
        finding.severity == Severity::Error     ? posthorn::log::messages::kConfigError
        : finding.severity == Severity::Warning ? posthorn::log::messages::kConfigWarning
                                                : posthorn::log::messages::kConfigNote;
    posthorn::log::write(message, {{"file", file},
                                   {"line", std::to_string(finding.line)},
                                   {"option", finding.option},
                                   {"finding", finding.text},
                                   {"hint", finding.hint}});
  }
}

}  // namespace posthorn::config
