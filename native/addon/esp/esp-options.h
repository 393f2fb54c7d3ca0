#pragma once

#include <napi.h>

#include <memory>

#include "esp/data-path.h"

namespace cygnet::esp {

/*
 * Plain structs of what JavaScript passes. Each returns false, or null, with a TypeError pending when a value is not what src/esp/esp-binding.ts
 * says.
 */

/** { address, port }: 4 or 16 octets. */
bool ReadEndpoint(Napi::Object object, const char* name, Endpoint* out);

/** The options of an SA, and the SA. A RangeError where its algorithms or keys are refused. */
std::shared_ptr<Sa> ReadSa(Napi::Value value);

struct PolicyOptions {
  Direction direction;
  Selector selector;
  Action action;
  uint8_t rank;
  PolicyUser user;
};
bool ReadPolicy(Napi::Value value, PolicyOptions* out);

/** The octets of a Uint8Array, which are JavaScript's. */
bool ReadOctets(Napi::Value value, const char* what, const uint8_t** data, size_t* size);

Napi::Object WriteEndpoint(Napi::Env env, const Endpoint& endpoint);
Napi::Value WriteAddress(Napi::Env env, uint8_t family, const uint8_t* address);

}  // namespace cygnet::esp
