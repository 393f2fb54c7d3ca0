#include "esp/transform.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <cstring>

namespace cygnet::esp {

struct Transform::Cipher {
  uint32_t number;
  /** Octets of the key without salt. */
  size_t key;
  /** OpenSSL's name; null for NULL encryption. */
  const char* name;
  size_t salt, iv;
  /** Of an AEAD; 0 for a cipher that needs an integrity algorithm. */
  size_t icv;
  size_t align;
};

const Transform::Cipher Transform::kCiphers[] = {
    {3, 24, "DES-EDE3-CBC", 0, 8, 0, 8},
    {11, 0, nullptr, 0, 0, 0, 4},
    {12, 16, "AES-128-CBC", 0, 16, 0, 16},
    {12, 24, "AES-192-CBC", 0, 16, 0, 16},
    {12, 32, "AES-256-CBC", 0, 16, 0, 16},
    {13, 16, "AES-128-CTR", 4, 8, 0, 4},
    {13, 24, "AES-192-CTR", 4, 8, 0, 4},
    {13, 32, "AES-256-CTR", 4, 8, 0, 4},
    {18, 16, "AES-128-GCM", 4, 8, 8, 4},
    {18, 24, "AES-192-GCM", 4, 8, 8, 4},
    {18, 32, "AES-256-GCM", 4, 8, 8, 4},
    {19, 16, "AES-128-GCM", 4, 8, 12, 4},
    {19, 24, "AES-192-GCM", 4, 8, 12, 4},
    {19, 32, "AES-256-GCM", 4, 8, 12, 4},
    {20, 16, "AES-128-GCM", 4, 8, 16, 4},
    {20, 24, "AES-192-GCM", 4, 8, 16, 4},
    {20, 32, "AES-256-GCM", 4, 8, 16, 4},
    {28, 32, "ChaCha20-Poly1305", 4, 8, 16, 4},
};

std::unique_ptr<Transform> Transform::Create(const TransformKeys& keys, bool seal) {
  for (const Cipher& cipher : kCiphers) {
    if (cipher.number != keys.encryption || cipher.key + cipher.salt != keys.encryption_key_size) continue;
    std::unique_ptr<Transform> transform(new Transform);
    const bool ok = transform->Setup(cipher, keys, seal);
    ERR_clear_error();
    return ok ? std::move(transform) : nullptr;
  }
  return nullptr;
}

Transform::~Transform() {
  EVP_CIPHER_CTX_free(context_);
  OPENSSL_cleanse(salt_, sizeof salt_);
}

bool Transform::Setup(const Cipher& cipher, const TransformKeys& keys, bool seal) {
  iv_ = cipher.iv;
  icv_ = cipher.icv;
  align_ = cipher.align;
  salt_size_ = cipher.salt;
  seal_ = seal;
  aead_ = cipher.icv > 0;
  if (cipher.salt > 0) memcpy(salt_, keys.encryption_key + cipher.key, cipher.salt);
  if (aead_) {
    if (keys.integrity != 0) return false;
  } else {
    integrity_ = Integrity::Create(keys.integrity, keys.integrity_key, keys.integrity_key_size);
    if (!integrity_) return false;
    icv_ = integrity_->icv();
  }
  if (cipher.name == nullptr) return true;
  if (seal && !aead_ && salt_size_ == 0) random_ = std::make_unique<uint8_t[]>(kRandomPool);
  context_ = EVP_CIPHER_CTX_new();
  EVP_CIPHER* method = EVP_CIPHER_fetch(nullptr, cipher.name, nullptr);
  const bool ok = context_ != nullptr && method != nullptr &&
                  EVP_CipherInit_ex2(context_, method, keys.encryption_key, nullptr, seal ? 1 : 0, nullptr) == 1 &&
                  EVP_CIPHER_CTX_set_padding(context_, 0) == 1;
  EVP_CIPHER_free(method);
  return ok;
}

bool Transform::Seal(uint8_t* packet, size_t size, uint64_t sequence, bool esn) {
  const size_t text = size - kEspHeader - iv_ - icv_;
  if (!WriteIv(packet + kEspHeader, sequence)) return false;
  if (aead_) return RunAead(packet, text, sequence, esn);
  uint8_t digest[Integrity::kMaxDigest];
  if (!RunCipher(packet, text) || !Checksum(packet, size - icv_, sequence, esn, digest)) return false;
  memcpy(packet + size - icv_, digest, icv_);
  return true;
}

bool Transform::Open(uint8_t* packet, size_t size, uint64_t sequence, bool esn) {
  const size_t text = size - kEspHeader - iv_ - icv_;
  if (aead_) return RunAead(packet, text, sequence, esn);
  if (text % align_ != 0) return false;
  uint8_t digest[Integrity::kMaxDigest];
  if (!Checksum(packet, size - icv_, sequence, esn, digest)) return false;
  if (CRYPTO_memcmp(packet + size - icv_, digest, icv_) != 0) return false;
  return RunCipher(packet, text);
}

bool Transform::RunAead(uint8_t* packet, size_t text_size, uint64_t sequence, bool esn) {
  uint8_t nonce[12];
  memcpy(nonce, salt_, 4);
  memcpy(nonce + 4, packet + kEspHeader, 8);
  // The associated data are SPI and sequence number, the extended one where it is in use: RFC 4106 section 5.
  uint8_t aad[12];
  memcpy(aad, packet, 4);
  size_t aad_size = 4;
  if (esn) {
    const uint32_t high = htonl(static_cast<uint32_t>(sequence >> 32));
    memcpy(aad + 4, &high, 4);
    aad_size = 8;
  }
  memcpy(aad + aad_size, packet + 4, 4);
  aad_size += 4;
  uint8_t* const text = packet + kEspHeader + iv_;
  uint8_t* const icv = text + text_size;
  const int icv_size = static_cast<int>(icv_);
  int done;
  const bool ok = EVP_CipherInit_ex2(context_, nullptr, nullptr, nonce, -1, nullptr) == 1 &&
                  (seal_ || EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, icv_size, icv) == 1) &&
                  EVP_CipherUpdate(context_, nullptr, &done, aad, static_cast<int>(aad_size)) == 1 &&
                  EVP_CipherUpdate(context_, text, &done, text, static_cast<int>(text_size)) == 1 &&
                  EVP_CipherFinal_ex(context_, icv, &done) == 1 &&
                  (!seal_ || EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, icv_size, icv) == 1);
  if (!ok) ERR_clear_error();
  return ok;
}

