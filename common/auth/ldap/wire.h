// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "common/base/clock.h"
#include "common/base/unique_fd.h"

struct sockbuf_io;

namespace posthorn::auth::ldap {

/// The lowest layer of a libldap connection: a socket that does not block, read and written before a
/// deadline. libldap's own layer cannot be used: with GnuTLS it spins, and never ends, while a server that
/// hangs owes its part of a handshake; it stalls in the middle of an answer; and it raises SIGPIPE. One
/// thread at a time.
class Wire {
 public:
  Wire(UniqueFd socket, const Clock& clock);

  /// From now on nothing takes longer than until then.
  void arm(Steady deadline);
  /// Whether the deadline has cut something off since arm().
  [[nodiscard]] bool cutOff() const { return cutOff_; }
  /// Something can be read: what was not asked for, or the end.
  [[nodiscard]] bool readable() const;
  [[nodiscard]] int fd() const { return socket_.get(); }

  /// As read(2) and write(2); ETIMEDOUT at the deadline.
  ssize_t read(void* buffer, std::size_t size);
  ssize_t write(const void* data, std::size_t size);
  void close() { socket_.reset(); }

  /// The table of functions for ber_sockbuf_add_io, whose argument is a Wire*.
  static sockbuf_io* functions();

 private:
  [[nodiscard]] bool await(short events);

  UniqueFd socket_;
  const Clock& clock_;
  Steady deadline_;
  bool cutOff_ = false;
};

}  // namespace posthorn::auth::ldap
