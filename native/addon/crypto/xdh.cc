#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstring>
#include <iterator>

#include "crypto-env.h"

// OpenSSL's X25519 without a key object around it, which every node executable exports. Not public, so EVP stands in without it.
extern "C" int ossl_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]) __attribute__((weak));
extern "C" void ossl_x25519_public_from_private(uint8_t out[32], const uint8_t scalar[32]) __attribute__((weak));

namespace cygnet::crypto {
namespace {

struct XdhEntry {
  const char* name;
  size_t size;
  int type;
};

// RFC 8031: all values of one length, little-endian, the secret as it comes.
constexpr XdhEntry kCurves[] = {{"X25519", 32, EVP_PKEY_X25519}, {"X448", 56, EVP_PKEY_X448}};
constexpr size_t kCurveCount = std::size(kCurves);
constexpr size_t kMaxSize = 56;

bool Public(uint32_t id, const uint8_t* scalar, uint8_t* out) {
  if (id == 0 && ossl_x25519_public_from_private != nullptr) {
    ossl_x25519_public_from_private(out, scalar);
    return true;
  }
  const XdhEntry& curve = kCurves[id];
  size_t size = curve.size;
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(curve.type, nullptr, scalar, curve.size);
  const bool ok = key != nullptr && EVP_PKEY_get_raw_public_key(key, out, &size) == 1 && size == curve.size;
  EVP_PKEY_free(key);
  return ok;
}

/** False for a result of all zeros, which a point of small order gives (RFC 8031 section 3.2). */
bool Secret(uint32_t id, const uint8_t* scalar, const uint8_t* peer, uint8_t* out) {
  if (id == 0 && ossl_x25519 != nullptr) return ossl_x25519(out, scalar, peer) == 1;
  const XdhEntry& curve = kCurves[id];
  size_t size = curve.size;
  EVP_PKEY* own = EVP_PKEY_new_raw_private_key(curve.type, nullptr, scalar, curve.size);
  EVP_PKEY* other = EVP_PKEY_new_raw_public_key(curve.type, nullptr, peer, curve.size);
  EVP_PKEY_CTX* context = own == nullptr ? nullptr : EVP_PKEY_CTX_new(own, nullptr);
  const bool ok = other != nullptr && context != nullptr && EVP_PKEY_derive_init(context) == 1 &&
                  EVP_PKEY_derive_set_peer(context, other) == 1 && EVP_PKEY_derive(context, out, &size) == 1 && size == curve.size;
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(other);
  EVP_PKEY_free(own);
  ERR_clear_error();
  return ok;
}

napi_value XdhSpec(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  char name[16];
  if (!call.Name(0, name)) return nullptr;
  for (uint32_t id = 0; id < kCurveCount; id++) {
    if (strcmp(kCurves[id].name, name) == 0) return Spec(env).Set("id", id).Set("bytes", kCurves[id].size).value();
  }
  return nullptr;
}

// Makes a key pair; with `draw` false, the public value of a given private one (for tests with published vectors).
napi_value Pair(napi_env env, napi_callback_info info, bool draw) {
  Call<3> call(env, info);
  uint32_t id;
  Bytes scalar, value;
  if (!call.Id(0, kCurveCount, id) || !call.Octets(1, "privateValue", kCurves[id].size, scalar) ||
      !call.Octets(2, "publicValue", kCurves[id].size, value)) {
    return nullptr;
  }
  if ((draw && !call.self().privateRandom.Fill(scalar.data, scalar.size)) || !Public(id, scalar.data, value.data)) {
    ThrowFailed(env, kCurves[id].name);
  }
  return nullptr;
}

napi_value XdhGenerate(napi_env env, napi_callback_info info) { return Pair(env, info, true); }
napi_value XdhPublic(napi_env env, napi_callback_info info) { return Pair(env, info, false); }

napi_value XdhDerive(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t id;
  Bytes scalar, peer, secret;
  if (!call.Id(0, kCurveCount, id)) return nullptr;
  const size_t size = kCurves[id].size;
  if (!call.Octets(1, "privateValue", size, scalar) || !call.Octets(2, "response", peer) || !call.Octets(3, "secret", size, secret)) {
    return nullptr;
  }
  return call.Boolean(peer.size == size && Secret(id, scalar.data, peer.data, secret.data));
}

napi_value XdhRespond(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t id;
  Bytes peer, response, secret;
  if (!call.Id(0, kCurveCount, id)) return nullptr;
  const size_t size = kCurves[id].size;
  if (!call.Octets(1, "publicValue", peer) || !call.Octets(2, "response", size, response) || !call.Octets(3, "secret", size, secret)) {
    return nullptr;
  }
  if (peer.size != size) return call.Boolean(false);
  uint8_t scalar[kMaxSize];
  if (!call.self().privateRandom.Fill(scalar, size)) {
    ThrowFailed(env, "drawing random octets");
    return nullptr;
  }
  const bool ok = Secret(id, scalar, peer.data, secret.data);
  if (ok && !Public(id, scalar, response.data)) ThrowFailed(env, kCurves[id].name);
  OPENSSL_cleanse(scalar, sizeof scalar);
  return call.Boolean(ok);
}

}  // namespace

void ExportXdh(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"xdhSpec", XdhSpec},
                                       {"xdhGenerate", XdhGenerate},
                                       {"xdhPublic", XdhPublic},
                                       {"xdhDerive", XdhDerive},
                                       {"xdhRespond", XdhRespond}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
