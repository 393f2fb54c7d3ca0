#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "udp/slab.h"

namespace cygnet {

/** What an IKE datagram is with regard to new IKE_SAs. */
enum class Beginning {
  /** For an IKE_SA that there is, or nothing that begins one. */
  kNone,
  kPlain,
  /** An IKE_SA_INIT request that brings a COOKIE. */
  kWithCookie,
};

/**
 * Tells the messages that begin an IKE_SA: IKE_SA_INIT requests, and in IKEv1 Main and Aggressive Mode without a
 * responder's SPI. RFC 7296 sections 2.6 and 3.1; with or without non-ESP marker.
 */
Beginning BeginningOf(const uint8_t* data, size_t length);

/** Sheds first messages that JavaScript has no room for, before they cost anything there. */
class FirstMessageGate {
 public:
  explicit FirstMessageGate(std::shared_ptr<Slab> control);

  /** Whether to drop this datagram; counted in `shed` then, and otherwise in the room that is left. */
  bool Sheds(const uint8_t* data, size_t length);

  uint64_t shed = 0;

 private:
  const std::shared_ptr<Slab> control_;
};

}  // namespace cygnet
