#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <cstddef>

namespace cygnet::crypto {

/** The ECP groups of RFC 5903, 5114 and 6954 as one environment keeps them: OpenSSL's group objects are not shared between threads. */
class EcGroups {
 public:
  static constexpr size_t kCount = 9;

  struct Curve {
    EC_GROUP* group = nullptr;
    BN_CTX* numbers = nullptr;
    /** Octets of a coordinate and of the order. */
    size_t field = 0, order = 0;
  };

  EcGroups() = default;
  EcGroups(const EcGroups&) = delete;
  ~EcGroups();

  static size_t Find(const char* name);
  /** Null when this OpenSSL lacks the curve. */
  const Curve* Get(size_t index);

 private:
  Curve curves_[kCount];
};

}  // namespace cygnet::crypto
