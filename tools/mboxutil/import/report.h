// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/error.h"

namespace posthorn::migrate {

/// How it went with one folder.
struct FolderReport {
  std::string mailbox;
  enum class Numbers : std::uint8_t {
    Kept,   ///< UIDs and UIDVALIDITY are the old ones
    Added,  ///< behind what the mailbox had already: new UIDs, its own UIDVALIDITY
    New,    ///< the source has no UIDs, or they could not be kept; clients read the mailbox anew
    None,   ///< nothing was done in it
  };
  Numbers numbers = Numbers::None;
  std::uint64_t found = 0;     ///< messages in the source
  std::uint64_t imported = 0;  ///< now
  std::uint64_t present = 0;   ///< by an earlier run
  std::uint64_t gone = 0;      ///< went away in the source while it was read
  std::uint64_t later = 0;     ///< left to the last run: not numbered yet
  std::uint64_t empty = 0;     ///< files without an octet
  std::uint64_t failed = 0;    ///< could not be read or taken
  std::uint64_t octets = 0;    ///< of those imported
  std::vector<std::string> notes;
  std::vector<std::string> failures;  ///< the first ones, a line each
  bool refused = false;               ///< the folder as a whole was not imported
};

struct Report {
  std::vector<FolderReport> folders;
  std::uint64_t subscribed = 0;
  double seconds = 0;

  [[nodiscard]] bool complete() const;
};

/// What is said on the way, on stderr: on a terminal one line that changes, elsewhere a line for each folder
/// and one every ten seconds.
class Progress {
 public:
  enum class Form : std::uint8_t { Terminal, Lines, Quiet };
  explicit Progress(Form form) : form_(form) {}

  void begin(const std::string& mailbox, std::size_t folder, std::size_t folders, std::uint64_t messages);
  void step(std::uint64_t done);
  void end(const FolderReport& report);
  /// A note or failure, at once.
  void say(const std::string& mailbox, const std::string& text);

 private:
  void show();

  Form form_;
  std::string mailbox_;
  std::size_t folder_ = 0;
  std::size_t folders_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point shown_;
};

void printReport(const Report& report, bool dryRun);
std::string toJson(const Report& report, bool dryRun);

}  // namespace posthorn::migrate
