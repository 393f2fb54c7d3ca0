#pragma once

#include "udp/udp-options.h"

namespace cygnet {

/** A descriptor, or the system call that failed and why. */
struct OpenResult {
  int fd = -1;
  const char* syscall = "";
  int error = 0;
};

/**
 * Creates, sets up and binds a UDP socket, or checks and sets up the one to adopt. Nothing stays open on failure; an
 * adopted descriptor is never closed here.
 *
 * There is no SO_REUSEADDR on purpose: with it, UDP on Linux lets a second daemon take over the port in silence.
 */
OpenResult OpenUdp(const UdpOptions& options);

/** The bound port, 0 when it cannot be read. */
uint16_t BoundPort(int fd);

}  // namespace cygnet
