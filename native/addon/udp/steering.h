#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cygnet {

/**
 * Which shard a datagram is for: a keyed hash of the SPI that names its IKE_SA. core/ike/src/network/steering.ts says which
 * SPI that is and why; the two, and the program for the kernel, agree bit for bit.
 */
struct Steering {
  uint32_t shards = 1;
  uint32_t word0 = 0;
  uint32_t word1 = 0;
  /** On the port for NAT traversal, where a non-ESP marker stands before the IKE header. */
  bool nat_t = false;
  /** With nat_t: what comes from port 500 has no marker. For sockets that forward; the program for the kernel does not see the port. */
  bool plain_from_500 = false;
  /** The index of the socket for what is no IKE, such as ESP in UDP with nat_t. For the program only. */
  uint32_t others = 0;

  uint32_t ShardOfSpi(uint32_t hi, uint32_t lo) const;
  uint32_t ShardOf(const uint8_t* data, size_t length, uint16_t source_port = 0) const;
  /** The same as a classic BPF program that returns the index of a socket in its SO_REUSEPORT group. */
  std::vector<sock_filter> Program() const;
};

}  // namespace cygnet
