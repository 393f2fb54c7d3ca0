#pragma once

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <cstddef>
#include <cstdint>

namespace cygnet::crypto {

struct CipherEntry {
  /** Our name, and OpenSSL's. */
  const char* name;
  const char* openssl;
  size_t key;
  size_t iv;
  size_t block;
  /** Octets of nonce behind the key in KEYMAT: 4 for counter mode (RFC 5930), else 0. */
  size_t salt;
  /** Times the key is repeated: single DES is triple DES with three equal keys, as OpenSSL 3 has the former only in its legacy provider. */
  size_t repeat;
  /** OpenSSL 3 has it in its legacy provider. */
  bool legacy = false;
};

constexpr size_t kCipherCount = 27;
extern const CipherEntry kCiphers[kCipherCount];

/** The index of a cipher by our name; kCipherCount when there is none. */
size_t FindCipher(const char* name);

/**
 * One context per cipher and direction in an environment, re-keyed for every call. A context per IKE_SA would save 100 ns and cost a
 * kilobyte.
 */
class CipherContexts {
 public:
  CipherContexts() = default;
  CipherContexts(const CipherContexts&) = delete;
  ~CipherContexts();

  /** Whether this OpenSSL has the cipher. */
  bool Available(size_t index) { return Get(index, true) != nullptr; }

  /** In place. `state` is the key and the salt. `size` is a multiple of the block. False when OpenSSL fails. */
  bool Run(size_t index, bool encrypt, const uint8_t* state, const uint8_t* iv, uint8_t* data, size_t size);

  /** A context keyed for encryption with a zero IV, for CBC-MACs. */
  EVP_CIPHER_CTX* Keyed(size_t index, const uint8_t* key);

 private:
  EVP_CIPHER_CTX* Get(size_t index, bool encrypt);

  /** A library context with the legacy provider; null where OpenSSL was built without it. */
  OSSL_LIB_CTX* Legacy();

  EVP_CIPHER_CTX* contexts_[kCipherCount][2] = {};
  OSSL_LIB_CTX* legacy_ = nullptr;
  OSSL_PROVIDER* legacy_provider_ = nullptr;
};

}  // namespace cygnet::crypto
