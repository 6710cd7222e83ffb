// SPDX-License-Identifier: Apache-2.0
#include "common/config/manual.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "common/base/ascii.h"
#include "common/config/names.h"
#include "common/config/snapshot.h"
#include "common/config/value.h"

using namespace posthorn;
using namespace posthorn::config;

namespace {

std::string committed(const std::string& path) {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  std::ifstream in(root / path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the committed copies are what the tables print") {
  INFO("stale: run `msconfig sample > etc/posthorn.yaml` and `msconfig man > etc/man/posthorn.yaml.5`");
  CHECK((committed("etc/posthorn.yaml") == sampleFile()));
  CHECK((committed("etc/man/posthorn.yaml.5") == manualPage()));
}

TEST_CASE("the sample is a file of defaults, line by line") {
  const std::string sample = sampleFile();
  CHECK(parse(sample, "/x").ok());
  std::size_t shown = 0;
  for (const std::string_view line : ascii::split(sample, '\n')) {
    if (line.size() < 3 || line[0] != '#' || line[1] == ' ') continue;
    const std::string option(line.substr(1));
    INFO(option);
    const Loaded loaded = parse(option + "\n", "/x");
    for (const Finding& finding : loaded.findings) {
      // A default may lack its partner here; it must be a known name with a good value.
      CHECK(finding.text.find("there is no option") == std::string::npos);
      CHECK(finding.hint.find("says more") == std::string::npos);  // the hint of a bad value
    }
    const auto named = resolve(option.substr(0, option.find(": ")));
    REQUIRE(named.has_value());
    if (loaded.ok() && !named->option().grouped()) CHECK(loaded.snapshot->cell(named->row)->isSet);
    ++shown;
  }
  CHECK(shown == kOptions.size());
}

TEST_CASE("help says all that is known") {
  const std::string help = helpFor(kOptions[findRow("imap.idletimeout")]);
  for (const char* part : {"imap.idletimeout", "30m", "service.imap.idletimeout", "live", "minutes"}) {
    CHECK(help.find(part) != std::string::npos);
  }
  CHECK(applyText(kOptions[findRow("imap.port")]) == "restart: `restart-msg imap` is needed");
  CHECK(helpFor(kOptions[findRow("base.metricsport")]).find("Not yet") != std::string::npos);
}

TEST_CASE("the manual page is text for man") {
  const std::string page = manualPage();
  for (const std::string_view line : ascii::split(page, '\n')) {
    if (line.empty() || line[0] != '.') continue;
    INFO(line);
    const std::string_view request = ascii::words(line).front();
    const std::string_view known[] = {".\\\"", ".TH", ".SH", ".PP", ".nf", ".fi",
                                      ".TP",   ".B",  ".BR", ".RB", ".br", ".I"};
    CHECK(std::find(std::begin(known), std::end(known), request) != std::end(known));
  }
}
