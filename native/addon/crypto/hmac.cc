#include <iterator>

#include "crypto-env.h"

namespace cygnet::crypto {
namespace {

/** HMAC, RFC 2104. The state is the chaining value after the inner key block, then the one after the outer. */
template <class H>
struct Hmac {
  using Context = typename H::Context;
  static constexpr size_t kState = 2 * H::kState;

  static void SetKey(const Bytes& key, uint8_t* state) {
    uint8_t pad[H::kBlock] = {};
    Context context;
    if (key.size > H::kBlock) {
      H::Init(context);
      H::Update(context, key.data, key.size);
      H::Final(context, pad);
    } else {
      memcpy(pad, key.data, key.size);
    }
    for (uint8_t& octet : pad) octet ^= 0x36;
    Half(context, pad, state);
    for (uint8_t& octet : pad) octet ^= 0x36 ^ 0x5c;
    Half(context, pad, state + H::kState);
    OPENSSL_cleanse(pad, sizeof pad);
    OPENSSL_cleanse(&context, sizeof context);
  }

  static void Compute(const uint8_t* state, const Bytes& data, uint8_t* out) {
    Context context;
    H::Load(context, state);
    H::Update(context, data.data, data.size);
    Finish(context, state, out);
    OPENSSL_cleanse(&context, sizeof context);
  }

  // RFC 7296 section 2.13: T1 = prf(K, S | 0x01), Tn = prf(K, Tn-1 | S | n).
  static void Expand(const uint8_t* state, const Bytes& seed, const Bytes& out) {
    uint8_t block[H::kDigest];
    Context context;
    uint8_t round = 1;
    for (size_t done = 0; done < out.size; done += H::kDigest, round++) {
      H::Load(context, state);
      if (round > 1) H::Update(context, block, H::kDigest);
      H::Update(context, seed.data, seed.size);
      H::Update(context, &round, 1);
      Finish(context, state, block);
      memcpy(out.data + done, block, out.size - done < H::kDigest ? out.size - done : H::kDigest);
    }
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(&context, sizeof context);
  }

 private:
  static void Half(Context& context, const uint8_t* pad, uint8_t* state) {
    H::Init(context);
    H::Update(context, pad, H::kBlock);
    H::Save(context, state);
  }

  static void Finish(Context& context, const uint8_t* state, uint8_t* out) {
    uint8_t inner[H::kDigest];
    H::Final(context, inner);
    H::Load(context, state + H::kState);
    H::Update(context, inner, H::kDigest);
    H::Final(context, out);
  }
};

struct HmacEntry {
  const char* name;
  size_t digest, block, state;
  void (*setKey)(const Bytes& key, uint8_t* state);
  void (*compute)(const uint8_t* state, const Bytes& data, uint8_t* out);
  void (*expand)(const uint8_t* state, const Bytes& seed, const Bytes& out);
};

template <class H>
constexpr HmacEntry Entry(const char* name) {
  return {name, H::kDigest, H::kBlock, Hmac<H>::kState, Hmac<H>::SetKey, Hmac<H>::Compute, Hmac<H>::Expand};
}

constexpr HmacEntry kHmacs[] = {Entry<Md5>("MD5"), Entry<Sha1>("SHA1"), Entry<Sha256>("SHA256"), Entry<Sha384>("SHA384"),
                                Entry<Sha512>("SHA512")};
constexpr size_t kHmacCount = std::size(kHmacs);
constexpr size_t kMaxDigest = 64;

napi_value HmacSpec(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  char name[16];
  if (!call.Name(0, name)) return nullptr;
  for (uint32_t id = 0; id < kHmacCount; id++) {
    const HmacEntry& entry = kHmacs[id];
    if (strcmp(entry.name, name) != 0) continue;
    return Spec(env).Set("id", id).Set("hashBytes", entry.digest).Set("blockBytes", entry.block).Set("stateBytes", entry.state).value();
  }
  return nullptr;
}

napi_value HmacSetKey(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  uint32_t id;
  Bytes key, state;
  if (!call.Id(0, kHmacCount, id) || !call.Octets(1, "key", key) || !call.Octets(2, "state", kHmacs[id].state, state)) return nullptr;
  kHmacs[id].setKey(key, state.data);
  return nullptr;
}

// `out` may be shorter than the hash: the truncated checksum of a signer.
napi_value HmacCompute(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t id;
  Bytes state, data, out;
  if (!call.Id(0, kHmacCount, id) || !call.Octets(1, "state", kHmacs[id].state, state) || !call.Octets(2, "data", data) ||
      !call.Octets(3, "out", out)) {
    return nullptr;
  }
  const HmacEntry& entry = kHmacs[id];
  if (out.size == entry.digest) {
    entry.compute(state.data, data, out.data);
    return nullptr;
  }
  if (out.size > entry.digest) {
    ThrowLength(env, "out", out.size, entry.digest);
    return nullptr;
  }
  uint8_t full[kMaxDigest];
  entry.compute(state.data, data, full);
  memcpy(out.data, full, out.size);
  OPENSSL_cleanse(full, sizeof full);
  return nullptr;
}

napi_value HmacVerify(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t id;
  Bytes state, data, icv;
  if (!call.Id(0, kHmacCount, id) || !call.Octets(1, "state", kHmacs[id].state, state) || !call.Octets(2, "data", data) ||
      !call.Octets(3, "icv", icv)) {
    return nullptr;
  }
  const HmacEntry& entry = kHmacs[id];
  // An empty checksum would verify anything.
  if (icv.size == 0 || icv.size > entry.digest) {
    ThrowLength(env, "icv", icv.size, entry.digest);
    return nullptr;
  }
  uint8_t full[kMaxDigest];
  entry.compute(state.data, data, full);
  const bool equal = CRYPTO_memcmp(full, icv.data, icv.size) == 0;
  OPENSSL_cleanse(full, sizeof full);
  return call.Boolean(equal);
}

napi_value HmacExpand(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  uint32_t id;
  Bytes state, seed, out;
  if (!call.Id(0, kHmacCount, id) || !call.Octets(1, "state", kHmacs[id].state, state) || !call.Octets(2, "seed", seed) ||
      !call.Octets(3, "out", out)) {
    return nullptr;
  }
  if (out.size > 255 * kHmacs[id].digest) {
    ThrowRange(env, "prf+ ends after 255 outputs");
    return nullptr;
  }
  kHmacs[id].expand(state.data, seed, out);
  return nullptr;
}

}  // namespace

void ExportHmac(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"hmacSpec", HmacSpec},
                                       {"hmacSetKey", HmacSetKey},
                                       {"hmacCompute", HmacCompute},
                                       {"hmacVerify", HmacVerify},
                                       {"hmacExpand", HmacExpand}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
