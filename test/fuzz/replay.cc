// SPDX-License-Identifier: Apache-2.0

// Stands in for libFuzzer where the compiler has none: runs a target over the committed corpus, over every
// beginning of each small input and over a fixed number of seeded mutations, so that corpora count in every
// build.
//
//   fuzz_NAME [DIRECTORY|FILE]...

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kSmall = 1024;
constexpr int kMutations = 100;

std::uint64_t runs = 0;

void runOne(const std::string& input) {
  // A copy of exact size, so that the address sanitizer sees one byte too many.
  const std::vector<std::uint8_t> exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  ++runs;
}

std::string mutated(std::string input, std::minstd_rand& random) {
  const auto at = [&random](std::size_t size) { return random() % size; };
  for (int edit = 0; edit < 3; ++edit) {
    if (input.empty()) return input;
    switch (random() % 4) {
      case 0:
        input[at(input.size())] = static_cast<char>(random());
        break;
      case 1:
        input.erase(at(input.size()), 1);
        break;
      case 2:
        input.insert(at(input.size()), 1, static_cast<char>(random()));
        break;
      default: {
        const std::size_t from = at(input.size());
        input.insert(at(input.size()), input.substr(from, std::min<std::size_t>(64, input.size() - from)));
      }
    }
  }
  return input;
}

void runFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::abort();
  }
  std::printf("%s\n", path.filename().c_str());
  std::fflush(stdout);
  runOne(input);
  if (input.size() <= kSmall) {
    for (std::size_t size = 0; size < input.size(); ++size) runOne(input.substr(0, size));
  }
  std::minstd_rand random(static_cast<unsigned>(input.size() + 1));
  for (int i = 0; i < kMutations; ++i) runOne(mutated(input, random));
}

void runPath(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) {
    runFile(path);
    return;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) runPath(file);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) runPath(argv[i]);
  std::printf("%llu inputs\n", static_cast<unsigned long long>(runs));
  return runs == 0 ? 1 : 0;
}
