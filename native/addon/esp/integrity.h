#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cygnet::esp {

/** The keyed checksum of one SA, for ciphers that bring none. Used by one thread at a time. */
class Integrity {
 public:
  /** The longest checksum that is computed before it is cut. */
  static constexpr size_t kMaxDigest = 64;

  /**
   * @param algorithm IANA's transform number (RFC 7296 section 3.3.2)
   * @return null where the algorithm is unknown or the key has not its size
   */
  static std::unique_ptr<Integrity> Create(uint32_t algorithm, const uint8_t* key, size_t key_size);

  virtual ~Integrity() = default;

  /** Octets of the checksum in a packet. */
  size_t icv() const { return icv_; }

  /** The uncut checksum of `data` followed by `tail`, whose size is 0 or 4. @return false when OpenSSL fails */
  virtual bool Compute(const uint8_t* data, size_t size, const uint8_t* tail, size_t tail_size, uint8_t* out) = 0;

 protected:
  explicit Integrity(size_t icv) : icv_(icv) {}

 private:
  const size_t icv_;
};

}  // namespace cygnet::esp