bool Transform::RunCipher(uint8_t* packet, size_t text_size) {
  if (context_ == nullptr || text_size == 0) return true;
  uint8_t block[kMaxIv];
  uint8_t* const iv = packet + kEspHeader;
  if (salt_size_ == 0) {
    memcpy(block, iv, iv_);
  } else {
    // RFC 3686 section 4: nonce, IV, and a counter that begins at 1.
    memcpy(block, salt_, 4);
    memcpy(block + 4, iv, 8);
    const uint32_t one = htonl(1);
    memcpy(block + 12, &one, 4);
  }
  uint8_t* const text = iv + iv_;
  int done;
  const bool ok = EVP_CipherInit_ex2(context_, nullptr, nullptr, block, -1, nullptr) == 1 &&
                  EVP_CipherUpdate(context_, text, &done, text, static_cast<int>(text_size)) == 1;
  if (!ok) ERR_clear_error();
  return ok;
}

bool Transform::Checksum(const uint8_t* packet, size_t size, uint64_t sequence, bool esn, uint8_t* out) {
  // The upper half is not sent but authenticated behind the packet: RFC 4303 section 2.2.1.
  const uint32_t high = htonl(static_cast<uint32_t>(sequence >> 32));
  return integrity_->Compute(packet, size, reinterpret_cast<const uint8_t*>(&high), esn ? sizeof high : 0, out);
}

bool Transform::WriteIv(uint8_t* iv, uint64_t sequence) {
  if (iv_ == 0) return true;
  if (!random_) {
    // Counter mode needs an IV that never repeats, which the sequence number does not.
    const uint32_t words[2] = {htonl(static_cast<uint32_t>(sequence >> 32)), htonl(static_cast<uint32_t>(sequence))};
    memcpy(iv, words, sizeof words);
    return true;
  }
  // CBC needs one that nobody can foresee: RFC 3602 section 3.
  if (random_left_ < iv_) {
    if (RAND_bytes(random_.get(), kRandomPool) != 1) {
      ERR_clear_error();
      return false;
    }
    random_left_ = kRandomPool;
  }
  random_left_ -= iv_;
  memcpy(iv, random_.get() + random_left_, iv_);
  return true;
}

}  // namespace cygnet::esp
