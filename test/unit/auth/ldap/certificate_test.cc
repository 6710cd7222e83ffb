// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/certificate.h"

#include <cstdio>
#include <memory>

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "test/unit/auth/support.h"

using namespace posthorn;
using namespace posthorn::auth;
using namespace posthorn::auth::ldap;

namespace {

constexpr std::int64_t kDay = 86400;
// Of the certificates below: valid from a day before to a day behind.
constexpr std::int64_t kNow = 1'800'000'000;

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

void extend(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate issue(const char* name, const char* names, EVP_PKEY* key, const char* issuer,
                  EVP_PKEY* issuerKey) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), kNow - kDay);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), kNow + kDay);
  const auto put = [](X509_NAME* where, const char* text) {
    X509_NAME_add_entry_by_txt(where, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text), -1,
                               -1, 0);
  };
  put(X509_get_subject_name(certificate.get()), name);
  X509_NAME* by = X509_NAME_new();
  put(by, issuer);
  X509_set_issuer_name(certificate.get(), by);
  X509_NAME_free(by);
  X509_set_pubkey(certificate.get(), key);
  if (names == nullptr) {
    extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  } else {
    extend(certificate.get(), NID_subject_alt_name, names);
  }
  REQUIRE(X509_sign(certificate.get(), issuerKey, EVP_sha256()) > 0);
  return certificate;
}

std::string derOf(X509* certificate) {
  unsigned char* out = nullptr;
  const int length = i2d_X509(certificate, &out);
  std::string der(reinterpret_cast<char*>(out), static_cast<std::size_t>(length));
  OPENSSL_free(out);
  return der;
}

void writePem(const std::string& path, X509* certificate) {
  FILE* file = std::fopen(path.c_str(), "we");
  REQUIRE(file != nullptr);
  PEM_write_X509(file, certificate);
  std::fclose(file);
}

}  // namespace

TEST_CASE("why a certificate was refused") {
  const test::TempFolder folder;
  const std::string caFile = folder.file("users");
  const Key caKey(EVP_EC_gen("P-256"));
  const Key key(EVP_EC_gen("P-256"));
  const Key stranger(EVP_EC_gen("P-256"));
  const Certificate ca = issue("Our CA", nullptr, caKey.get(), "Our CA", caKey.get());
  const Certificate good =
      issue("ldap", "DNS:ldap.example.com,IP:192.0.2.7", key.get(), "Our CA", caKey.get());
  const Certificate foreign = issue("ldap", "DNS:ldap.example.com", key.get(), "Other CA", stranger.get());
  writePem(caFile, ca.get());
  const auto why = [&](const Certificate& certificate, const std::string& host, std::int64_t now = kNow) {
    return certificateTrouble(derOf(certificate.get()), host, caFile, Wall(std::chrono::seconds(now)));
  };
  CHECK(why(good, "ldap.example.com", kNow + 2 * kDay).find("expired on") != std::string::npos);
  CHECK(why(good, "ldap.example.com", kNow - 2 * kDay).find("valid from") != std::string::npos);
  const std::string name = why(good, "ldap2.example.com");
  CHECK(name.find("another name") != std::string::npos);
  CHECK(name.find("ldap.example.com") != std::string::npos);
  CHECK(name.find("ldap2.example.com") != std::string::npos);
  CHECK(why(good, "192.0.2.8").find("another name") != std::string::npos);
  CHECK(why(good, "192.0.2.7").empty());
  CHECK(why(good, "ldap.example.com").empty());
  const std::string untrusted = why(foreign, "ldap.example.com");
  CHECK(untrusted.find("Other CA") != std::string::npos);
  CHECK(untrusted.find(caFile) != std::string::npos);
  CHECK(certificateTrouble("", "h", caFile, Wall()).find("no readable certificate") != std::string::npos);
  CHECK(certificateTrouble("garbage", "h", caFile, Wall()).find("no readable certificate") !=
        std::string::npos);
  CHECK(certificateTrouble(derOf(good.get()), "ldap.example.com", "/does/not/exist",
                           Wall(std::chrono::seconds(kNow)))
            .find("cannot be read") != std::string::npos);
}
