// SPDX-License-Identifier: Apache-2.0
#include "master/plan.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/ids.h"
#include "common/proc/sealed_memfd.h"
#include "common/proc/tls_material.h"
#include "common/tls/context.h"

namespace posthorn::master {
namespace {

constexpr std::size_t kMaxPem = 1U << 20;

Result<std::string> readPem(const std::string& option, const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return errnoError(option + ": open " + path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errnoError(option + ": look at " + path);
  if (!S_ISREG(info.st_mode)) return makeError(Errc::Invalid, option + ": " + path + " is no file");
  std::string text;
  std::array<char, 16384> chunk{};
  const auto unreadable = [&option, &path] { return errnoError(option + ": read " + path); };
  while (text.size() <= kMaxPem) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable();
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return makeError(Errc::TooBig, option + ": " + path + " is longer than 1 MiB");
}

Result<proc::TlsMaterial> readMaterial(const config::ServiceConfig& options, const TicketKeys& tickets) {
  proc::TlsMaterial material;
  if (!options.offersTls()) return material;
  tls::Settings settings;
  for (const config::Certificate& certificate : options.certificates) {
    const std::string option = "tls:" + certificate.name;
    PH_TRY(std::string cert, readPem(option + ".cert", certificate.cert));
    PH_TRY(std::string key, readPem(option + ".key", certificate.key));
    settings.identities.push_back({certificate.name, cert, key});
    material.identities.push_back({certificate.name, std::move(cert), std::move(key)});
  }
  // Built and dropped: workers would find out too, but then a running service has been touched already.
  PH_CHECK(tls::Context::make(settings));
  material.ticketKeys = tickets.keys();
  return material;
}

}  // namespace

void TicketKeys::rotate(Steady now) {
  while (keys_.size() > 1 && now - keys_.back().retired > kTicketLife) keys_.pop_back();
  if (keys_.size() >= kMost) return;
  if (!keys_.empty()) keys_.front().retired = now;
  std::string key(proc::TlsMaterial::kTicketKeyBytes, '\0');
  randomBytes(key.data(), key.size());
  keys_.insert(keys_.begin(), Key{std::move(key), now});
}

std::vector<std::string> TicketKeys::keys() const {
  std::vector<std::string> bytes;
  bytes.reserve(keys_.size());
  for (const Key& key : keys_) bytes.push_back(key.bytes);
  return bytes;
}

Result<std::shared_ptr<const Plan>> makePlan(config::Service service,
                                             std::shared_ptr<const config::Snapshot> config,
                                             const TicketKeys& tickets) {
  auto plan = std::make_shared<Plan>();
  plan->service = service;
  plan->options = config->service(service);
  PH_TRY(const proc::TlsMaterial material, readMaterial(plan->options, tickets));
  PH_TRY(plan->configFd, proc::sealedMemfd("posthorn-config", config->serialize(service)));
  PH_TRY(plan->tlsFd, proc::sealedMemfd("posthorn-tls", material.encode()));
  plan->config = std::move(config);
  return std::shared_ptr<const Plan>(std::move(plan));
}

}  // namespace posthorn::master
