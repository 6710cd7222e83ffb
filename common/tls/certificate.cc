// SPDX-License-Identifier: Apache-2.0
#include "common/tls/certificate.h"

#include <algorithm>
#include <memory>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/ascii.h"
#include "common/tls/openssl_error.h"

namespace posthorn::tls {
namespace {

constexpr std::size_t kMostPem = 1024UL * 1024;
constexpr std::size_t kMostChain = 16;

// A key under a passphrase must not make a server ask its terminal.
int refusePassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Error bad(const Identity& identity, const std::string& what) {
  return makeError(Errc::Invalid, "certificate " + identity.name + ": " + what);
}

BioPtr bioOf(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Status readChain(const Identity& identity, Certificate& into) {
  const BioPtr bio = bioOf(identity.certificatePem);
  into.leaf.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!into.leaf)
    return bad(identity, "no PEM certificate: " + takeErrors("the text has no BEGIN CERTIFICATE"));
  while (CertPtr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (into.chain.size() == kMostChain) return bad(identity, "the chain is longer than 16 certificates");
    into.chain.push_back(std::move(next));
  }
  // The end of the text is an error to PEM_read; anything else is one to us.
  const unsigned long last = ERR_peek_last_error();
  if (ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
    return bad(identity, "a certificate of the chain cannot be read: " + takeErrors("unknown"));
  ERR_clear_error();
  return okStatus();
}

Status readKey(const Identity& identity, Certificate& into) {
  const BioPtr bio = bioOf(identity.keyPem);
  bool asked = false;
  into.key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &refusePassphrase, &asked));
  if (!into.key) {
    const std::string why = takeErrors("the text has no BEGIN PRIVATE KEY");
    return bad(identity,
               asked ? "the key is under a passphrase; store it without one" : "no PEM private key: " + why);
  }
  if (X509_check_private_key(into.leaf.get(), into.key.get()) == 1) return okStatus();
  return bad(identity, "the key does not belong to it: " + takeErrors("key values mismatch"));
}

void addName(const ASN1_STRING* text, std::vector<std::string>& names) {
  const auto* raw = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
  const std::string_view name(raw, static_cast<std::size_t>(ASN1_STRING_length(text)));
  // A name with a NUL inside is an attack on those who stop there.
  if (!name.empty() && name.find('\0') == std::string_view::npos) names.push_back(ascii::toLower(name));
}

std::vector<std::string> namesOf(X509& leaf) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&leaf, NID_subject_alt_name, nullptr, nullptr));
  const std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>> owner(all);
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(all, i);
    if (one->type == GEN_DNS) addName(one->d.dNSName, names);
  }
  if (!names.empty()) return names;
  X509_NAME* subject = X509_get_subject_name(&leaf);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) addName(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), names);
  return names;
}

}  // namespace

Result<Certificate> parseCertificate(const Identity& identity) {
  ERR_clear_error();
  if (identity.certificatePem.size() > kMostPem || identity.keyPem.size() > kMostPem)
    return bad(identity, "the PEM text is longer than 1 MiB");
  Certificate parsed;
  PH_CHECK(readChain(identity, parsed));
  PH_CHECK(readKey(identity, parsed));
  parsed.names = namesOf(*parsed.leaf);
  return parsed;
}

bool nameFits(std::string_view name, std::string_view host) {
  if (!name.starts_with("*.")) return name == host;
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 && host.substr(dot) == name.substr(1);
}

}  // namespace posthorn::tls
