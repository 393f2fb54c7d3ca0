#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cygnet::crypto {

struct AeadEntry {
  const char* name;
  const char* openssl;
  size_t key, salt, icv;
  bool ccm;
};

constexpr size_t kAeadCount = 19;

/** One context per algorithm and direction in an environment, re-keyed for every message, and room for a plaintext not verified yet. */
class AeadContexts {
 public:
  AeadContexts() = default;
  AeadContexts(const AeadContexts&) = delete;
  ~AeadContexts();

  EVP_CIPHER_CTX* Get(size_t index, bool encrypt);
  std::vector<uint8_t>& scratch() { return scratch_; }

 private:
  EVP_CIPHER_CTX* contexts_[kAeadCount][2] = {};
  std::vector<uint8_t> scratch_;
};

}  // namespace cygnet::crypto
