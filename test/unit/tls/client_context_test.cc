// SPDX-License-Identifier: Apache-2.0
#include "common/tls/client_context.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/socket.h>

#include "common/base/ids.h"
#include "common/base/unique_fd.h"
#include "test/unit/tls/support.h"

using namespace posthorn;
using namespace posthorn::tls;
using namespace posthorn::tls::test;
using Kind = net::SecureLayer::Kind;

namespace {

/// A file that is gone with the test.
class CaFile {
 public:
  explicit CaFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("posthorn-ca-" + Id128::random().hex())) {
    std::ofstream(path_) << text;
  }
  ~CaFile() { std::filesystem::remove(path_); }
  CaFile(const CaFile&) = delete;
  CaFile& operator=(const CaFile&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Meeting {
  bool agreed = false;
  std::string why;         // what the client says of its failure
  std::string serverName;  // what the server was asked for
};

Meeting meet(const std::shared_ptr<const Context>& server, const ClientContext& client,
             const std::string& host) {
  int raw[2] = {-1, -1};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, raw) == 0);
  const UniqueFd left(raw[0]);
  const UniqueFd right(raw[1]);
  const auto a = server->newLayer();
  const auto b = client.newLayer(host);
  REQUIRE(a);
  REQUIRE(b);
  REQUIRE(a->attach(left.get()));
  REQUIRE(b->attach(right.get()));
  bool serverDone = false;
  bool clientDone = false;
  for (int step = 0; step < 100 && !(serverDone && clientDone); ++step) {
    if (!clientDone) {
      const Kind kind = b->handshake().kind;
      if (kind == Kind::Failed) return {.agreed = false, .why = b->failure(), .serverName = {}};
      clientDone = kind == Kind::Done;
    }
    if (!serverDone) serverDone = a->handshake().kind == Kind::Done;
  }
  REQUIRE(clientDone);
  return {.agreed = true, .why = {}, .serverName = a->info().serverName};
}

}  // namespace

TEST_CASE("a server with a trusted certificate for its name is believed") {
  const Identity identity = makeIdentity("imap.example", "DNS:imap.example,IP:127.0.0.1");
  const CaFile file(identity.certificatePem);
  const auto client = ClientContext::make(file.path(), MinVersion::Tls12);
  REQUIRE(client.ok());
  const auto server = makeContext({.identities = {identity}});
  const Meeting byName = meet(server, **client, "imap.example");
  CHECK(byName.agreed);
  CHECK(byName.serverName == "imap.example");
  const Meeting byAddress = meet(server, **client, "127.0.0.1");
  CHECK(byAddress.agreed);
  CHECK(byAddress.serverName.empty());
}

TEST_CASE("a certificate for another host is refused, and the reason is said") {
  const Identity identity = makeIdentity("imap.example", "DNS:imap.example,DNS:*.b.example,IP:127.0.0.1");
  const CaFile file(identity.certificatePem);
  const auto client = ClientContext::make(file.path(), MinVersion::Tls12);
  REQUIRE(client.ok());
  const auto server = makeContext({.identities = {identity}});
  CHECK(meet(server, **client, "x.b.example").agreed);
  for (const char* host : {"other.example", "127.0.0.2", "x.y.b.example", "b.example"}) {
    INFO(host);
    const Meeting meeting = meet(server, **client, host);
    CHECK_FALSE(meeting.agreed);
    CHECK(meeting.why.find("mismatch") != std::string::npos);
  }
}

TEST_CASE("a certificate of nobody who is trusted is refused") {
  const CaFile file(makeIdentity("imap.example", "DNS:imap.example").certificatePem);
  const auto client = ClientContext::make(file.path(), MinVersion::Tls12);
  REQUIRE(client.ok());
  const auto impostor = makeContext({.identities = {makeIdentity("imap.example", "DNS:imap.example")}});
  const Meeting meeting = meet(impostor, **client, "imap.example");
  CHECK_FALSE(meeting.agreed);
  CHECK(meeting.why.find("its certificate is refused") == 0);
}

TEST_CASE("a certificate that has expired is refused") {
  const Identity identity = makeIdentity("imap.example", "DNS:imap.example", false, -7200, -3600);
  const CaFile file(identity.certificatePem);
  const auto client = ClientContext::make(file.path(), MinVersion::Tls12);
  REQUIRE(client.ok());
  const Meeting meeting = meet(makeContext({.identities = {identity}}), **client, "imap.example");
  CHECK_FALSE(meeting.agreed);
  CHECK(meeting.why.find("expired") != std::string::npos);
}

TEST_CASE("a file of authorities that is none is said") {
  const auto absent = ClientContext::make("/does/not/exist.pem", MinVersion::Tls12);
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error().text.find("/does/not/exist.pem") != std::string::npos);
  const CaFile file("nothing of the kind\n");
  const auto nonsense = ClientContext::make(file.path(), MinVersion::Tls12);
  REQUIRE_FALSE(nonsense.ok());
  CHECK(nonsense.error().code == Errc::Invalid);
  CHECK(ClientContext::make("", MinVersion::Tls13).ok());
}

TEST_CASE("who believes everybody is only hidden from listeners") {
  const auto client = ClientContext::makeUnverified(MinVersion::Tls12);
  REQUIRE(client.ok());
  const auto server = makeContext({.identities = {makeIdentity("imap.example", "DNS:imap.example")}});
  CHECK(meet(server, **client, "other.example").agreed);
}
