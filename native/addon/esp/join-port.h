#pragma once

#include <cstdint>
#include <memory>

#include "esp/esp-port.h"
#include "udp/steering.h"

namespace cygnet::esp {

/**
 * A socket of its own for the ESP that comes to a bound UDP socket of IKE: both are in one SO_REUSEPORT group then, whose
 * program tells ESP from IKE by the non-ESP marker (RFC 3948 section 2.2). Address, port and mark are the other's.
 *
 * @param ike a descriptor of any socket of the group; `steering.shards` is how many there are so far
 * @return null with what failed in `syscall` and `error`; the other socket is as it was then, but for SO_REUSEPORT
 */
std::unique_ptr<EspPort> JoinPort(int ike, Steering steering, const char** syscall, int* error);

/**
 * A socket for ESP without UDP, of the family of a socket of IKE and with its address and mark.
 * @return null with what failed in `syscall` and `error`
 */
std::unique_ptr<EspPort> OpenRaw(int ike, const char** syscall, int* error);

}  // namespace cygnet::esp
