#include "esp/integrity.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>

#include "crypto/hash.h"

namespace cygnet::esp {
namespace {

/** RFC 2104, with the states behind the padded keys kept. */
template <typename Hash>
class Hmac final : public Integrity {
 public:
  Hmac(const uint8_t* key, size_t icv) : Integrity(icv) {
    uint8_t pad[Hash::kBlock];
    Begin(key, 0x36, pad, &inner_);
    Begin(key, 0x5c, pad, &outer_);
    OPENSSL_cleanse(pad, sizeof pad);
  }

  ~Hmac() override {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
  }

  bool Compute(const uint8_t* data, size_t size, const uint8_t* tail, size_t tail_size, uint8_t* out) override {
    typename Hash::Context context = inner_;
    uint8_t digest[Hash::kDigest];
    Hash::Update(context, data, size);
    if (tail_size > 0) Hash::Update(context, tail, tail_size);
    Hash::Final(context, digest);
    context = outer_;
    Hash::Update(context, digest, sizeof digest);
    Hash::Final(context, out);
    return true;
  }

 private:
  /** The keys of ESP are as long as the hash, never longer than its block. */
  static void Begin(const uint8_t* key, uint8_t with, uint8_t* pad, typename Hash::Context* context) {
    for (size_t i = 0; i < Hash::kBlock; i++) pad[i] = with ^ (i < Hash::kDigest ? key[i] : 0);
    Hash::Init(*context);
    Hash::Update(*context, pad, Hash::kBlock);
  }

  typename Hash::Context inner_, outer_;
};

/** AES-XCBC (RFC 3566) and AES-CMAC (RFC 4494): CBC-MAC whose last block is masked with one of two keys. */
class CbcMac final : public Integrity {
 public:
  static constexpr size_t kBlock = 16;

  static std::unique_ptr<Integrity> Create(const uint8_t* key, bool cmac) {
    std::unique_ptr<CbcMac> mac(new CbcMac);
    if (mac->context_ == nullptr || !(cmac ? mac->ScheduleCmac(key) : mac->ScheduleXcbc(key))) return nullptr;
    return mac;
  }

  ~CbcMac() override {
    EVP_CIPHER_CTX_free(context_);
    OPENSSL_cleanse(full_, sizeof full_);
    OPENSSL_cleanse(padded_, sizeof padded_);
  }

  bool Compute(const uint8_t* data, size_t size, const uint8_t* tail, size_t tail_size, uint8_t* out) override {
    static constexpr uint8_t kZero[kBlock] = {};
    if (EVP_EncryptInit_ex2(context_, nullptr, nullptr, kZero, nullptr) != 1) return false;
    uint8_t last[kBlock];
    size_t held = 0;
    if (!Absorb(data, size, last, &held) || !Absorb(tail, tail_size, last, &held)) return false;
    const uint8_t* mask = full_;
    if (held < kBlock) {
      last[held] = 0x80;
      memset(last + held + 1, 0, kBlock - held - 1);
      mask = padded_;
    }
    for (size_t i = 0; i < kBlock; i++) last[i] ^= mask[i];
    int done;
    return EVP_EncryptUpdate(context_, out, &done, last, kBlock) == 1;
  }

 private:
  CbcMac() : Integrity(12), context_(EVP_CIPHER_CTX_new()) {}

  /** Encrypts all but what may be the last block, which stays in `last`. */
  bool Absorb(const uint8_t* data, size_t size, uint8_t* last, size_t* held) {
    uint8_t sink[32 * kBlock];
    int done;
    if (size == 0) return true;
    if (*held > 0) {
      const size_t fill = size < kBlock - *held ? size : kBlock - *held;
      memcpy(last + *held, data, fill);
      *held += fill;
      data += fill;
      size -= fill;
      if (size == 0) return true;
      if (EVP_EncryptUpdate(context_, sink, &done, last, kBlock) != 1) return false;
      *held = 0;
    }
    for (size_t head = (size - 1) / kBlock * kBlock; head > 0;) {
      const size_t step = head < sizeof sink ? head : sizeof sink;
      if (EVP_EncryptUpdate(context_, sink, &done, data, static_cast<int>(step)) != 1) return false;
      data += step;
      size -= step;
      head -= step;
    }
    memcpy(last, data, size);
    *held = size;
    return true;
  }

