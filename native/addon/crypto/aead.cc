#include "aead.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <climits>
#include <cstring>
#include <iterator>

#include "crypto-env.h"

namespace cygnet::crypto {
namespace {

// RFC 5282 section 4: key and salt from KEYMAT, 8 octets of explicit IV. The nonce is salt | IV: 12 octets, 11 for CCM.
constexpr size_t kIv = 8;
constexpr AeadEntry kAeads[kAeadCount] = {
    {"AES-128-GCM-8", "AES-128-GCM", 16, 4, 8, false},
    {"AES-192-GCM-8", "AES-192-GCM", 24, 4, 8, false},
    {"AES-256-GCM-8", "AES-256-GCM", 32, 4, 8, false},
    {"AES-128-GCM-12", "AES-128-GCM", 16, 4, 12, false},
    {"AES-192-GCM-12", "AES-192-GCM", 24, 4, 12, false},
    {"AES-256-GCM-12", "AES-256-GCM", 32, 4, 12, false},
    {"AES-128-GCM-16", "AES-128-GCM", 16, 4, 16, false},
    {"AES-192-GCM-16", "AES-192-GCM", 24, 4, 16, false},
    {"AES-256-GCM-16", "AES-256-GCM", 32, 4, 16, false},
    {"AES-128-CCM-8", "AES-128-CCM", 16, 3, 8, true},
    {"AES-192-CCM-8", "AES-192-CCM", 24, 3, 8, true},
    {"AES-256-CCM-8", "AES-256-CCM", 32, 3, 8, true},
    {"AES-128-CCM-12", "AES-128-CCM", 16, 3, 12, true},
    {"AES-192-CCM-12", "AES-192-CCM", 24, 3, 12, true},
    {"AES-256-CCM-12", "AES-256-CCM", 32, 3, 12, true},
    {"AES-128-CCM-16", "AES-128-CCM", 16, 3, 16, true},
    {"AES-192-CCM-16", "AES-192-CCM", 24, 3, 16, true},
    {"AES-256-CCM-16", "AES-256-CCM", 32, 3, 16, true},
    {"CHACHA20-POLY1305", "ChaCha20-Poly1305", 32, 4, 16, false},
};

struct Message {
  uint32_t id;
  Bytes state;
  uint8_t *message, *iv, *text, *icv;
  size_t aad, size;
};

bool Read(const Call<4>& call, Message& m) {
  Bytes message;
  if (!call.Id(0, kAeadCount, m.id)) return false;
  const AeadEntry& entry = kAeads[m.id];
  if (!call.Octets(1, "state", entry.key + entry.salt, m.state) || !call.Octets(2, "message", message) ||
      !call.Offset(3, "ivAt", m.aad)) {
    return false;
  }
  if (message.size > INT_MAX || m.aad > message.size || message.size - m.aad < kIv + entry.icv) {
    ThrowRange(call.env, "no room for IV and checksum behind ivAt");
    return false;
  }
  m.message = message.data;
  m.iv = message.data + m.aad;
  m.text = m.iv + kIv;
  m.size = message.size - m.aad - kIv - entry.icv;
  m.icv = m.text + m.size;
  return true;
}

/** Keys the context and takes the text to `out`. */
bool Start(EVP_CIPHER_CTX* context, const Message& m, bool encrypt, uint8_t* out) {
  const AeadEntry& entry = kAeads[m.id];
  uint8_t nonce[12];
  memcpy(nonce, m.state.data + entry.key, entry.salt);
  memcpy(nonce + entry.salt, m.iv, kIv);
  int done;
  // CCM wants the checksum first; for encryption only its length.
  if (entry.ccm && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(entry.icv), encrypt ? nullptr : m.icv) != 1) {
    return false;
  }
  if (EVP_CipherInit_ex2(context, nullptr, m.state.data, nonce, -1, nullptr) != 1) return false;
  const int size = static_cast<int>(m.size);
  if (entry.ccm && EVP_CipherUpdate(context, nullptr, &done, nullptr, size) != 1) return false;
  if (m.aad > 0 && EVP_CipherUpdate(context, nullptr, &done, m.message, static_cast<int>(m.aad)) != 1) return false;
  // CCM has to see the text even when there is none, since that is where it verifies.
  if (m.size > 0 || entry.ccm) return EVP_CipherUpdate(context, out, &done, m.text, size) == 1;
  return true;
}

bool Verify(EVP_CIPHER_CTX* context, const Message& m) {
  int done;
  uint8_t rest[16];
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kAeads[m.id].icv), m.icv) == 1 &&
         EVP_CipherFinal_ex(context, rest, &done) == 1;
}

