// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/certificate.h"

#include <array>
#include <chrono>
#include <memory>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::size_t kMostText = 200;

std::string textOf(BIO* bio) {
  std::array<char, 512> text{};
  const int length = BIO_read(bio, text.data(), static_cast<int>(text.size()));
  return length > 0 ? ascii::printable({text.data(), static_cast<std::size_t>(length)}, kMostText) : "?";
}

std::string timeText(const ASN1_TIME* time) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (!bio || ASN1_TIME_print(bio.get(), time) != 1) return "?";
  return textOf(bio.get());
}

std::string nameText(const X509_NAME* name) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return "?";
  return textOf(bio.get());
}

std::string namesOf(X509* certificate) {
  const Owned<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string out;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()) && out.size() < kMostText; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    const auto length = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
    out += (out.empty() ? "" : " ") + ascii::printable({data, length}, 100);
  }
  return out.empty() ? nameText(X509_get_subject_name(certificate)) : out;
}

bool isFor(X509* certificate, const std::string& host) {
  return X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1 ||
         X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
}

}  // namespace

std::string certificateTrouble(std::string_view der, const std::string& host, const std::string& caFile,
                               Wall now) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const Owned<X509> certificate(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
  if (!certificate) return "the server shows no readable certificate";
  std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const ASN1_TIME* end = X509_get0_notAfter(certificate.get());
  const ASN1_TIME* begin = X509_get0_notBefore(certificate.get());
  if (X509_cmp_time(end, &seconds) < 0) return "it has expired on " + timeText(end);
  if (X509_cmp_time(begin, &seconds) > 0) return "it is valid from " + timeText(begin) + " on";
  if (!isFor(certificate.get(), host))
    return "it is for another name: it says " + namesOf(certificate.get()) + ", base.ugldaphost says " + host;
  const Owned<X509_STORE> store(X509_STORE_new());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (!store || X509_STORE_load_file(store.get(), caFile.c_str()) != 1)
    return "base.ugldapcafile " + caFile + " cannot be read";
  const auto judged = [&] {
    if (!context || X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr) != 1)
      return false;
    X509_STORE_CTX_set_time(context.get(), 0, seconds);
    return X509_verify_cert(context.get()) == 1;
  };
  const bool trusted = judged();
  if (!trusted)
    return "it is issued by " + nameText(X509_get_issuer_name(certificate.get())) +
           ", which is not vouched for by " + caFile + " (base.ugldapcafile)";
  return {};
}

}  // namespace posthorn::auth::ldap