  bool Key(const uint8_t* key) {
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
    static constexpr uint8_t kZero[kBlock] = {};
    const bool ok = cipher != nullptr && EVP_EncryptInit_ex2(context_, cipher, key, kZero, nullptr) == 1 &&
                    EVP_CIPHER_CTX_set_padding(context_, 0) == 1;
    EVP_CIPHER_free(cipher);
    return ok;
  }

  /** One block of CBC with a zero IV is one of ECB. */
  bool Block(const uint8_t* in, uint8_t* out) {
    static constexpr uint8_t kZero[kBlock] = {};
    int done;
    return EVP_EncryptInit_ex2(context_, nullptr, nullptr, kZero, nullptr) == 1 &&
           EVP_EncryptUpdate(context_, out, &done, in, kBlock) == 1;
  }

  bool ScheduleCmac(const uint8_t* key) {
    uint8_t zero[kBlock] = {};
    if (!Key(key) || !Block(zero, full_)) return false;
    Double(full_, full_);
    Double(full_, padded_);
    return true;
  }

  bool ScheduleXcbc(const uint8_t* key) {
    uint8_t blocks[3][kBlock];
    if (!Key(key)) return false;
    for (uint8_t i = 0; i < 3; i++) {
      memset(blocks[i], i + 1, kBlock);
      if (!Block(blocks[i], blocks[i])) return false;
    }
    memcpy(full_, blocks[1], kBlock);
    memcpy(padded_, blocks[2], kBlock);
    const bool ok = Key(blocks[0]);
    OPENSSL_cleanse(blocks, sizeof blocks);
    return ok;
  }

  /** Multiplies by x in GF(2^128), in constant time. */
  static void Double(const uint8_t* in, uint8_t* out) {
    const uint8_t carry = static_cast<uint8_t>(-(in[0] >> 7));
    for (size_t i = 0; i < kBlock; i++) out[i] = static_cast<uint8_t>(in[i] << 1 | (i + 1 < kBlock ? in[i + 1] >> 7 : 0));
    out[kBlock - 1] ^= carry & 0x87;
  }

  EVP_CIPHER_CTX* const context_;
  uint8_t full_[kBlock] = {};
  uint8_t padded_[kBlock] = {};
};

template <typename Hash>
std::unique_ptr<Integrity> CreateHmac(const uint8_t* key, size_t key_size, size_t icv) {
  if (key_size != Hash::kDigest) return nullptr;
  return std::make_unique<Hmac<Hash>>(key, icv);
}

}  // namespace

std::unique_ptr<Integrity> Integrity::Create(uint32_t algorithm, const uint8_t* key, size_t key_size) {
  switch (algorithm) {
    case 1:  // HMAC_MD5_96
      return CreateHmac<crypto::Md5>(key, key_size, 12);
    case 2:  // HMAC_SHA1_96
      return CreateHmac<crypto::Sha1>(key, key_size, 12);
    case 12:  // HMAC_SHA2_256_128
      return CreateHmac<crypto::Sha256>(key, key_size, 16);
    case 1026:  // HMAC_SHA2_256_96
      return CreateHmac<crypto::Sha256>(key, key_size, 12);
    case 13:  // HMAC_SHA2_384_192
      return CreateHmac<crypto::Sha384>(key, key_size, 24);
    case 14:  // HMAC_SHA2_512_256
      return CreateHmac<crypto::Sha512>(key, key_size, 32);
    case 5:  // AES_XCBC_96
    case 8:  // AES_CMAC_96
      return key_size == CbcMac::kBlock ? CbcMac::Create(key, algorithm == 8) : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace cygnet::esp
