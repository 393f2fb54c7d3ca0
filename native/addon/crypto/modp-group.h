#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "montgomery.h"

namespace cygnet::crypto {

/**
 * A group of RFC 2409, 3526 or 5114. One instance per process, built when it is first used and read-only from then on.
 *
 * Length of exponents: at least twice the group's strength (RFC 7919 appendix A, RFC 3526 section 8). Shorter
 * than the group makes key exchange several times faster and, for safe primes with a generator of a large subgroup, costs no strength.
 * Groups 22 to 24 use their subgroup's size.
 */
class ModpGroup {
 public:
  static constexpr size_t kCount = 11;
  /** The group's name without prefix, as in `MODP_2048`. */
  static size_t Find(const char* name);
  /** Null when this OpenSSL lacks the group's prime. */
  static const ModpGroup* Get(size_t index);

  /** The prime, big-endian, and the size of it and of all public values. */
  const uint8_t* prime() const { return prime_.data(); }
  size_t octets() const { return prime_.size(); }
  size_t exponentBits() const { return exponentBits_; }
  size_t exponentBytes() const { return (exponentBits_ + 7) / 8; }

  /** Whether a peer's public value is safe to use: 1 < y < p - 1 and, in groups 22 to 24, a member of the subgroup (RFC 6989 section 2). */
  bool IsPublic(const uint8_t* value) const;
  /** Whether the octets are a private exponent: above 1, and below the order where the group states it. */
  bool IsPrivate(const uint8_t* exponent) const;

  /**
   * g^exponent from a table of g^(digit * 2^(width * position)): one multiplication for `width` exponent bits and no squaring. Every look-up
   * reads all entries of its position.
   */
  void PowerOfGenerator(uint8_t* out, const uint8_t* exponent) const;
  /** value^exponent, for a value that `IsPublic`. */
  void Power(uint8_t* out, const uint8_t* value, const uint8_t* exponent) const;

 private:
  struct Table;
  ModpGroup() = default;
  bool Build(size_t index);
  const Table& GeneratorTable() const;

  Modulus modulus_;
  alignas(64) Word generator_[kMaxWords];
  std::vector<uint8_t> prime_;
  std::vector<uint8_t> order_;
  size_t exponentBits_ = 0;
  mutable std::once_flag tableOnce_;
  mutable std::shared_ptr<const Table> table_;
};

}  // namespace cygnet::crypto
