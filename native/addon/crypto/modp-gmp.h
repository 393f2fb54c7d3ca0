#pragma once

#include <cstddef>
#include <cstdint>

#include "modp-group.h"

namespace cygnet::crypto {

/** libgmp's version, null where the addon was built without it. */
const char* GmpVersion();

/** value^exponent by mpn_sec_powm, which takes the same time for all values. False where the addon was built without libgmp. */
bool GmpPower(const ModpGroup& group, uint8_t* out, const uint8_t* value, const uint8_t* exponent);

}  // namespace cygnet::crypto
