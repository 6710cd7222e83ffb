// SPDX-License-Identifier: Apache-2.0

// The program itself, as a process.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = -1;
  std::string out;  ///< both streams
};

class Instance {
 public:
  explicit Instance(const std::string& text) {
    std::string name = (fs::temp_directory_path() / "posthorn-msconfig-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    std::ofstream(file()) << text;
    ::chmod(file().c_str(), 0640);
  }
  ~Instance() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::string file() const { return (directory_ / "posthorn.yaml").string(); }
  [[nodiscard]] fs::path directory() const { return directory_; }
  [[nodiscard]] std::string text() const {
    std::ifstream in(file());
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
  /// Runs msconfig with words as a shell would have them.
  [[nodiscard]] Outcome run(const std::string& words) const {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "msconfig";
    REQUIRE(fs::exists(program));
    const std::string command = program.string() + " -c " + file() + " " + words + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome outcome;
    std::array<char, 4096> piece{};
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe))
      outcome.out.append(piece.data(), got);
    const int status = ::pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
  }

 private:
  fs::path directory_;
};

std::string committed(const std::string& path) {
  const fs::path root = fs::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  std::ifstream in(root / path);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

bool has(const Outcome& outcome, std::string_view text) {
  return outcome.out.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("check says all and returns 78 for a bad file, 0 for a good one") {
  const Instance bad("pop.port: 0\nimap.prot: 1\n");
  const Outcome outcome = bad.run("check");
  CHECK(outcome.status == 78);
  CHECK(has(outcome, bad.file() + ":1: error: pop.port"));
  CHECK(has(outcome, bad.file() + ":2: error: there is no option imap.prot (did you mean imap.port?)"));
  const Instance good("pop.port: 1110\n");
  CHECK(good.run("check").status == 0);
  CHECK(has(good.run("check"), "good"));
  fs::remove(good.file());
  CHECK(good.run("check").status == 78);
}

TEST_CASE("show, get and help") {
  const Instance instance(
      "pop.port: 1110\nbase: {proxyadmin: adm, proxyadminpass: geheim}\nstore.admins: adm\npartition:b.path: "
      "/b\n");
  Outcome outcome = instance.run("show --changed");
  CHECK(outcome.status == 0);
  CHECK(outcome.out ==
        "base.proxyadmin: adm\nbase.proxyadminpass: ********\npop.port: 1110\nstore.admins: "
        "adm\npartition:b.path: /b\n");
  CHECK(has(instance.run("show --passwords base"), "base.proxyadminpass: geheim\n"));
  CHECK(instance.run("show service.pop.port").out == "pop.port: 1110\n");
  CHECK(has(instance.run("show '*.sslport'"), "no such option is set"));
  CHECK(instance.run("show --all '*.sslport'").out ==
        "pop.sslport: 995  # default\nimap.sslport: 993  # default\nhttp.sslport: 8991  # default\n"
        "lmtp.sslport: 2424  # default\nens.sslport: 7998  # default\n");
  CHECK(instance.run("get service.pop.port").out == "1110\n");
  CHECK(instance.run("get partition:b.path").out == "/b\n");
  CHECK(instance.run("get base.proxyadminpass").out == "********\n");
  CHECK(instance.run("get --passwords base.proxyadminpass").out == "geheim\n");
  CHECK(instance.run("get pop.prt").status == 64);
  CHECK(has(instance.run("help pop.popminpoll"), "[LOGIN-DELAY]"));
  CHECK(has(instance.run("help pop"), "pop.popminpoll\n"));
  CHECK(has(instance.run("help"), "unset NAME..."));
  CHECK(has(instance.run("help set"), "change options"));
  CHECK(has(instance.run("help '*'"), "tls:*.cert\n"));
  CHECK(instance.run("help nonsense").status == 64);
}

TEST_CASE("set writes, keeps comments and mode, and says when it acts") {
  const Instance instance("# mine\npop:\n  port: 1110  # not 110\n");
  Outcome outcome = instance.run("set service.pop.port 2110");
  CHECK(outcome.status == 0);
  CHECK(has(outcome, "pop.port: 2110\n  restart: `restart-msg pop`"));
  CHECK(instance.text() == "# mine\npop:\n  port: 2110  # not 110\n");
  struct stat info {};
  REQUIRE(::stat(instance.file().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
  // Nothing but the file and its history.
  CHECK(std::distance(fs::directory_iterator(instance.directory()), fs::directory_iterator()) == 2);
  CHECK(has(outcome, "pop.port: 2110"));
  outcome = instance.run("set pop.plaintextmincipher -1 base.metricsport 9100");
  CHECK(outcome.status == 0);
  CHECK(has(outcome, "nobody can log in"));
  CHECK(has(outcome, "not yet: Counters"));
  CHECK(instance.run("get pop.plaintextmincipher").out == "-1\n");
  outcome = instance.run("set base.proxyadminpass geheim");
  CHECK(outcome.status == 0);
  CHECK_FALSE(has(outcome, "geheim"));
  CHECK(instance.run("unset base.metricsport pop.plaintextmincipher base.proxyadminpass").status == 0);
  CHECK(instance.run("get base.metricsport").out == "0\n");
  CHECK(instance.text().find("port: 2110  # not 110") != std::string::npos);
}

TEST_CASE("set refuses what is wrong and leaves the file alone") {
  const std::string text = "# mine\npop.port: 1110\n";
  const Instance instance(text);
  CHECK(instance.run("set pop.port 70000").status == 64);
  CHECK(instance.run("set pop.prt 1").status == 64);
  CHECK(instance.run("set pop.port").status == 64);
  CHECK(instance.run("set").status == 64);
  CHECK(instance.run("unset pop.sslport").status == 78);
  Outcome outcome = instance.run("set imap.port 1110");
  CHECK(outcome.status == 78);
  CHECK(has(outcome, "nothing was changed"));
  CHECK(instance.run("set pop.enablesslport 1").status == 78);
  CHECK(instance.run("set pop.domainnotallowed 'ALL: ALL'").status == 78);
  CHECK(instance.text() == text);
  CHECK(instance.run("bogus").status == 64);
  CHECK(instance.run("</dev/null").status == 0);
  CHECK(instance.run("--help").status == 0);
}

TEST_CASE("a file with faults can be repaired step by step") {
  const Instance instance("pop.port: 0\nimap.port: 0\n");
  CHECK(instance.run("set pop.port 110").status == 0);
  CHECK(instance.run("check").status == 78);
  CHECK(instance.run("unset imap.port").status == 0);
  CHECK(instance.run("check").status == 0);
}

TEST_CASE("a symbolic link stays one") {
  const Instance instance("pop.port: 1110\n");
  fs::rename(instance.file(), instance.directory() / "real.yaml");
  fs::create_symlink("real.yaml", instance.file());
  CHECK(instance.run("set pop.port 2110").status == 0);
  CHECK(fs::is_symlink(instance.file()));
  CHECK(instance.text() == "pop.port: 2110\n");
}

TEST_CASE("editors at the same time lose nothing") {
  const Instance instance("# start\n");
  const std::string program = "$0";
  std::string words = "check >/dev/null; ";
  const fs::path msconfig = fs::read_symlink("/proc/self/exe").parent_path() / "msconfig";
  for (const char* option :
       {"pop.port 1", "imap.port 2", "http.port 3", "pop.sslport 4", "imap.sslport 5", "http.sslport 6"}) {
    words += msconfig.string() + " -c " + instance.file() + " set " + option + " >/dev/null & ";
  }
  CHECK(instance.run(words + "wait; true").status == 0);
  const std::string text = instance.text();
  for (const char* line :
       {"port: 1\n", "port: 2\n", "port: 3\n", "sslport: 4\n", "sslport: 5\n", "sslport: 6\n"}) {
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("a comment goes with the option, and can be taken away") {
  const Instance instance("pop.port: 1110 # old\nimap: {port: 1}\n");
  CHECK(instance.run("set -comment 'said Anna' pop.port 2110").status == 0);
  CHECK(instance.text() == "pop.port: 2110 # said Anna\nimap: {port: 1}\n");
  CHECK(instance.run("set -restricted -comment=why pop.port").status == 0);
  CHECK(instance.text() == "pop.port: 2110 # why\nimap: {port: 1}\n");
  CHECK(instance.run("set -comment '' pop.port").status == 0);
  CHECK(instance.text() == "pop.port: 2110\nimap: {port: 1}\n");
  CHECK(instance.run("set -comment x imap.port 2").status == 78);  // where would it stand?
  CHECK(instance.run("set -comment x pop.sslport").status == 78);
  CHECK(instance.run("set -coment x pop.port 1").status == 64);
  CHECK(instance.text() == "pop.port: 2110\nimap: {port: 1}\n");
}

TEST_CASE("every write is kept, and the way back is a write too") {
  const Instance instance("# mine\npop.port: 1110\nbase.proxyadminpass: geheim\n");
  const std::string first = instance.text();
  CHECK(has(instance.run("history"), "Nothing has been written"));
  CHECK(instance.run("set pop.port 2110").status == 0);
  CHECK(instance.run("set base.proxyadminpass neu").status == 0);
  Outcome outcome = instance.run("history");
  CHECK(has(outcome, "    1  "));
  CHECK(has(outcome, "as it was found"));
  CHECK(has(outcome, "*   3  "));
  CHECK(has(outcome, "set base.proxyadminpass\n"));
  CHECK_FALSE(has(outcome, "neu"));
  outcome = instance.run("differences 1 3");
  CHECK(has(outcome, "-pop.port: 1110\n+pop.port: 2110\n"));
  CHECK(has(outcome, "-base.proxyadminpass: ********\n"));
  CHECK_FALSE(has(outcome, "geheim"));
  CHECK(has(instance.run("diff 3"), "no difference"));
  for (const auto& entry : fs::directory_iterator(instance.file() + ".history")) {
    struct stat info {};
    REQUIRE(::stat(entry.path().c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0640);
  }
  struct stat folder {};
  REQUIRE(::stat((instance.file() + ".history").c_str(), &folder) == 0);
  CHECK((folder.st_mode & 07777) == 0750);

  CHECK(instance.run("revert 1").status == 0);
  CHECK(instance.text() == first);
  CHECK(has(instance.run("history"), "*   4  "));
  CHECK(has(instance.run("revert 4"), "already"));
  CHECK(instance.run("revert 9").status == 78);
  CHECK(instance.run("revert").status == 64);
  CHECK(instance.run("revert 1x").status == 64);
  // By hand: found and kept with the next write.
  std::ofstream(instance.file(), std::ios::app) << "imap.port: 1143\n";
  CHECK(has(instance.run("history"), "changed by hand since"));
  CHECK(instance.run("set pop.port 3").status == 0);
  CHECK(has(instance.run("diff 4 5"), "+imap.port: 1143"));
}

TEST_CASE("the committed pages of the programs are what they print") {
  const Instance instance("");
  INFO("stale: `tools/dev generated build/asan`");
  CHECK((committed("etc/man/msconfig.1") == instance.run("man msconfig").out));
  CHECK((committed("etc/man/configutil.1") == instance.run("man configutil").out));
  CHECK(instance.run("man nonsense").status == 64);
}

TEST_CASE("sample and man are printed, and a full disk is not success") {
  const Instance instance("");
  CHECK(has(instance.run("sample"), "#imap.port: 143\n"));
  CHECK(has(instance.run("man"), ".TH POSTHORN.YAML 5"));
  const Outcome full = instance.run("sample > /dev/full; echo $?");
  CHECK(has(full, "74"));
}
