#include "cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <climits>
#include <cstring>
#include <iterator>

#include "crypto-env.h"

namespace cygnet::crypto {

const CipherEntry kCiphers[kCipherCount] = {
    {"AES-128-CBC", "AES-128-CBC", 16, 16, 16, 0, 1},
    {"AES-192-CBC", "AES-192-CBC", 24, 16, 16, 0, 1},
    {"AES-256-CBC", "AES-256-CBC", 32, 16, 16, 0, 1},
    {"AES-128-CTR", "AES-128-CTR", 16, 8, 1, 4, 1},
    {"AES-192-CTR", "AES-192-CTR", 24, 8, 1, 4, 1},
    {"AES-256-CTR", "AES-256-CTR", 32, 8, 1, 4, 1},
    {"AES-128-ECB", "AES-128-ECB", 16, 0, 16, 0, 1},
    {"AES-192-ECB", "AES-192-ECB", 24, 0, 16, 0, 1},
    {"AES-256-ECB", "AES-256-ECB", 32, 0, 16, 0, 1},
    {"AES-128-CFB", "AES-128-CFB", 16, 16, 1, 0, 1},
    {"AES-192-CFB", "AES-192-CFB", 24, 16, 1, 0, 1},
    {"AES-256-CFB", "AES-256-CFB", 32, 16, 1, 0, 1},
    {"CAMELLIA-128-CBC", "CAMELLIA-128-CBC", 16, 16, 16, 0, 1},
    {"CAMELLIA-192-CBC", "CAMELLIA-192-CBC", 24, 16, 16, 0, 1},
    {"CAMELLIA-256-CBC", "CAMELLIA-256-CBC", 32, 16, 16, 0, 1},
    {"CAMELLIA-128-CTR", "CAMELLIA-128-CTR", 16, 8, 1, 4, 1},
    {"CAMELLIA-192-CTR", "CAMELLIA-192-CTR", 24, 8, 1, 4, 1},
    {"CAMELLIA-256-CTR", "CAMELLIA-256-CTR", 32, 8, 1, 4, 1},
    {"3DES-CBC", "DES-EDE3-CBC", 24, 8, 8, 0, 1},
    {"DES-CBC", "DES-EDE3-CBC", 8, 8, 8, 0, 3},
    {"DES-ECB", "DES-EDE3-ECB", 8, 0, 8, 0, 3},
    {"3DES-ECB", "DES-EDE3-ECB", 24, 0, 8, 0, 1},
    {"CAST-128-CBC", "CAST5-CBC", 16, 8, 8, 0, 1, true},
    {"BLOWFISH-128-CBC", "BF-CBC", 16, 8, 8, 0, 1, true},
    {"BLOWFISH-192-CBC", "BF-CBC", 24, 8, 8, 0, 1, true},
    {"BLOWFISH-256-CBC", "BF-CBC", 32, 8, 8, 0, 1, true},
    {"IDEA-CBC", "IDEA-CBC", 16, 8, 8, 0, 1, true},
};

size_t FindCipher(const char* name) {
  for (size_t i = 0; i < kCipherCount; i++) {
    if (strcmp(kCiphers[i].name, name) == 0) return i;
  }
  return kCipherCount;
}

CipherContexts::~CipherContexts() {
  for (auto& pair : contexts_) {
    for (EVP_CIPHER_CTX* context : pair) EVP_CIPHER_CTX_free(context);
  }
  if (legacy_provider_ != nullptr) OSSL_PROVIDER_unload(legacy_provider_);
  OSSL_LIB_CTX_free(legacy_);
}

OSSL_LIB_CTX* CipherContexts::Legacy() {
  if (legacy_provider_ != nullptr) return legacy_;
  // Its own context: what Node.js offers others is not ours to extend.
  if (legacy_ == nullptr) legacy_ = OSSL_LIB_CTX_new();
  if (legacy_ != nullptr) legacy_provider_ = OSSL_PROVIDER_load(legacy_, "legacy");
  return legacy_provider_ == nullptr ? nullptr : legacy_;
}

EVP_CIPHER_CTX* CipherContexts::Get(size_t index, bool encrypt) {
  EVP_CIPHER_CTX*& slot = contexts_[index][encrypt ? 1 : 0];
  if (slot != nullptr) return slot;
  const CipherEntry& entry = kCiphers[index];
  OSSL_LIB_CTX* library = entry.legacy ? Legacy() : nullptr;
  EVP_CIPHER* method = entry.legacy && library == nullptr ? nullptr : EVP_CIPHER_fetch(library, entry.openssl, nullptr);
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  // As a parameter and not by EVP_CIPHER_CTX_set_padding, which would make every later keying repeat it (200 ns).
  unsigned padding = 0;
  size_t key = entry.key;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &padding), OSSL_PARAM_construct_end(),
                             OSSL_PARAM_construct_end()};
  // Ciphers of the legacy provider take keys of any size.
  if (entry.legacy) parameters[1] = OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_KEYLEN, &key);
  if (method != nullptr && context != nullptr && EVP_CipherInit_ex2(context, method, nullptr, nullptr, encrypt, nullptr) == 1 &&
      (entry.block == 1 || EVP_CIPHER_CTX_set_params(context, parameters) == 1)) {
    slot = context;
    context = nullptr;
  } else {
    ERR_clear_error();
  }
  EVP_CIPHER_CTX_free(context);
  EVP_CIPHER_free(method);
  return slot;
}

