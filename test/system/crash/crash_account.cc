// SPDX-License-Identifier: Apache-2.0
// crash_account kill ROUNDS [WRITERS] | power CUTS RECORDER | record ROOT THREADS STEPS
#include <cstdio>
#include <string_view>

#include "common/base/ascii.h"
#include "common/log/logger.h"
#include "test/system/crash/account_workload.h"
#include "test/system/crash/harness.h"

using namespace posthorn;

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  const auto number = [&](std::size_t i, unsigned fallback) {
    return i < words.size() ? static_cast<unsigned>(ascii::number(words[i]).value_or(fallback)) : fallback;
  };
  log::Settings quiet;
  quiet.process = "crash_account";
  quiet.level = log::Level::Error;  // taking over a killed writer's tail is what happens here all the time
  if (!log::configure(quiet).ok()) return 2;
  const std::string mode = words.size() > 1 ? words[1] : "";
  if (mode == "kill") {
    // Two writers to an account, so that both kinds of contention are there.
    crash::AccountWorkload workload(2);
    return crash::killLoop(workload, number(2, 25), number(3, 4));
  }
  crash::AccountWorkload workload(1);
  if (mode == "power" && words.size() == 4)
    return crash::powerCut(workload, number(2, 200), words[3], {words[0], "record"});
  if (mode == "record" && words.size() == 5)
    return crash::recordChild(workload, words[2], number(3, 1), number(4, 1));
  std::fprintf(stderr, "usage: crash_account kill ROUNDS [WRITERS] | power CUTS RECORDER\n");
  return 2;
}
