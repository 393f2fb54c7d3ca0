#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <vector>

#include "esp/endpoint.h"
#include "esp/flow.h"

namespace cygnet::esp {

/** One end of a policy: addresses and ports from first to last. */
struct Range {
  uint8_t first[16] = {}, last[16] = {};
  uint16_t first_port = 0, last_port = 65535;

  bool operator==(const Range&) const = default;
  bool Holds(const uint8_t* address) const { return memcmp(first, address, 16) <= 0 && memcmp(address, last, 16) <= 0; }
  /** Any port, and thereby packets whose ports are not known. */
  bool AnyPort() const { return first_port == 0 && last_port == 65535; }
  /** Only packets whose ports are not known: OPAQUE, RFC 7296 section 3.13.1. */
  bool Opaque() const { return first_port == 65535 && last_port == 0; }
};

struct Selector {
  uint8_t family = 4;
  /** 0 for any. */
  uint8_t protocol = 0;
  Range source, destination;

  bool operator==(const Selector&) const = default;
  bool Matches(const Flow& flow) const;
};

enum class Action : uint8_t { kProtect, kPass, kDrop };

/** Who installed a policy: a CHILD_SA, or a trap without an SA. */
struct PolicyUser {
  uint32_t reqid = 0;
  /** Of the SA that carries what matches; 0 for none yet. */
  uint32_t spi = 0;
  Endpoint destination;
  /** Who is to hear that an SA is wanted. */
  uint32_t owner = 0;
};

struct Policy {
  Selector selector;
  Action action = Action::kProtect;
  /** The lower, the earlier it is looked at. */
  uint8_t rank = 0;
  /** The latest is used: a CHILD_SA that rekeys another takes its traffic over. */
  std::vector<PolicyUser> users;
  /** An SA was asked for. */
  bool acquiring = false;
};

/**
 * The policies of one direction. A packet's is that of the lowest rank, and among equals the one with the longest prefixes, then with
 * the narrowest ports.
 *
 * Policies are kept by the lengths of their prefixes, and those of equal lengths by their addresses: a look-up costs one probe for each pair of
 * lengths in use, however many policies there are.
 */
class PolicyTable {
 public:
  /** One more user of the policy with this selector, action and rank, which is made where there is none. */
  void Add(const Selector& selector, Action action, uint8_t rank, const PolicyUser& user);

  /** One user less; that of the same reqid and SPI. False when there is none. */
  bool Remove(const Selector& selector, Action action, uint8_t rank, const PolicyUser& user);

  /** Removes all users of an owner. */
  void RemoveOwner(uint32_t owner);

  /** Valid until the next change. Null when nothing matches. */
  Policy* Find(const Flow& flow);

  size_t size() const { return size_; }

 private:
  struct Key {
    uint8_t octets[32];
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  /** All policies of one rank, family and pair of prefix lengths. */
  struct Tier {
    uint8_t rank;
    uint8_t family;
    uint8_t source_bits, destination_bits;
    std::unordered_map<Key, std::vector<Policy>, KeyHash> policies;
  };

  static Key KeyOf(const Tier& tier, const uint8_t* source, const uint8_t* destination);
  static bool IsBefore(const Tier& a, const Tier& b);
  Tier TierOf(const Selector& selector, uint8_t rank) const;

  /** In the order in which they are looked at. */
  std::vector<Tier> tiers_;
  size_t size_ = 0;
};

}  // namespace cygnet::esp
