#include "call.h"

#include <cstdio>

namespace cygnet::crypto {

void ThrowType(napi_env env, const char* argument) {
  char text[96];
  snprintf(text, sizeof text, "%s has the wrong type", argument);
  napi_throw_type_error(env, "CYG_CRYPTO_TYPE", text);
}

void ThrowLength(napi_env env, const char* argument, size_t actual, size_t expected) {
  char text[128];
  snprintf(text, sizeof text, "%s has %zu octets instead of %zu", argument, actual, expected);
  napi_throw_range_error(env, "CYG_CRYPTO_LENGTH", text);
}

void ThrowRange(napi_env env, const char* message) { napi_throw_range_error(env, "CYG_CRYPTO_LENGTH", message); }

void ThrowFailed(napi_env env, const char* operation) {
  char text[96];
  snprintf(text, sizeof text, "OpenSSL failed at %s", operation);
  napi_throw_error(env, "CYG_CRYPTO_FAILED", text);
}

void Export(napi_env env, napi_value exports, CryptoEnv* self, const FunctionEntry* entries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    napi_value function;
    if (napi_create_function(env, entries[i].name, NAPI_AUTO_LENGTH, entries[i].callback, self, &function) != napi_ok) continue;
    napi_set_named_property(env, exports, entries[i].name, function);
  }
}

}  // namespace cygnet::crypto
