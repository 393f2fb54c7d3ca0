#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cygnet {

/**
 * Zeroed memory that C++ and JavaScript share through an ArrayBuffer.
 *
 * Counted: it lives as long as the socket or any ArrayBuffer made from it, so a view kept after `close()` reads stale
 * octets and never freed memory. src/udp-socket.ts forbids to transfer the buffer to another thread. Pages are not
 * resident until touched.
 */
class Slab {
 public:
  /** `bytes` may be 0. Null when there is no memory. */
  static std::shared_ptr<Slab> Allocate(size_t bytes);

  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

  /**
   * A new ArrayBuffer over the whole slab, which holds `slab` until it is collected. Empty with an exception pending on
   * failure.
   */
  static Napi::Value ToArrayBuffer(Napi::Env env, const std::shared_ptr<Slab>& slab);

 private:
  Slab(uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint8_t* const data_;
  const size_t size_;
};

}  // namespace cygnet