napi_value AeadSpec(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  char name[24];
  if (!call.Name(0, name)) return nullptr;
  for (uint32_t id = 0; id < kAeadCount; id++) {
    const AeadEntry& entry = kAeads[id];
    if (strcmp(entry.name, name) != 0) continue;
    if (call.self().aeads.Get(id, true) == nullptr) return nullptr;
    return Spec(env).Set("id", id).Set("keyBytes", entry.key + entry.salt).Set("ivBytes", kIv).Set("icvBytes", entry.icv).value();
  }
  return nullptr;
}

napi_value AeadSeal(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Message m;
  if (!Read(call, m)) return nullptr;
  EVP_CIPHER_CTX* context = call.self().aeads.Get(m.id, true);
  int done;
  const size_t icv = kAeads[m.id].icv;
  if (context == nullptr || !Start(context, m, true, m.text) || EVP_CipherFinal_ex(context, m.icv, &done) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(icv), m.icv) != 1) {
    ERR_clear_error();
    ThrowFailed(env, kAeads[m.id].name);
  }
  return nullptr;
}

// Decrypts aside, since OpenSSL hands out (or wipes) the text before it knows whether it is genuine.
napi_value AeadOpen(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  Message m;
  if (!Read(call, m)) return nullptr;
  EVP_CIPHER_CTX* context = call.self().aeads.Get(m.id, false);
  if (context == nullptr) {
    ThrowFailed(env, kAeads[m.id].name);
    return nullptr;
  }
  std::vector<uint8_t>& scratch = call.self().aeads.scratch();
  if (scratch.size() < m.size + 1) scratch.resize(m.size + 1);
  const bool genuine = Start(context, m, false, scratch.data()) && (kAeads[m.id].ccm || Verify(context, m));
  if (genuine) {
    memcpy(m.text, scratch.data(), m.size);
  } else {
    ERR_clear_error();
  }
  OPENSSL_cleanse(scratch.data(), m.size);
  return call.Boolean(genuine);
}

}  // namespace

AeadContexts::~AeadContexts() {
  for (auto& pair : contexts_) {
    for (EVP_CIPHER_CTX* context : pair) EVP_CIPHER_CTX_free(context);
  }
}

EVP_CIPHER_CTX* AeadContexts::Get(size_t index, bool encrypt) {
  EVP_CIPHER_CTX*& slot = contexts_[index][encrypt ? 1 : 0];
  if (slot != nullptr) return slot;
  const AeadEntry& entry = kAeads[index];
  EVP_CIPHER* method = EVP_CIPHER_fetch(nullptr, entry.openssl, nullptr);
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  if (method != nullptr && context != nullptr && EVP_CipherInit_ex2(context, method, nullptr, nullptr, encrypt, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(entry.salt + kIv), nullptr) == 1) {
    slot = context;
    context = nullptr;
  } else {
    ERR_clear_error();
  }
  EVP_CIPHER_CTX_free(context);
  EVP_CIPHER_free(method);
  return slot;
}

void ExportAead(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"aeadSpec", AeadSpec}, {"aeadSeal", AeadSeal}, {"aeadOpen", AeadOpen}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
