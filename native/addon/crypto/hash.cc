#include "hash.h"

#include <openssl/err.h>

#include "crypto-env.h"

namespace cygnet::crypto {
namespace {

struct HashEntry {
  const char* name;
  size_t digest;
};

// The index is the number that JavaScript hands in. From kFirstEvp on they go through EVP.
constexpr HashEntry kHashes[] = {
    {"MD4", 16},    {"MD5", 16},      {"SHA1", 20},     {"SHA224", 28},   {"SHA256", 32},   {"SHA384", 48},
    {"SHA512", 64}, {"SHA3-224", 28}, {"SHA3-256", 32}, {"SHA3-384", 48}, {"SHA3-512", 64},
};
constexpr size_t kHashCount = std::size(kHashes);
constexpr size_t kFirstEvp = 7;
static_assert(kHashCount - kFirstEvp == HashContexts::kCount);

template <class H>
void HashWith(const Bytes& data, uint8_t* out) {
  typename H::Context context;
  H::Init(context);
  H::Update(context, data.data, data.size);
  H::Final(context, out);
  OPENSSL_cleanse(&context, sizeof context);
}

bool HashWithEvp(CryptoEnv& self, uint32_t id, const Bytes& data, uint8_t* out) {
  EVP_MD_CTX* context = self.hashes.Get(id - kFirstEvp, kHashes[id].name);
  return context != nullptr && EVP_DigestUpdate(context, data.data, data.size) == 1 && EVP_DigestFinal_ex(context, out, nullptr) == 1;
}

napi_value HashSpec(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  char name[16];
  if (!call.Name(0, name)) return nullptr;
  for (uint32_t id = 0; id < kHashCount; id++) {
    if (strcmp(kHashes[id].name, name) != 0) continue;
    if (id >= kFirstEvp && call.self().hashes.Get(id - kFirstEvp, name) == nullptr) break;
    return Spec(env).Set("id", id).Set("hashBytes", kHashes[id].digest).value();
  }
  ERR_clear_error();
  return nullptr;
}

napi_value Hash(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  uint32_t id;
  Bytes data, out;
  if (!call.Id(0, kHashCount, id) || !call.Octets(1, "data", data) || !call.Octets(2, "out", kHashes[id].digest, out)) return nullptr;
  switch (id) {
    case 0: HashWith<Md4>(data, out.data); break;
    case 1: HashWith<Md5>(data, out.data); break;
    case 2: HashWith<Sha1>(data, out.data); break;
    case 3: HashWith<Sha224>(data, out.data); break;
    case 4: HashWith<Sha256>(data, out.data); break;
    case 5: HashWith<Sha384>(data, out.data); break;
    case 6: HashWith<Sha512>(data, out.data); break;
    default:
      if (!HashWithEvp(call.self(), id, data, out.data)) ThrowFailed(env, "a hash");
  }
  return nullptr;
}

// PRF_KEYED_SHA1: the key is added to SHA-1's initial value, and the chaining value after the data is the output, without padding.
// It is the compression function that FIPS 186-2 calls G, so data are whole blocks.
napi_value KeyedSha1(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  Bytes state, data, out;
  if (!call.Octets(0, "state", 20, state) || !call.Octets(1, "data", data) || !call.Octets(2, "out", 20, out)) return nullptr;
  if (data.size % Sha1::kBlock != 0) {
    ThrowRange(env, "data is not a multiple of 64 octets");
    return nullptr;
  }
  SHA_CTX context;
  SHA1_Init(&context);
  SHA_LONG* chaining[] = {&context.h0, &context.h1, &context.h2, &context.h3, &context.h4};
  for (size_t i = 0; i < 5; i++) {
    const uint8_t* word = state.data + 4 * i;
    *chaining[i] ^= static_cast<SHA_LONG>(word[0]) << 24 | word[1] << 16 | word[2] << 8 | word[3];
  }
  SHA1_Update(&context, data.data, data.size);
  for (size_t i = 0; i < 20; i++) out.data[i] = static_cast<uint8_t>(*chaining[i / 4] >> (24 - 8 * (i % 4)));
  OPENSSL_cleanse(&context, sizeof context);
  return nullptr;
}

}  // namespace

void ExportHash(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"hashSpec", HashSpec}, {"hash", Hash}, {"keyedSha1", KeyedSha1}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
