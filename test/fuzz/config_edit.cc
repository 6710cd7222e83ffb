// SPDX-License-Identifier: Apache-2.0

// Edits of configuration files: over any text, setting an option gives a text where it has that value and
// everything else is as it was, or an error; a comment changes nothing that is said; what is taken out is
// gone. The dumps of the older tool, too: any text gives lines within bounds.

// sources: tools/msconfig/dump.cc tools/msconfig/words.cc

#include <map>

#include "common/config/document.h"
#include "common/config/edit.h"
#include "common/config/value.h"
#include "common/config/yaml.h"
#include "test/fuzz/require.h"
#include "tools/msconfig/dump.h"

using namespace posthorn;

namespace {

using Said = std::map<std::string, config::Value>;

Said saidBy(std::string_view text) {
  Said said;
  const config::yaml::Tree tree = config::yaml::parse(text);
  if (!tree.findings.empty()) return said;
  for (const config::Setting& setting : config::judge(tree.root).settings)
    said[setting.named.canonical()] = setting.value;
  return said;
}

void tryOne(std::string_view text, const char* name, const char* value) {
  const auto named = config::resolve(name);
  fuzz::require(named.has_value(), "the option exists");
  const auto after = config::setInText(text, *named, value);
  if (!after.ok()) return;
  Said before = saidBy(text);
  Said now = saidBy(*after);
  const auto wanted = config::parseValue(named->option(), value);
  fuzz::require(wanted.ok() && now[named->canonical()] == *wanted, "the option has the value");
  before.erase(named->canonical());
  now.erase(named->canonical());
  fuzz::require(before == now, "nothing else moved");

  const auto commented = config::commentInText(*after, *named, "why: {not} 'so' # \"\\");
  if (commented.ok()) {
    fuzz::require(saidBy(*commented) == saidBy(*after), "a comment says nothing");
    fuzz::require(config::commentOf(*commented, *named) == "why: {not} 'so' # \"\\", "a comment reads back");
  }
  const auto without = config::unsetInText(*after, *named);
  if (without.ok()) fuzz::require(saidBy(*without) == before, "what is taken out is gone, and nothing else");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text(data, size);
  tryOne(text, "pop.port", "3110");
  tryOne(text, "imap.banner", "it's \"new\" # x: {y}, [z]");
  tryOne(text, "store.admins", "anna bob");
  tryOne(text, "tls:main.cert", "new.pem");
  std::size_t lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  for (const auto& line : msconfig::parseDump(text)) {
    fuzz::require(line.number >= 1 && static_cast<std::size_t>(line.number) <= lines, "a line has a number");
    fuzz::require(line.fault.empty() != line.name.empty(), "a line has a name or a fault");
  }
  return 0;
}
