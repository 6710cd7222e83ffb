// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/wire.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <lber.h>
#include <poll.h>
#include <sys/socket.h>

namespace posthorn::auth::ldap {
namespace {

Wire& wireOf(Sockbuf_IO_Desc* layer) {
  return *static_cast<Wire*>(layer->sbiod_pvt);
}

int setUp(Sockbuf_IO_Desc* layer, void* wire) {
  layer->sbiod_pvt = wire;
  return 0;
}

int remove(Sockbuf_IO_Desc* /*layer*/) {
  return 0;
}

int control(Sockbuf_IO_Desc* /*layer*/, int /*option*/, void* /*value*/) {
  return 0;
}

ber_slen_t readLayer(Sockbuf_IO_Desc* layer, void* buffer, ber_len_t size) {
  return wireOf(layer).read(buffer, size);
}

ber_slen_t writeLayer(Sockbuf_IO_Desc* layer, void* data, ber_len_t size) {
  return wireOf(layer).write(data, size);
}

int closeLayer(Sockbuf_IO_Desc* layer) {
  wireOf(layer).close();
  return 0;
}

}  // namespace

Wire::Wire(UniqueFd socket, const Clock& clock)
    : socket_(std::move(socket)), clock_(clock), deadline_(clock.steady()) {}

sockbuf_io* Wire::functions() {
  static sockbuf_io table{setUp, remove, control, readLayer, writeLayer, closeLayer};
  return &table;
}

void Wire::arm(Steady deadline) {
  deadline_ = deadline;
  cutOff_ = false;
}

bool Wire::readable() const {
  pollfd state{socket_.get(), POLLIN, 0};
  return poll(&state, 1, 0) != 0;
}

bool Wire::await(short events) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock_.steady()).count();
    if (left <= 0) {
      cutOff_ = true;
      errno = ETIMEDOUT;
      return false;
    }
    pollfd state{socket_.get(), events, 0};
    const int ready = poll(&state, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

ssize_t Wire::read(void* buffer, std::size_t size) {
  while (true) {
    const ssize_t got = recv(socket_.get(), buffer, size, MSG_DONTWAIT);
    if (got >= 0) return got;
    if (errno == EINTR) continue;
    if ((errno != EAGAIN && errno != EWOULDBLOCK) || !await(POLLIN)) return -1;
  }
}

ssize_t Wire::write(const void* data, std::size_t size) {
  while (true) {
    const ssize_t sent = send(socket_.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EINTR) continue;
    if ((errno != EAGAIN && errno != EWOULDBLOCK) || !await(POLLOUT)) return -1;
  }
}

}  // namespace posthorn::auth::ldap
