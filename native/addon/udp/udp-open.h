#pragma once

#include "udp/steering.h"
#include "udp/udp-options.h"

namespace cygnet {

/** A descriptor, or the system call that failed and why. */
struct OpenResult {
  int fd = -1;
  const char* syscall = "";
  int error = 0;
};

/**
 * Creates, sets up and binds a UDP socket, or checks and sets up the one to adopt and returns a duplicate of it: same
 * socket, same queue, same place in a group, and a descriptor of its own to close. Nothing stays open on failure.
 *
 * There is no SO_REUSEADDR on purpose: with it, UDP on Linux lets a second daemon take over the port in silence.
 */
OpenResult OpenUdp(const UdpOptions& options);

/**
 * Lets sockets that ask for SO_REUSEPORT join the port of a socket that was bound without: so the founder of a group gets
 * EADDRINUSE where a foreign group has the port, instead of joining it in silence.
 * @return 0 or errno
 */
int AllowSharing(int fd);

/** Has the kernel spread the datagrams of the socket's SO_REUSEPORT group by `steering`. Returns 0 or errno. */
int AttachSteering(int fd, const Steering& steering);

/** The bound port, 0 when it cannot be read. */
uint16_t BoundPort(int fd);

}  // namespace cygnet
