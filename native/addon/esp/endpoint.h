#pragma once

#include <cstdint>
#include <cstring>

namespace cygnet::esp {

/** An address and UDP port of a tunnel. The address is in network order with IPv4 in the first 4 octets and the rest zero, the port in host order. */
struct Endpoint {
  /** 4 or 6. */
  uint8_t family = 0;
  uint16_t port = 0;
  uint8_t address[16] = {};

  bool SameAddress(const Endpoint& other) const {
    return family == other.family && memcmp(address, other.address, sizeof address) == 0;
  }
  bool operator==(const Endpoint& other) const { return port == other.port && SameAddress(other); }
};

}  // namespace cygnet::esp