bool CipherContexts::Run(size_t index, bool encrypt, const uint8_t* state, const uint8_t* iv, uint8_t* data, size_t size) {
  const CipherEntry& entry = kCiphers[index];
  // Counter modes are their own inverse.
  EVP_CIPHER_CTX* context = Get(index, encrypt || entry.salt != 0);
  if (context == nullptr || size > INT_MAX) return false;
  uint8_t repeated[24];
  const uint8_t* key = state;
  if (entry.repeat > 1) {
    for (size_t i = 0; i < entry.repeat; i++) memcpy(repeated + i * entry.key, state, entry.key);
    key = repeated;
  }
  uint8_t counter[16] = {};
  if (entry.salt != 0) {
    memcpy(counter, state + entry.key, entry.salt);
    memcpy(counter + entry.salt, iv, entry.iv);
    counter[15] = 1;
    iv = counter;
  }
  int done = 0;
  const bool ok = EVP_CipherInit_ex2(context, nullptr, key, entry.iv == 0 ? nullptr : iv, -1, nullptr) == 1 &&
                  (size == 0 || EVP_CipherUpdate(context, data, &done, data, static_cast<int>(size)) == 1);
  if (entry.repeat > 1) OPENSSL_cleanse(repeated, sizeof repeated);
  return ok && static_cast<size_t>(done) == size;
}

EVP_CIPHER_CTX* CipherContexts::Keyed(size_t index, const uint8_t* key) {
  static constexpr uint8_t zero[16] = {};
  EVP_CIPHER_CTX* context = Get(index, true);
  if (context == nullptr || EVP_CipherInit_ex2(context, nullptr, key, zero, 1, nullptr) != 1) return nullptr;
  return context;
}

namespace {

napi_value CipherSpec(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  char name[24];
  if (!call.Name(0, name)) return nullptr;
  const size_t id = FindCipher(name);
  if (id == kCipherCount || !call.self().ciphers.Available(id)) return nullptr;
  const CipherEntry& entry = kCiphers[id];
  return Spec(env).Set("id", id).Set("keyBytes", entry.key + entry.salt).Set("ivBytes", entry.iv).Set("blockBytes", entry.block).value();
}

napi_value Run(napi_env env, napi_callback_info info, bool encrypt) {
  Call<4> call(env, info);
  uint32_t id;
  Bytes state, iv, data;
  if (!call.Id(0, kCipherCount, id)) return nullptr;
  const CipherEntry& entry = kCiphers[id];
  if (!call.Octets(1, "state", entry.key + entry.salt, state) || !call.Octets(2, "iv", entry.iv, iv) || !call.Octets(3, "data", data)) {
    return nullptr;
  }
  if (data.size % entry.block != 0) {
    ThrowRange(env, "data is not a multiple of the block size");
    return nullptr;
  }
  if (!call.self().ciphers.Run(id, encrypt, state.data, iv.data, data.data, data.size)) ThrowFailed(env, entry.name);
  return nullptr;
}

napi_value Encrypt(napi_env env, napi_callback_info info) { return Run(env, info, true); }
napi_value Decrypt(napi_env env, napi_callback_info info) { return Run(env, info, false); }

}  // namespace

void ExportCipher(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"cipherSpec", CipherSpec}, {"cipherEncrypt", Encrypt}, {"cipherDecrypt", Decrypt}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
