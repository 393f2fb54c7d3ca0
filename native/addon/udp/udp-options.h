#pragma once

#include <napi.h>

#include <cstdint>

namespace cygnet {

/** The constructor options of UdpSocket as plain values, checked. */
struct UdpOptions {
  /** AF_INET or AF_INET6; of an adopted descriptor, its own. */
  int domain = 0;
  /** Local address, all zero for the wildcard. */
  uint8_t address[16] = {};
  uint32_t scope_id = 0;
  uint16_t port = 0;
  /** An open descriptor to use instead of a new socket, or -1. */
  int adopt_fd = -1;
  bool reuse_port = false;
  /** SO_MARK; 0 leaves it unset. */
  uint32_t mark = 0;
  /** Wished SO_RCVBUF in octets, 0 for the system's default. */
  int receive_buffer = 0;
  /** Receive slots; 0 for a socket that is only held, never read. */
  uint32_t slots = 0;
  uint32_t max_packet = 0;
  /** Octets of the send slab. */
  uint32_t send_bytes = 0;

  /** False with a TypeError pending when `value` is no valid options object. */
  static bool Read(Napi::Env env, Napi::Value value, UdpOptions* out);
};

}  // namespace cygnet
