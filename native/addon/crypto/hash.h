#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/md4.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <cstdint>
#include <cstring>

namespace cygnet::crypto {

/**
 * Hashes through OpenSSL's low-level functions: their state is a plain struct, so a keyed midstate can be stored in 20 to 64 octets and
 * an HMAC costs 100 ns instead of the 230 to 900 of EVP. They use the same SHA instructions.
 *
 * `Save` writes the chaining value, `Load` restores it as it is after exactly one block (which is what HMAC keeps).
 */
struct Md4 {
  using Context = MD4_CTX;
  static constexpr size_t kBlock = 64, kDigest = 16, kState = 16;
  static void Init(Context& c) { MD4_Init(&c); }
  static void Update(Context& c, const void* data, size_t size) { MD4_Update(&c, data, size); }
  static void Final(Context& c, uint8_t* out) { MD4_Final(out, &c); }
};

struct Md5 {
  using Context = MD5_CTX;
  static constexpr size_t kBlock = 64, kDigest = 16, kState = 16;
  static void Init(Context& c) { MD5_Init(&c); }
  static void Update(Context& c, const void* data, size_t size) { MD5_Update(&c, data, size); }
  static void Final(Context& c, uint8_t* out) { MD5_Final(out, &c); }
  static void Save(const Context& c, uint8_t* out) { memcpy(out, &c.A, kState); }
  static void Load(Context& c, const uint8_t* in) {
    memcpy(&c.A, in, kState);
    c.Nl = kBlock * 8;
    c.Nh = c.num = 0;
  }
};

struct Sha1 {
  using Context = SHA_CTX;
  static constexpr size_t kBlock = 64, kDigest = 20, kState = 20;
  static void Init(Context& c) { SHA1_Init(&c); }
  static void Update(Context& c, const void* data, size_t size) { SHA1_Update(&c, data, size); }
  static void Final(Context& c, uint8_t* out) { SHA1_Final(out, &c); }
  static void Save(const Context& c, uint8_t* out) { memcpy(out, &c.h0, kState); }
  static void Load(Context& c, const uint8_t* in) {
    memcpy(&c.h0, in, kState);
    c.Nl = kBlock * 8;
    c.Nh = c.num = 0;
  }
};

struct Sha256 {
  using Context = SHA256_CTX;
  static constexpr size_t kBlock = 64, kDigest = 32, kState = 32;
  static void Init(Context& c) { SHA256_Init(&c); }
  static void Update(Context& c, const void* data, size_t size) { SHA256_Update(&c, data, size); }
  static void Final(Context& c, uint8_t* out) { SHA256_Final(out, &c); }
  static void Save(const Context& c, uint8_t* out) { memcpy(out, c.h, kState); }
  static void Load(Context& c, const uint8_t* in) {
    memcpy(c.h, in, kState);
    c.Nl = kBlock * 8;
    c.Nh = c.num = 0;
    c.md_len = kDigest;
  }
};

struct Sha224 {
  using Context = SHA256_CTX;
  static constexpr size_t kBlock = 64, kDigest = 28, kState = 32;
  static void Init(Context& c) { SHA224_Init(&c); }
  static void Update(Context& c, const void* data, size_t size) { SHA224_Update(&c, data, size); }
  static void Final(Context& c, uint8_t* out) { SHA224_Final(out, &c); }
};

template <size_t Digest>
struct Sha512Family {
  using Context = SHA512_CTX;
  static constexpr size_t kBlock = 128, kDigest = Digest, kState = 64;
  static void Init(Context& c) { Digest == 48 ? SHA384_Init(&c) : SHA512_Init(&c); }
  static void Update(Context& c, const void* data, size_t size) { SHA512_Update(&c, data, size); }
  static void Final(Context& c, uint8_t* out) { SHA512_Final(out, &c); }
  static void Save(const Context& c, uint8_t* out) { memcpy(out, c.h, kState); }
  static void Load(Context& c, const uint8_t* in) {
    memcpy(c.h, in, kState);
    c.Nl = kBlock * 8;
    c.Nh = c.num = 0;
    c.md_len = kDigest;
  }
};
using Sha384 = Sha512Family<48>;
using Sha512 = Sha512Family<64>;

/** Cached EVP contexts of one environment, for hashes without low-level functions (SHA-3). */
class HashContexts {
 public:
  static constexpr size_t kCount = 4;
  HashContexts() = default;
  HashContexts(const HashContexts&) = delete;
  ~HashContexts() {
    for (auto& entry : entries_) {
      EVP_MD_CTX_free(entry.context);
      EVP_MD_free(entry.method);
    }
  }
  /** Null where this OpenSSL has no such hash. */
  EVP_MD_CTX* Get(size_t index, const char* name) {
    Entry& entry = entries_[index];
    if (entry.method == nullptr) entry.method = EVP_MD_fetch(nullptr, name, nullptr);
    if (entry.context == nullptr) entry.context = EVP_MD_CTX_new();
    if (entry.method == nullptr || entry.context == nullptr) return nullptr;
    return EVP_DigestInit_ex2(entry.context, entry.method, nullptr) == 1 ? entry.context : nullptr;
  }

 private:
  struct Entry {
    EVP_MD* method = nullptr;
    EVP_MD_CTX* context = nullptr;
  };
  Entry entries_[kCount];
};

}  // namespace cygnet::crypto
