// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/report.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "common/base/ascii.h"

namespace posthorn::migrate {

namespace {

const char* word(FolderReport::Numbers numbers) {
  switch (numbers) {
    case FolderReport::Numbers::Kept:
      return "kept";
    case FolderReport::Numbers::Added:
      return "added";
    case FolderReport::Numbers::New:
      return "new";
    case FolderReport::Numbers::None:
      return "-";
  }
  return "-";
}

/// Names are other people's; a terminal must not obey them.
std::string shown(const std::string& text) {
  std::string clean = text;
  std::replace_if(clean.begin(), clean.end(), ascii::isControl, '?');
  return clean;
}

}  // namespace

bool Report::complete() const {
  return std::none_of(folders.begin(), folders.end(),
                      [](const auto& folder) { return folder.refused || folder.failed > 0; });
}

void Progress::begin(const std::string& mailbox, std::size_t folder, std::size_t folders,
                     std::uint64_t messages) {
  mailbox_ = shown(mailbox);
  folder_ = folder;
  folders_ = folders;
  messages_ = messages;
  done_ = 0;
  began_ = shown_ = std::chrono::steady_clock::now();
  if (form_ == Form::Terminal) show();
}

void Progress::step(std::uint64_t done) {
  done_ = done;
  const auto now = std::chrono::steady_clock::now();
  const auto pause = form_ == Form::Terminal ? std::chrono::milliseconds(100) : std::chrono::seconds(10);
  if (form_ == Form::Quiet || now - shown_ < pause) return;
  shown_ = now;
  show();
}

void Progress::show() {
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
  const double rate = passed.count() > 0.1 ? static_cast<double>(done_) / passed.count() : 0;
  std::fprintf(stderr, "%sfolder %zu of %zu, %s: %" PRIu64 " of %" PRIu64 " messages, %.0f/s%s",
               form_ == Form::Terminal ? "\r\x1b[K" : "", folder_, folders_, mailbox_.c_str(), done_,
               messages_, rate, form_ == Form::Terminal ? "" : "\n");
  std::fflush(stderr);
}

void Progress::end(const FolderReport& report) {
  if (form_ == Form::Terminal) std::fprintf(stderr, "\r\x1b[K");
  if (form_ == Form::Lines)
    std::fprintf(stderr, "folder %zu of %zu, %s: %" PRIu64 " imported\n", folder_, folders_,
                 shown(report.mailbox).c_str(), report.imported);
}

void Progress::say(const std::string& mailbox, const std::string& text) {
  std::fprintf(stderr, "%smboxutil: %s: %s\n", form_ == Form::Terminal ? "\r\x1b[K" : "",
               shown(mailbox).c_str(), shown(text).c_str());
}

void printReport(const Report& report, bool dryRun) {
  std::printf("%10s %10s %10s %10s  %-6s  %s\n", "found", dryRun ? "to import" : "imported", "present",
              "not taken", "UIDs", "mailbox");
  FolderReport sum;
  for (const auto& folder : report.folders) {
    std::printf("%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "  %-6s  %s%s\n", folder.found,
                folder.imported, folder.present, folder.failed + folder.gone + folder.later + folder.empty,
                word(folder.numbers), shown(folder.mailbox).c_str(), folder.refused ? "  NOT IMPORTED" : "");
    sum.imported += folder.imported;
    sum.failed += folder.failed;
    sum.octets += folder.octets;
  }
  std::printf("%zu folders, %" PRIu64 " messages %s, %" PRIu64 " octets, %" PRIu64 " failed, %" PRIu64
              " subscriptions, %.1f s, %.0f messages/s\n",
              report.folders.size(), sum.imported, dryRun ? "to import" : "imported", sum.octets, sum.failed,
              report.subscribed, report.seconds,
              report.seconds > 0 ? static_cast<double>(sum.imported) / report.seconds : 0.0);
}

std::string toJson(const Report& report, bool dryRun) {
  nlohmann::json folders = nlohmann::json::array();
  for (const auto& folder : report.folders)
    folders.push_back({{"mailbox", folder.mailbox},
                       {"uids", word(folder.numbers)},
                       {"found", folder.found},
                       {"imported", folder.imported},
                       {"present", folder.present},
                       {"gone", folder.gone},
                       {"later", folder.later},
                       {"empty", folder.empty},
                       {"failed", folder.failed},
                       {"octets", folder.octets},
                       {"refused", folder.refused},
                       {"notes", folder.notes},
                       {"failures", folder.failures}});
  const nlohmann::json all = {{"dryrun", dryRun},
                              {"complete", report.complete()},
                              {"subscriptions", report.subscribed},
                              {"seconds", report.seconds},
                              {"folders", folders}};
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace posthorn::migrate
