// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config/names.h"
#include "common/config/snapshot.h"

using namespace posthorn;
using namespace posthorn::config;
using std::chrono::seconds;

namespace {

/// The findings of a severity as "line option text", without the standing warnings about missing
/// certificates.
std::vector<std::string> found(const Loaded& loaded, Severity severity = Severity::Error) {
  std::vector<std::string> lines;
  for (const Finding& f : loaded.findings) {
    if (f.severity != severity || f.text.find("TLS is not offered by") == 0) continue;
    lines.push_back(std::to_string(f.line) + " " + f.text);
  }
  return lines;
}

Loaded parseText(std::string_view text) {
  return parse(text, "/etc/posthorn/test.yaml");
}

std::shared_ptr<const Snapshot> good(std::string_view text) {
  Loaded loaded = parseText(text);
  INFO(loaded.report());
  REQUIRE(loaded.ok());
  return loaded.snapshot;
}

bool mentions(const std::vector<std::string>& lines, std::string_view text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("an empty file is all defaults") {
  for (const char* text : {"", "# nothing\n", "---\n", "imap:\npop:\n"}) {
    const auto config = good(text);
    const ServiceConfig pop = config->service(Service::Pop);
    CHECK(pop.enable);
    CHECK(pop.port == 110);
    CHECK(pop.sslport == 995);
    CHECK_FALSE(pop.enablesslport);
    CHECK(pop.sslusessl);
    CHECK_FALSE(pop.offersTls());
    CHECK(pop.maxsessions == 600);
    CHECK(pop.maxunauthsessions == 300);
    CHECK(pop.maxthreads == 250);
    CHECK(pop.numprocesses == 1);
    CHECK(pop.idletimeout == std::chrono::minutes(10));
    CHECK(pop.listenaddr == std::vector<std::string>{"0.0.0.0", "::"});
    const ServiceConfig imap = config->service(Service::Imap);
    CHECK(imap.port == 143);
    CHECK(imap.sslport == 993);
    CHECK(imap.maxsessions == 4000);
    CHECK(imap.idletimeout == std::chrono::minutes(30));
    const ServiceConfig http = config->service(Service::Http);
    CHECK(http.port == 8990);
    CHECK(http.sslport == 8991);
    CHECK(http.maxsessions == 6000);
    CHECK(http.idletimeout == std::chrono::minutes(3));
    CHECK(config->get<"http.sessiontimeout">() == seconds(7200));
    CHECK(config->get<"http.maxmessagesize">() == 5242880);
    CHECK(config->get<"ens.noneinbox.enable">());
    CHECK(config->get<"base.autorestart">());
    CHECK(config->get<"base.authcachesize">() == 10000);
    CHECK(config->get<"base.authcachettl">() == seconds(900));
    CHECK(config->get<"base.loginseparator">() == "@");
    CHECK_FALSE(config->hostname().empty());
    CHECK(config->get<"store.path">() == "/var/lib/posthorn/store");
  }
}

TEST_CASE("the rows that the manuals state") {
  struct Row {
    std::string_view name, legacy, fallback;
  };
  const Row rows[] = {
      {"pop.enable", "service.pop.enable", "yes"},
      {"imap.port", "service.imap.port", "143"},
      {"http.enablesslport", "service.http.enablesslport", "no"},
      {"pop.sslport", "service.pop.sslport", "995"},
      {"imap.sslusessl", "service.imap.sslusessl", "yes"},
      {"http.plaintextmincipher", "service.http.plaintextmincipher", "0"},
      {"pop.maxsessions", "service.pop.maxsessions", "600"},
      {"imap.maxsessions", "service.imap.maxsessions", "4000"},
      {"http.maxsessions", "service.http.maxsessions", "6000"},
      {"pop.maxthreads", "service.pop.maxthreads", "250"},
      {"imap.numprocesses", "service.imap.numprocesses", "1"},
      {"http.idletimeout", "service.http.idletimeout", "3m"},
      {"http.sessiontimeout", "service.http.sessiontimeout", "7200s"},
      {"pop.banner", "service.pop.banner", "%h %p service (%P %V)"},
      {"imap.banner", "service.imap.banner", "%h %p service (%P %V)"},
      {"imap.allowanonymouslogin", "service.imap.allowanonymouslogin", "no"},
      {"ens.noneinbox.enable", "local.store.notifyplugin.noneinbox.enable", "yes"},
      {"http.spooldir", "service.http.spooldir", "spool/http"},
      {"http.maxmessagesize", "service.http.maxmessagesize", "5242880"},
      {"http.smtphost", "service.http.smtphost", "localhost"},
      {"http.smtpport", "service.http.smtpport", "25"},
      {"base.proxyimapport", "local.service.proxy.imapport", "143"},
      {"base.proxyimapssl", "local.service.proxy.imapssl", "no"},
      {"base.proxyadmin", "local.service.proxy.admin", ""},
      {"base.proxyadminpass", "local.service.proxy.adminpass", ""},
      {"proxy:*.imapadmin", "local.service.proxy.admin.*", ""},
      {"proxy:*.imapadminpass", "local.service.proxy.adminpass.*", ""},
      {"base.loginseparator", "service.loginseparator", "@"},
      {"base.defaultdomain", "service.defaultdomain", ""},
      {"auth.searchfilter", "sasl.default.ldap.searchfilter", "(&(uid=%U)(objectclass=inetmailuser))"},
      {"auth.searchfordomain", "sasl.default.ldap.searchfordomain", "yes"},
      {"notifytarget:*.enseventkey", "local.store.notifyplugin.*.enseventkey", "enp://127.0.0.1/store"},
      {"notifytarget:*.noneinbox.enable", "local.store.notifyplugin.*.noneinbox.enable", "yes"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::size_t at = findRow(row.name);
    REQUIRE(at != kNoRow);
    CHECK(kOptions[at].legacy == row.legacy);
    CHECK(kOptions[at].fallback == row.fallback);
  }
}

TEST_CASE("nested, dotted and old names mean the same") {
  const auto config = good(
      "imap: {port: 1143, capability: {idle: no}}\n"
      "pop.port: 1110\n"
      "service:\n  http:\n    port: 8080\n"
      "local.pop.lockmailbox: on\n"
      "partition:primary.path: /a\n"
      "partition:\n  second:\n    path: b\n"
      "proxy:\n  store1.example.com: {imapadmin: x, imapadminpass: y}\n"
      "local.service.proxy.imapport.store2.example.com: 1143\n"
      "local.service.proxy.imapport: 144\n"
      "server.directory: /srv/mail\n");
  CHECK(config->get<"imap.port">() == 1143);
  CHECK_FALSE(config->get<"imap.capability.idle">());
  CHECK(config->get<"pop.port">() == 1110);
  CHECK(config->get<"http.port">() == 8080);
  CHECK(config->get<"pop.lockmailbox">());
  CHECK(*config->partitionPath("primary") == "/a");
  CHECK(*config->partitionPath("second") == "/srv/mail/b");
  CHECK_FALSE(config->partitionPath("third").ok());
  CHECK(config->groups("proxy") == std::vector<std::string>{"store1.example.com", "store2.example.com"});
  CHECK(config->group<"proxy:*.imapadmin">("store1.example.com") == "x");
  CHECK(config->group<"proxy:*.imapport">("store1.example.com") == 143);
  CHECK(config->group<"proxy:*.imapport">("store2.example.com") == 1143);
  CHECK(config->get<"base.proxyimapport">() == 144);
  CHECK(config->isSet<"imap.port">());
  CHECK_FALSE(config->isSet<"imap.sslport">());
}

TEST_CASE("all errors come at once, with their lines") {
  const Loaded loaded = parseText(
      "imap:\n"
      "  port: 70000\n"
      "  idletimeot: 30\n"
      "  port: 143\n"
      "pop.port: 110\n"
      "service.pop.port: 111\n"
      "pop.lockmailbox: perhaps\n"
      "nonsense: 1\n"
      "http.port: [1, 2]\n"
      "store.admins: {a: b}\n"
      "tls.main.cert:\n");
  CHECK_FALSE(loaded.ok());
  const auto lines = found(loaded);
  REQUIRE(lines.size() == 9);
  CHECK(lines[0] == "2 imap.port: '70000' is not a number from 1 to 65535");
  CHECK(lines[1] == "3 there is no option imap.idletimeot");
  CHECK(lines[2] == "4 the key imap.port is already in line 2");
  CHECK(lines[3] == "6 pop.port is set twice: as pop.port in line 5 and as service.pop.port here");
  CHECK(lines[4].find("7 pop.lockmailbox: 'perhaps' is not yes or no") == 0);
  CHECK(lines[5] == "8 there is no option nonsense");
  CHECK(lines[6].find("9 http.port: a list is not") == 0);
  CHECK(lines[7] == "10 there is no option store.admins.a");
  CHECK(lines[8].find("11 tls:main.cert: there is no value") == 0);
  for (const Finding& f : loaded.findings) {
    if (f.line == 3) CHECK(f.hint == "did you mean imap.idletimeout?");
    if (f.severity == Severity::Error) CHECK_FALSE(f.hint.empty());
  }
  CHECK(loaded.report().find("/etc/posthorn/test.yaml:2: error: imap.port: ") != std::string::npos);
}

TEST_CASE("a syntax error stops at once") {
  struct Bad {
    const char* text;
    int line;
    const char* about;
  };
  const Bad bads[] = {
      {"pop:\n  port: 1\n   x: 2\nimap.port: x\n", 3, "YAML"},
      {"pop:\n\tport: 1\n", 2, "tab"},
      {"a: [1\n", 2, "YAML"},
      {"pop.port: &x 1\nimap.port: *x\n", 1, "anchors"},
      {"pop.port: !!int 1\n", 1, "tags"},
      {"pop.port: 1\n---\nimap.port: 1\n", 2, "second document"},
      {"[a]: 1\n", 1, "key"},
  };
  for (const Bad& bad : bads) {
    const Loaded loaded = parseText(bad.text);
    INFO(bad.text << loaded.report());
    CHECK_FALSE(loaded.ok());
    REQUIRE(loaded.findings.size() == 1);
    CHECK(loaded.findings[0].text.find(bad.about) != std::string::npos);
    CHECK(loaded.findings[0].line == bad.line);
  }
  CHECK_FALSE(parseText("- a\n- b\n").ok());
  CHECK_FALSE(parseText("just text\n").ok());
}

TEST_CASE("what is read is bounded") {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{a: ";
  CHECK(mentions(found(parseText(deep)), "16 levels"));
  CHECK(mentions(found(parseText(std::string(2000, '['))), ""));
  std::string many = "store.admins: [";
  for (int i = 0; i < 30000; ++i) many += "a,";
  CHECK(mentions(found(parseText(many + "]")), "20000 values"));
  CHECK(mentions(found(parseText("# " + std::string(1 << 20, 'x'))), "1 MiB"));
  CHECK(mentions(found(parseText("pop.banner: \xff\n")), "UTF-8"));
  CHECK(mentions(found(parseText(std::string("pop.banner: \0x\n", 15))), "UTF-8"));
  CHECK(mentions(found(parseText("\xEF\xBB\xBFpop.port: 1\n")), "UTF-8"));
}

TEST_CASE("banners cannot forge a reply") {
  CHECK(mentions(found(parseText("pop.banner: \"hi\\r\\n+OK\"\n")), "control character"));
  CHECK(mentions(found(parseText("imap.banner: |\n  two\n  lines\n")), "control character"));
}

TEST_CASE("the nearest name") {
  CHECK(nearestName("pop.popminpol") == "pop.popminpoll");
  CHECK(nearestName("imap.prot") == "imap.port");
  CHECK(nearestName("service.imap.prt") == "service.imap.port");
  CHECK(nearestName("tls:main.crt") == "tls:main.cert");
  CHECK(nearestName("zzzzzzzzzzzz").empty());
  CHECK(nearestName(std::string(5000, 'x')).empty());
}

TEST_CASE("names of groups cannot leave their place") {
  CHECK_FALSE(resolve("partition:../x.path").has_value());
  CHECK_FALSE(resolve("partition:.path").has_value());
  CHECK_FALSE(resolve("partition:a/b.path").has_value());
  CHECK_FALSE(resolve("partition:*.path").has_value());
  CHECK_FALSE(resolve("").has_value());
  const auto event = resolve("local.store.notifyplugin.x.noneinbox.enable");
  REQUIRE(event.has_value());
  CHECK(event->canonical() == "notifytarget:x.noneinbox.enable");
  CHECK(resolve("notifytarget:ms-internal.newmsg.enable")->group == "ms-internal");
  // Without an instance the older names are those of the one that is always there.
  const auto unnamed = resolve("local.store.notifyplugin.newmsg.enable");
  REQUIRE(unnamed.has_value());
  CHECK(unnamed->canonical() == "notifytarget:ms-internal.newmsg.enable");
  CHECK(unnamed->legacy);
  CHECK(resolve("local.store.notifyplugin.enseventkey")->canonical() ==
        "notifytarget:ms-internal.enseventkey");
  CHECK(resolve("local.store.notifyplugin.noneinbox.enable")->canonical() == "ens.noneinbox.enable");
  CHECK(resolve("local.store.notifyplugin")->canonical() == "ens.notifyplugin");
  CHECK_FALSE(resolve("local.store.notifyplugin.").has_value());
  CHECK_FALSE(resolve("local.store.notifyplugin.nothing").has_value());
}

TEST_CASE("what the configuration does to IDLE, and what needs no loading, is said") {
  CHECK(mentions(found(parseText("ens.noneinbox.enable: 0\n"), Severity::Warning), "IDLE is not announced"));
  CHECK(mentions(found(parseText("notifytarget:ms-internal.noneinbox.enable: 0\n"), Severity::Warning),
                 "IDLE is not announced"));
  CHECK_FALSE(mentions(found(parseText("ens.noneinbox.enable: 1\n"), Severity::Warning), "IDLE"));
  CHECK(mentions(found(parseText("local.store.notifyplugin: lib/libibiff\n"), Severity::Note),
                 "nothing to load"));
  CHECK(mentions(found(parseText("local.store.notifyplugin: lib/libjmqnotify$a\n"), Severity::Warning),
                 "message queues"));
}

TEST_CASE("contradictions in TLS") {
  const std::string pair = "tls: {main: {cert: a.pem, key: a.key}}\n";
  CHECK(found(parseText("pop.enablesslport: 1\n")) ==
        std::vector<std::string>{"1 pop.enablesslport needs a certificate"});
  CHECK(found(parseText(pair + "pop.enablesslport: 1\npop.sslusessl: 0\n")) ==
        std::vector<std::string>{"2 pop.enablesslport and pop.sslusessl contradict each other"});
  CHECK(found(parseText(pair + "pop.enablesslport: -1\n")).empty());
  CHECK(found(parseText("pop: {enablesslport: 1, enable: 0}\n")).empty());
  CHECK(mentions(found(parseText("tls.main.cert: a.pem\n"), Severity::Warning), "tls:main.key is missing"));
  CHECK(mentions(found(parseText(pair + "pop.sslnicknames: other\n")), "there is no certificate tls:other"));
  const auto two = good("tls: {a: {cert: 1, key: 2}, b: {cert: /3, key: 4}}\npop.sslnicknames: [b, a]\n");
  const auto certificates = two->service(Service::Pop).certificates;
  REQUIRE(certificates.size() == 2);
  CHECK(certificates[0].cert == "/3");
  CHECK(certificates[1].key == "/var/lib/posthorn/2");
  CHECK(two->service(Service::Imap).certificates[0].name == "a");
}

TEST_CASE("a missing certificate is a warning for each service that would use one") {
  const Loaded loaded = parseText("http.sslusessl: off\nimap.enable: no\n");
  CHECK(loaded.ok());
  CHECK(loaded.report().find("TLS is not offered by pop") != std::string::npos);
  CHECK(loaded.report().find("TLS is not offered by imap") == std::string::npos);
  CHECK(loaded.report().find("TLS is not offered by http") == std::string::npos);
}

TEST_CASE("ports that meet") {
  CHECK(found(parseText("imap.port: 110\n")) ==
        std::vector<std::string>{"1 imap.port and pop.port are both 110"});
  CHECK(found(parseText("imap.port: 110\npop.enable: 0\n")).empty());
  CHECK(found(parseText("imap.port: 995\n")).empty());
  CHECK(found(parseText("tls: {a: {cert: a, key: b}}\npop.enablesslport: 1\nimap.port: 995\n")) ==
        std::vector<std::string>{"3 imap.port and pop.sslport are both 995"});
  CHECK(found(parseText("imap: {port: 110, listenaddr: 127.0.0.2}\npop.listenaddr: 127.0.0.1\n")).empty());
  CHECK(found(parseText("imap: {port: 110, listenaddr: 127.0.0.2}\n")).size() == 1);
  CHECK(found(parseText("base.listenaddr: [0.0.0.0, 127.0.0.1]\n")).size() == 3);
}

TEST_CASE("rules of the LDAP directory") {
  const std::string good =
      "auth.directory: ldap\nbase: {ugldaphost: 127.0.0.1, ugldapbasedn: 'o=a', defaultdomain: a.example";
  const auto with = [&](const std::string& more, Severity severity = Severity::Error) {
    return found(parseText(good + more + "}\n"), severity);
  };
  CHECK(with("").empty());
  CHECK(with("", Severity::Warning) == found(parseText(""), Severity::Warning));
  CHECK(mentions(found(parseText("auth.directory: ldap\n")), "names no server"));
  CHECK(mentions(found(parseText("auth.directory: ldap\n")), "where users are"));
  CHECK(mentions(found(parseText("auth.directory: ldap\n"), Severity::Warning), "type his domain"));
  CHECK(mentions(found(parseText("base.ugldaphost: h\n"), Severity::Note), "auth.directory is file"));
  CHECK(mentions(with(", ugldapbinddn: 'cn=x'"), "base.ugldapbindcred is not"));
  CHECK(with(", ugldapbinddn: 'cn=x', ugldapbindcred: s").empty());
  CHECK(mentions(with(", ugldapbinddn: x, ugldapbindcred: s"), "not a distinguished name"));
  CHECK(mentions(with(", ugldapbindcred: s", Severity::Warning), "without base.ugldapbinddn"));
  CHECK(mentions(with(", ugldapusessl: yes, ugldapstarttls: yes"), "contradict"));
  CHECK(mentions(with(", ugldapusessl: yes, ugldapcafile: /does/not/exist.pem"), "/does/not/exist.pem"));
  CHECK(mentions(with(", ugldapstarttls: yes, ugldapcafile: /tmp"), "is not a file"));
  CHECK(with(", ugldapusessl: yes, ugldapcafile: /does/not/exist.pem, ldapcheckcert: no").empty());
  CHECK(mentions(with(", ugldapusessl: yes, ldapcheckcert: no", Severity::Warning), "not checked"));
  CHECK(mentions(found(parseText("auth.searchfilter: '(uid=%X)'\n")), "%X is not known"));
  CHECK(mentions(found(parseText("auth: {directory: ldap, ldaptimeout: 9}\n"), Severity::Warning), "5 s"));
  CHECK(
      mentions(found(parseText("auth.directory: ldap\nbase.ugldaphost: ldap.a.example\n"), Severity::Warning),
               "unencrypted"));
}

TEST_CASE("server.user has to be able to read the authorities of LDAP servers") {
  std::string file = "/tmp/posthorn-ca-XXXXXX";
  const int fd = mkstemp(file.data());  // mode 0600, ours
  REQUIRE(fd >= 0);
  close(fd);
  const auto judged = [&](const std::string& user) {
    return found(parseText("server.user: " + user +
                           "\nauth.directory: ldap\nbase: {ugldaphost: 127.0.0.1, ugldapbasedn: "
                           "'o=a', ugldapstarttls: yes, ugldapcafile: " +
                           file + "}\n"));
  };
  CHECK(mentions(judged("nobody"), "cannot be read by nobody"));
  REQUIRE(chmod(file.c_str(), 0644) == 0);
  CHECK(judged("nobody").empty());
  unlink(file.c_str());
}

TEST_CASE("rules between options") {
  CHECK(mentions(found(parseText("pop.plaintextmincipher: -1\n"), Severity::Warning), "nobody can log in"));
  CHECK(mentions(found(parseText("pop.plaintextmincipher: 1\n"), Severity::Warning), "nobody can log in"));
  CHECK(mentions(found(parseText("base.loginseparator: a\n")), "loginseparator"));
  CHECK(found(parseText("base.loginseparator: \"@+\"\n")).empty());
  CHECK(mentions(found(parseText("pop.proxyprotocol: 1\n")), "trustedproxies is empty"));
  CHECK(found(parseText("pop.proxyprotocol: 1\nbase.trustedproxies: 127.0.0.1\n")).empty());
  CHECK(mentions(found(parseText("auth: {passwordscheme: bcrypt, passwordcost: 99}\n")), "4 to 31"));
  CHECK(mentions(found(parseText("auth: {failuredelay: 10, failuredelaymax: 5}\n")), "less than"));
  CHECK(mentions(found(parseText("store.defaultpartition: x\n")), "there is no partition x"));
  CHECK(mentions(found(parseText("store.path: /a\npartition:primary.path: /b\n")), "differ"));
  CHECK(mentions(found(parseText("store.path: /a\npartition:second.path: /a/b\n")), "inside"));
  CHECK(mentions(found(parseText("store.path: /a\npartition:second.path: /a\n")), "inside"));
  CHECK(found(parseText("store.path: /a\npartition:second.path: /ab\n")).empty());
  CHECK(mentions(found(parseText("store.defaultfoldernames: [A=\\Sent, B=\\sent]\n")), "twice"));
  CHECK(mentions(found(parseText("base.proxyadmin: x\n"), Severity::Warning), "base.proxyadminpass"));
  CHECK(mentions(found(parseText("server.rundir: /" + std::string(200, 'x') + "\n")), "107 bytes"));
}

TEST_CASE("nothing is accepted and silently ignored") {
  CHECK(mentions(found(parseText("base.metricsport: 9100\n"), Severity::Warning), "no effect yet"));
  CHECK(mentions(found(parseText("base.metricsport: 0\n"), Severity::Note), "no effect yet"));
  CHECK(mentions(found(parseText("pop.domainnotallowed: \"ALL: ALL\"\n")), "let somebody in"));
  CHECK(mentions(found(parseText("notifytarget:x.annotatemsg.enable: 0\n"), Severity::Warning),
                 "no effect yet"));
  CHECK(found(parseText("pop.port: 111\nhttp.enable: no\n"), Severity::Warning).empty());
}

TEST_CASE("sessions and the limit of open files") {
  const auto plain = good("");
  CHECK(fitSessions(*plain, Service::Pop, 65536).sessions == 600);
  CHECK_FALSE(fitSessions(*plain, Service::Pop, 65536).finding.has_value());
  const SessionRoom lowered = fitSessions(*plain, Service::Imap, 1024);
  CHECK(lowered.sessions < 1024);
  REQUIRE(lowered.finding.has_value());
  CHECK(lowered.finding->severity == Severity::Warning);
  const SessionRoom refused = fitSessions(*good("imap.maxsessions: 4000\n"), Service::Imap, 1024);
  REQUIRE(refused.finding.has_value());
  CHECK(refused.finding->severity == Severity::Error);
  const SessionRoom none = fitSessions(*plain, Service::Pop, 10);
  CHECK(none.sessions == 0);
  CHECK(none.finding->severity == Severity::Error);
  auto with = plain->with("imap.maxsessions", std::to_string(lowered.sessions));
  REQUIRE(with.ok());
  CHECK((*with)->service(Service::Imap).maxsessions == lowered.sessions);
  CHECK_FALSE((*with)->isSet<"imap.maxsessions">());
  CHECK_FALSE(plain->with("imap.maxsessions", "0").ok());
  CHECK_FALSE(plain->with("imap.nothing", "0").ok());
}

TEST_CASE("changes between two snapshots") {
  const auto before = good("tls: {a: {cert: 1, key: 2}, b: {cert: 1, key: 2}}\n");
  const auto after = good(
      "tls: {a: {cert: 9, key: 2}, c: {cert: 1, key: 2}}\nimap.port: 144\npop.popminpoll: 5\npop.port: "
      "110\n");
  std::vector<std::string> names;
  for (const Change& change : changes(*before, *after)) names.push_back(change.name);
  CHECK(names == std::vector<std::string>{"pop.popminpoll", "imap.port", "tls:a.cert", "tls:c.cert",
                                          "tls:c.key", "tls:b.cert", "tls:b.key"});
  for (const Change& change : changes(*before, *after)) {
    if (change.name == "pop.popminpoll") CHECK(change.apply == Apply::Live);
    if (change.name == "imap.port") CHECK((change.apply == Apply::Restart && change.to == kImap));
  }
  CHECK(changes(*before, *before).empty());
}

TEST_CASE("files: missing, secret and readable by all, relative places") {
  std::string directory = (std::filesystem::temp_directory_path() / "posthorn-config-XXXXXX").string();
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  const std::string file = directory + "/posthorn.yaml";
  const Loaded missing = load(file);
  CHECK_FALSE(missing.ok());
  CHECK(missing.report().find(file) != std::string::npos);
  CHECK_FALSE(load(directory).ok());
  std::ofstream(file) << "server.directory: .\nbase.proxyadmin: a\nbase.proxyadminpass: b\nstore.admins: a\n";
  ::chmod(file.c_str(), 0644);
  CHECK(mentions(found(load(file), Severity::Warning), "everybody may read it"));
  ::chmod(file.c_str(), 0640);
  const Loaded closed = load(file);
  CHECK_FALSE(mentions(found(closed, Severity::Warning), "everybody may read it"));
  REQUIRE(closed.ok());
  CHECK(closed.snapshot->get<"server.directory">() == directory);
  CHECK(closed.snapshot->get<"server.rundir">() == directory + "/run");
  CHECK(closed.snapshot->get<"auth.userfile">() == directory + "/users");
  CHECK(closed.snapshot->get<"pop.logfile.logdir">().empty());
  CHECK(closed.snapshot->logging(Service::Pop).directory == directory + "/log");
  std::filesystem::remove_all(directory);
}

TEST_CASE("logging settings") {
  const auto config =
      good("log: {level: warning, format: json, target: file}\npop.logfile: {loglevel: Debug, logdir: /x}\n");
  CHECK(config->logging(Service::Pop).level == log::Level::Debug);
  CHECK(config->logging(Service::Pop).directory == "/x");
  CHECK(config->logging(Service::Pop).process == "popd");
  CHECK(config->logging(Service::Imap).level == log::Level::Warning);
  CHECK(config->logging(std::nullopt).process == "master");
  CHECK(config->logging(std::nullopt).format == log::Format::Json);
  CHECK(config->logging(std::nullopt).target == log::Target::File);
}

TEST_CASE("the URL of JMAP is made of where http listens, unless it is given") {
  const auto urlOf = [](const std::string& text) {
    const auto loaded = parse("base.hostname: mail.example\n" + text, "test.yaml");
    INFO(loaded.report());
    REQUIRE(loaded.snapshot);
    return std::string(loaded.snapshot->get<"imap.jmapurl">());
  };
  CHECK(urlOf("") == "http://mail.example:8990/.well-known/jmap");
  CHECK(urlOf("http.port: 80\n") == "http://mail.example/.well-known/jmap");
  CHECK(urlOf("http.enable: no\n").empty());
  CHECK(urlOf("imap.jmapurl: https://web.example/jmap\n") == "https://web.example/jmap");
  const std::string certificate = "tls:main.cert: /tmp/main.crt\ntls:main.key: /tmp/main.key\n";
  CHECK(urlOf(certificate) == "http://mail.example:8990/.well-known/jmap");
  CHECK(urlOf(certificate + "http.enablesslport: yes\n") == "https://mail.example:8991/.well-known/jmap");
  CHECK(urlOf(certificate + "http.enablesslport: yes\nhttp.sslport: 443\n") ==
        "https://mail.example/.well-known/jmap");
}
