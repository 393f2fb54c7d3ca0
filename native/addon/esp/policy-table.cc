#include "esp/policy-table.h"

#include <algorithm>
#include <tuple>

namespace cygnet::esp {

namespace {

/** Bits that all addresses of a range have in common. */
uint8_t CommonBits(const Range& range, uint8_t family) {
  const int octets = family == 4 ? 4 : 16;
  for (int i = 0; i < octets; i++) {
    const unsigned differing = range.first[i] ^ range.last[i];
    if (differing != 0) return static_cast<uint8_t>(i * 8 + __builtin_clz(differing) - 24);
  }
  return static_cast<uint8_t>(octets * 8);
}

void Mask(uint8_t* out, const uint8_t* address, uint8_t bits) {
  const size_t whole = bits / 8;
  memcpy(out, address, whole);
  memset(out + whole, 0, 16 - whole);
  if (bits % 8 != 0) out[whole] = static_cast<uint8_t>(address[whole] & (0xff00 >> (bits % 8)));
}

bool PortMatches(const Range& range, bool has_port, uint16_t port) {
  if (range.AnyPort()) return true;
  if (range.Opaque()) return !has_port;
  return has_port && range.first_port <= port && port <= range.last_port;
}

uint32_t PortSpan(const Range& range) { return range.Opaque() ? 0 : uint32_t{range.last_port} - range.first_port; }

/** Of policies with the same prefixes, the narrower one comes first. */
bool IsNarrower(const Selector& a, const Selector& b) {
  const auto width = [](const Selector& s) {
    return std::tuple(s.protocol == 0, PortSpan(s.source) + PortSpan(s.destination));
  };
  return width(a) < width(b);
}

}  // namespace

bool Selector::Matches(const Flow& flow) const {
  return family == flow.family && (protocol == 0 || protocol == flow.protocol) && source.Holds(flow.source) &&
         destination.Holds(flow.destination) && PortMatches(source, flow.has_ports, flow.source_port) &&
         PortMatches(destination, flow.has_ports, flow.destination_port);
}

size_t PolicyTable::KeyHash::operator()(const Key& key) const {
  uint64_t words[4];
  memcpy(words, key.octets, sizeof words);
  uint64_t hash = 0;
  for (const uint64_t word : words) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return hash;
}

PolicyTable::Key PolicyTable::KeyOf(const Tier& tier, const uint8_t* source, const uint8_t* destination) {
  Key key;
  Mask(key.octets, source, tier.source_bits);
  Mask(key.octets + 16, destination, tier.destination_bits);
  return key;
}

bool PolicyTable::IsBefore(const Tier& a, const Tier& b) {
  const auto order = [](const Tier& t) {
    return std::tuple(t.rank, -(t.source_bits + t.destination_bits), -t.destination_bits, t.family);
  };
  return order(a) < order(b);
}

PolicyTable::Tier PolicyTable::TierOf(const Selector& selector, uint8_t rank) const {
  const uint8_t family = selector.family;
  return Tier{rank, family, CommonBits(selector.source, family), CommonBits(selector.destination, family), {}};
}

void PolicyTable::Add(const Selector& selector, Action action, uint8_t rank, const PolicyUser& user) {
  Tier wanted = TierOf(selector, rank);
  auto tier = std::lower_bound(tiers_.begin(), tiers_.end(), wanted, IsBefore);
  if (tier == tiers_.end() || IsBefore(wanted, *tier)) tier = tiers_.insert(tier, std::move(wanted));
  std::vector<Policy>& policies = tier->policies[KeyOf(*tier, selector.source.first, selector.destination.first)];
  auto policy = std::find_if(policies.begin(), policies.end(),
                             [&](const Policy& p) { return p.action == action && p.selector == selector; });
  if (policy == policies.end()) {
    const auto place = std::find_if(policies.begin(), policies.end(),
                                    [&](const Policy& p) { return IsNarrower(selector, p.selector); });
    Policy added;
    added.selector = selector;
    added.action = action;
    added.rank = rank;
    policy = policies.insert(place, std::move(added));
    size_++;
  }
  policy->acquiring = false;
  // What has an SA goes before a trap that is installed again meanwhile.
  const auto place = user.spi == 0 ? policy->users.begin() : policy->users.end();
  policy->users.insert(place, user);
}

bool PolicyTable::Remove(const Selector& selector, Action action, uint8_t rank, const PolicyUser& user) {
  const Tier wanted = TierOf(selector, rank);
  const auto tier = std::lower_bound(tiers_.begin(), tiers_.end(), wanted, IsBefore);
  if (tier == tiers_.end() || IsBefore(wanted, *tier)) return false;
  const auto bucket = tier->policies.find(KeyOf(*tier, selector.source.first, selector.destination.first));
  if (bucket == tier->policies.end()) return false;
  std::vector<Policy>& policies = bucket->second;
  const auto policy = std::find_if(policies.begin(), policies.end(),
                                   [&](const Policy& p) { return p.action == action && p.selector == selector; });
  if (policy == policies.end()) return false;
  const auto found = std::find_if(policy->users.begin(), policy->users.end(),
                                  [&](const PolicyUser& u) { return u.reqid == user.reqid && u.spi == user.spi; });
  if (found == policy->users.end()) return false;
  policy->users.erase(found);
  policy->acquiring = false;
  if (!policy->users.empty()) return true;
  policies.erase(policy);
  size_--;
  if (policies.empty()) tier->policies.erase(bucket);
  if (tier->policies.empty()) tiers_.erase(tier);
  return true;
}

void PolicyTable::RemoveOwner(uint32_t owner) {
  for (Tier& tier : tiers_) {
    for (auto bucket = tier.policies.begin(); bucket != tier.policies.end();) {
      for (Policy& policy : bucket->second) {
        std::erase_if(policy.users, [&](const PolicyUser& user) { return user.owner == owner; });
      }
      size_ -= std::erase_if(bucket->second, [](const Policy& policy) { return policy.users.empty(); });
      bucket = bucket->second.empty() ? tier.policies.erase(bucket) : std::next(bucket);
    }
  }
  std::erase_if(tiers_, [](const Tier& tier) { return tier.policies.empty(); });
}

Policy* PolicyTable::Find(const Flow& flow) {
  for (Tier& tier : tiers_) {
    if (tier.family != flow.family) continue;
    const auto bucket = tier.policies.find(KeyOf(tier, flow.source, flow.destination));
    if (bucket == tier.policies.end()) continue;
    for (Policy& policy : bucket->second) {
      if (policy.selector.Matches(flow)) return &policy;
    }
  }
  return nullptr;
}

}  // namespace cygnet::esp
