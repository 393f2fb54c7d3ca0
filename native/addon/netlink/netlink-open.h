#pragma once

#include <napi.h>

#include <cstdint>
#include <vector>

#include "udp/udp-open.h"

namespace cygnet {

/** How a netlink socket is opened; src/netlink-socket.ts documents the options. */
struct NetlinkOptions {
  int protocol = 0;
  std::vector<uint32_t> groups;
  int receive_buffer = 0;
  uint32_t request_bytes = 0;
  uint32_t answer_bytes = 0;

  /** Returns false with a TypeError pending when an option is of the wrong type or out of its range. */
  static bool Read(Napi::Env env, Napi::Value value, NetlinkOptions* out);
};

/** Opens, binds and joins the groups. Nothing stays open on failure. */
OpenResult OpenNetlink(const NetlinkOptions& options);

/** The address that the kernel gave the socket, 0 when it cannot be read. */
uint32_t NetlinkPortId(int fd);

}  // namespace cygnet
