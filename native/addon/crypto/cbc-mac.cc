#include <openssl/crypto.h>

#include <cstring>
#include <iterator>

#include "crypto-env.h"

namespace cygnet::crypto {
namespace {

// XCBC-MAC (RFC 3566) and CMAC (RFC 4493) are one construction: CBC-MAC with a key that is added to the last block, another one when
// that block had to be padded. They differ in how the three keys come about.
constexpr size_t kBlock = 16;
constexpr size_t kState = 3 * kBlock;

bool Mac(CryptoEnv& self, size_t cipher, const uint8_t* state, const uint8_t* data, size_t size, uint8_t* out) {
  EVP_CIPHER_CTX* context = self.ciphers.Keyed(cipher, state);
  if (context == nullptr) return false;
  int done;
  uint8_t chunk[64 * kBlock];
  // Everything but the last block, which may be full.
  size_t head = size == 0 ? 0 : (size - 1) / kBlock * kBlock;
  while (head > 0) {
    const size_t step = head < sizeof chunk ? head : sizeof chunk;
    if (EVP_CipherUpdate(context, chunk, &done, data, static_cast<int>(step)) != 1) return false;
    data += step;
    size -= step;
    head -= step;
  }
  uint8_t last[kBlock] = {};
  memcpy(last, data, size);
  const uint8_t* tweak = state + kBlock;
  if (size < kBlock) {
    last[size] = 0x80;
    tweak = state + 2 * kBlock;
  }
  for (size_t i = 0; i < kBlock; i++) last[i] ^= tweak[i];
  const bool ok = EVP_CipherUpdate(context, out, &done, last, kBlock) == 1;
  OPENSSL_cleanse(last, sizeof last);
  OPENSSL_cleanse(chunk, sizeof chunk);
  return ok;
}

bool EncryptBlock(CryptoEnv& self, size_t cipher, const uint8_t* key, uint8_t* block) {
  // One block of CBC with a zero IV is one block of ECB.
  EVP_CIPHER_CTX* context = self.ciphers.Keyed(cipher, key);
  int done;
  return context != nullptr && EVP_CipherUpdate(context, block, &done, block, kBlock) == 1;
}

/** Multiplies by x in GF(2^128). Constant time: the result is a key. */
void Double(const uint8_t* in, uint8_t* out) {
  const uint8_t carry = static_cast<uint8_t>(-(in[0] >> 7));
  for (size_t i = 0; i < kBlock; i++) out[i] = static_cast<uint8_t>(in[i] << 1 | (i + 1 < kBlock ? in[i + 1] >> 7 : 0));
  out[kBlock - 1] ^= carry & 0x87;
}

bool Schedule(CryptoEnv& self, size_t cipher, bool cmac, const uint8_t* key, uint8_t* state) {
  if (cmac) {
    uint8_t zero[kBlock] = {};
    memcpy(state, key, kBlock);
    if (!EncryptBlock(self, cipher, key, zero)) return false;
    Double(zero, state + kBlock);
    Double(state + kBlock, state + 2 * kBlock);
    OPENSSL_cleanse(zero, sizeof zero);
    return true;
  }
  uint8_t derived[kState];
  for (uint8_t i = 0; i < 3; i++) {
    memset(derived + i * kBlock, i + 1, kBlock);
    if (!EncryptBlock(self, cipher, key, derived + i * kBlock)) return false;
  }
  memcpy(state, derived, kState);
  OPENSSL_cleanse(derived, sizeof derived);
  return true;
}

/**
 * A PRF takes keys of any size. RFC 4434 pads short ones with zeros and RFC 4615 does not; both replace a long key by its MAC under
 * the zero key.
 */
bool SetKeyOf(CryptoEnv& self, size_t cipher, bool cmac, const Bytes& key, uint8_t* state) {
  uint8_t fixed[kBlock] = {};
  bool ok = true;
  if (key.size == kBlock || (key.size < kBlock && !cmac)) {
    memcpy(fixed, key.data, key.size);
  } else {
    uint8_t result[kBlock];
    ok = Schedule(self, cipher, cmac, fixed, state) && Mac(self, cipher, state, key.data, key.size, result);
    memcpy(fixed, result, kBlock);
    OPENSSL_cleanse(result, sizeof result);
  }
  ok = ok && Schedule(self, cipher, cmac, fixed, state);
  OPENSSL_cleanse(fixed, sizeof fixed);
  return ok;
}

napi_value CbcMacSetKey(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t cipher, cmac;
  Bytes key, state;
  if (!call.Id(0, kCipherCount, cipher) || !call.Id(1, 2, cmac) || !call.Octets(2, "key", key) || !call.Octets(3, "state", kState, state)) {
    return nullptr;
  }
  if (kCiphers[cipher].key != kBlock || kCiphers[cipher].block != kBlock || kCiphers[cipher].iv != kBlock) {
    ThrowRange(env, "not a CBC cipher with blocks and keys of 16 octets");
    return nullptr;
  }
  if (!SetKeyOf(call.self(), cipher, cmac == 1, key, state.data)) ThrowFailed(env, "a CBC-MAC key");
  return nullptr;
}

bool ReadAndMac(const Call<4>& call, const char* name, uint8_t* mac, Bytes& icv) {
  uint32_t cipher;
  Bytes state, data;
  if (!call.Id(0, kCipherCount, cipher) || !call.Octets(1, "state", kState, state) || !call.Octets(2, "data", data) ||
      !call.Octets(3, name, icv)) {
    return false;
  }
  if (icv.size == 0 || icv.size > kBlock) {
    ThrowLength(call.env, name, icv.size, kBlock);
    return false;
  }
  if (kCiphers[cipher].block == kBlock && kCiphers[cipher].key == kBlock && kCiphers[cipher].iv == kBlock &&
      Mac(call.self(), cipher, state.data, data.data, data.size, mac)) {
    return true;
  }
  ThrowFailed(call.env, "a CBC-MAC");
  return false;
}

napi_value CbcMac(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Bytes out;
  uint8_t mac[kBlock];
  if (!ReadAndMac(call, "out", mac, out)) return nullptr;
  memcpy(out.data, mac, out.size);
  OPENSSL_cleanse(mac, sizeof mac);
  return nullptr;
}

napi_value CbcMacVerify(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Bytes icv;
  uint8_t mac[kBlock];
  if (!ReadAndMac(call, "icv", mac, icv)) return nullptr;
  const bool equal = CRYPTO_memcmp(mac, icv.data, icv.size) == 0;
  OPENSSL_cleanse(mac, sizeof mac);
  return call.Boolean(equal);
}

}  // namespace

void ExportCbcMac(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"cbcMacSetKey", CbcMacSetKey}, {"cbcMac", CbcMac}, {"cbcMacVerify", CbcMacVerify}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
