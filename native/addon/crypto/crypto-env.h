#pragma once

#include <memory>

#include "aead.h"
#include "call.h"
#include "cipher.h"
#include "ec.h"
#include "hash.h"
#include "random.h"

namespace cygnet::crypto {

/**
 * What one environment (main thread or worker) keeps between calls: contexts that are re-keyed per call, and pools of random octets.
 * Nothing here is shared between threads, so nothing here is locked. Read-only tables that are shared live with their algorithms.
 */
struct CryptoEnv {
  HashContexts hashes;
  CipherContexts ciphers;
  AeadContexts aeads;
  EcGroups curves;
  /** Nonces, SPIs, IVs: what an observer sees. */
  RandomPool publicRandom{RandomPool::Source::kPublic};
  /** Private exponents. Drawn from OpenSSL's second generator, so that what is public tells nothing about it. */
  RandomPool privateRandom{RandomPool::Source::kPrivate};
};

void ExportHash(napi_env env, napi_value exports, CryptoEnv* self);
void ExportHmac(napi_env env, napi_value exports, CryptoEnv* self);
void ExportCipher(napi_env env, napi_value exports, CryptoEnv* self);
void ExportCbcMac(napi_env env, napi_value exports, CryptoEnv* self);
void ExportAead(napi_env env, napi_value exports, CryptoEnv* self);
void ExportModp(napi_env env, napi_value exports, CryptoEnv* self);
void ExportEc(napi_env env, napi_value exports, CryptoEnv* self);
void ExportXdh(napi_env env, napi_value exports, CryptoEnv* self);
void ExportRandom(napi_env env, napi_value exports, CryptoEnv* self);

}  // namespace cygnet::crypto
