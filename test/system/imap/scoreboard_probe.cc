// SPDX-License-Identifier: Apache-2.0
// scoreboard_probe MASTER USER...: how many sessions each user has by the scoreboards of a running instance.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>

#include "common/stats/scoreboard.h"

namespace {

using namespace posthorn;

/// The user's sessions on the board behind a descriptor of master's; 0 when it is none.
unsigned sessionsOn(const std::filesystem::path& descriptor, const std::string& user) {
  std::error_code failed;
  const auto target = std::filesystem::read_symlink(descriptor, failed);
  if (failed || target.string().find("posthorn-scoreboard") == std::string::npos) return 0;
  auto board = stats::Board::attach(UniqueFd(::open(descriptor.c_str(), O_RDWR | O_CLOEXEC)));
  return board.ok() ? stats::Slot(std::move(board).value(), 0).sessionsOfUser(user) : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return EXIT_FAILURE;
  const std::string folder = "/proc/" + std::string(argv[1]) + "/fd";
  for (int i = 2; i < argc; ++i) {
    unsigned sessions = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      sessions += sessionsOn(entry.path(), argv[i]);
    std::printf("%s %u\n", argv[i], sessions);
  }
  return EXIT_SUCCESS;
}
