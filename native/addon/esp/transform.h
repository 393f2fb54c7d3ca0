#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "esp/integrity.h"

namespace cygnet::esp {

/** SPI and sequence number, RFC 4303 section 2. */
constexpr size_t kEspHeader = 8;
constexpr size_t kMaxIv = 16;
constexpr size_t kMaxIcv = 32;

/** Algorithms of an SA, with keys as IKE derives them: an AEAD's or counter mode's salt follows its key. */
struct TransformKeys {
  /** IANA's transform numbers. `integrity` is 0 with an AEAD. */
  uint32_t encryption = 0;
  uint32_t integrity = 0;
  const uint8_t* encryption_key = nullptr;
  size_t encryption_key_size = 0;
  const uint8_t* integrity_key = nullptr;
  size_t integrity_key_size = 0;
};

/**
 * Encrypts and authenticates the packets of one SA in one direction, in place. Its contexts are keyed once.
 *
 * A packet is header | IV | text | ICV, where the text ends with the ESP trailer. AES-GCM (RFC 4106), ChaCha20-Poly1305 (RFC 7634), AES-CBC (RFC 3602), AES-CTR
 * (RFC 3686), 3DES-CBC (RFC 2451) and NULL (RFC 2410).
 */
class Transform {
 public:
  /** @return null where an algorithm is unknown, a key has not its size, or nothing would authenticate */
  static std::unique_ptr<Transform> Create(const TransformKeys& keys, bool seal);
  Transform(const Transform&) = delete;
  ~Transform();

  size_t iv() const { return iv_; }
  size_t icv() const { return icv_; }
  /** The text is a multiple of this. */
  size_t align() const { return align_; }

  /**
   * Writes IV and ICV and encrypts. The header is there already.
   * @param size of the whole packet
   * @param sequence the extended number, of which the upper half counts with `esn` only
   */
  bool Seal(uint8_t* packet, size_t size, uint64_t sequence, bool esn);

  /** Verifies, then decrypts. The text of a packet that is not genuine is undefined. `size` is at least header, IV and ICV. */
  bool Open(uint8_t* packet, size_t size, uint64_t sequence, bool esn);

 private:
  struct Cipher;
  static const Cipher kCiphers[];

  Transform() = default;
  bool Setup(const Cipher& cipher, const TransformKeys& keys, bool seal);
  bool RunAead(uint8_t* packet, size_t text, uint64_t sequence, bool esn);
  bool RunCipher(uint8_t* packet, size_t text);
  bool Checksum(const uint8_t* packet, size_t size, uint64_t sequence, bool esn, uint8_t* out);
  bool WriteIv(uint8_t* iv, uint64_t sequence);

  /** Random octets for IVs of CBC, drawn many at a time. */
  static constexpr size_t kRandomPool = 1024;

  EVP_CIPHER_CTX* context_ = nullptr;
  std::unique_ptr<Integrity> integrity_;
  std::unique_ptr<uint8_t[]> random_;
  size_t random_left_ = 0;
  uint8_t salt_[4] = {};
  size_t salt_size_ = 0;
  size_t iv_ = 0, icv_ = 0, align_ = 4;
  bool seal_ = false;
  bool aead_ = false;
};

}  // namespace cygnet::esp
