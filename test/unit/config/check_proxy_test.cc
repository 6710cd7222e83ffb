// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "common/config/snapshot.h"

using namespace posthorn;
using namespace posthorn::config;

namespace {

/// Every finding about mshttpd's way to mail, one a line: "warning option: text".
std::string found(const std::string& text) {
  std::string out;
  for (const Finding& finding : parse(text, "/etc/posthorn/posthorn.yaml").findings) {
    const std::string& option = finding.option;
    if (!option.starts_with("base.proxy") && !option.starts_with("proxy:") && option != "http.enable")
      continue;
    out +=
        (finding.severity == Severity::Error ? "error " : "warning ") + option + ": " + finding.text + "\n";
  }
  return out;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* kGood = "store.admins: adm\nbase: {proxyadmin: adm, proxyadminpass: x}\n";

}  // namespace

TEST_CASE("missing credentials are named") {
  CHECK(has(found(""), "warning base.proxyadmin: base.proxyadmin and base.proxyadminpass are not set"));
  CHECK(found("http.enable: no\n").empty());
  CHECK(found(kGood).empty());
  CHECK(has(found("store.admins: adm\nbase.proxyadmin: adm\n"), "without base.proxyadminpass"));
  CHECK(has(found("base.proxyadminpass: x\n"), "without base.proxyadmin:"));
  // The legacy spelling names the same rows.
  CHECK(
      found("store.admins: adm\nlocal.service.proxy.admin: adm\nlocal.service.proxy.adminpass: x\n").empty());
}

TEST_CASE("a host's own credentials count, and its missing half is that of all hosts") {
  CHECK(has(found("proxy:a.example.imapadmin: adm\n"), "without proxy:a.example.imapadminpass"));
  CHECK(found("proxy:a.example: {imapadmin: adm, imapadminpass: x}\n").empty());
  CHECK(found("local.service.proxy.admin.a.example: adm\nlocal.service.proxy.adminpass.a.example: x\n")
            .empty());
  CHECK(found(std::string(kGood) + "proxy:a.example.imapadmin: other\n").empty());
}

TEST_CASE("TLS to stores needs http.sslusessl and authorities that can be read") {
  const std::string tls = std::string(kGood) + "http: {enablesslport: no, sslusessl: no}\n";
  CHECK(has(found(tls + "base.proxyimapssl: yes\n"), "error base.proxyimapssl: base.proxyimapssl needs"));
  CHECK(has(found(tls + "proxy:a.example.imapssl: yes\n"), "error proxy:a.example.imapssl"));
  CHECK(has(found(std::string(kGood) + "base.proxyimapssl: yes\nbase.proxyimapcafile: /does/not/exist\n"),
            "error base.proxyimapcafile"));
}

TEST_CASE("a web server without any mail is warned of") {
  const std::string none = std::string(kGood) + "imap.enable: no\n";
  CHECK(has(found(none), "warning http.enable: http is enabled, imap is not"));
  CHECK(found(none + "proxy:a.example.imapport: 1143\n").empty());
  CHECK(found(none + "http.enable: no\n").empty());
}
