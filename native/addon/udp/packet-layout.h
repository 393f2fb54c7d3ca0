#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>

namespace cygnet {

/**
 * What stands in front of each payload in the receive and send slabs, and in the rings between shards. Integers are in host order, addresses in network
 * order with IPv4 in the first 4 octets and the rest zero. `src/udp-layout.ts` states the same offsets.
 */
struct PacketHeader {
  /** Octets of payload behind the header. */
  uint32_t length;
  /** 4 or 6. */
  uint8_t family;
  /** Send only: the IPv4 TOS or IPv6 traffic class octet, DSCP in its upper 6 bits. */
  uint8_t traffic_class;
  uint16_t reserved;
  uint16_t source_port;
  /** Received: the port of the socket. */
  uint16_t destination_port;
  /** Received: the interface it came in on. Send: the interface to use, 0 for the kernel's choice. */
  int32_t interface_index;
  /** Send: our address, all zero for the kernel's choice. */
  uint8_t source[16];
  uint8_t destination[16];
  /** Scope of the peer's link-local IPv6 address, 0 for others. */
  uint32_t scope_id;
  uint8_t padding[12];
};

constexpr size_t kHeaderBytes = 64;
static_assert(sizeof(PacketHeader) == kHeaderBytes);
static_assert(offsetof(PacketHeader, source_port) == 8);
static_assert(offsetof(PacketHeader, interface_index) == 12);
static_assert(offsetof(PacketHeader, source) == 16);
static_assert(offsetof(PacketHeader, destination) == 32);
static_assert(offsetof(PacketHeader, scope_id) == 48);

/** Datagrams per system call: from 32 on the cost per datagram no longer falls. */
constexpr uint32_t kBatch = 64;

/** Datagrams that are handed over at a time, of several system calls. */
constexpr uint32_t kDelivered = 256;

/** Datagrams that are looked at at a time, shed ones and those of other shards included: a flood must not hold the event loop. */
constexpr uint32_t kMostPerRead = 1024;

/** Slots of a receiver at most. */
constexpr uint32_t kMaxSlots = 4096;

/** Largest payload of a UDP datagram over IPv4; IPv6 allows 20 more without jumbograms, which IKE never needs. */
constexpr uint32_t kMaxDatagram = 65507;

/** Words of the control slab, an Int32Array in JavaScript. */
enum ControlWord : uint32_t {
  /** Entries of the free stack. JavaScript pushes on release, C++ pops on receive. */
  kFreeCount = 0,
  /** 1 while reading is suspended for want of slots: who releases one then calls `resume()`. */
  kPaused = 1,
  /**
   * Octet offsets of the first and behind the last queued record of the send slab. JavaScript moves the tail, C++ both.
   */
  kSendHead = 2,
  kSendTail = 3,
  /** Failed sends since the start, modulo 2^32, and errno of the latest. */
  kSendErrors = 4,
  kSendErrno = 5,
  /** Datagrams discarded for their length, modulo 2^32. */
  kOversized = 6,
  /**
   * First messages that may still be handed over, without and with a cookie; negative for any number. JavaScript sets
   * them, C++ counts down.
   */
  kFirstRoom = 7,
  kCookieRoom = 8,
  /** First messages without a cookie that were handed over, and that were shed, modulo 2^32. */
  kFirstAdmitted = 9,
  kFirstShed = 10,
  /** The free stack begins here; the slots of the current batch follow it. */
  kFreeStack = 16,
};

/** Payloads begin on this boundary, so that headers stay aligned. */
constexpr size_t kAlign = 16;
constexpr size_t AlignUp(size_t value) { return (value + kAlign - 1) & ~(kAlign - 1); }

}  // namespace cygnet
