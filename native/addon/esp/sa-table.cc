#include "esp/sa-table.h"

#include <algorithm>
#include <utility>

namespace cygnet::esp {

void SaTable::Add(std::shared_ptr<Sa> sa) {
  const uint32_t spi = sa->spec().spi;
  if (sa->spec().inbound) {
    inbound_[spi] = std::move(sa);
  } else {
    outbound_[spi].push_back(std::move(sa));
  }
}

void SaTable::Remove(const Sa* sa) {
  const uint32_t spi = sa->spec().spi;
  if (sa->spec().inbound) {
    const auto found = inbound_.find(spi);
    if (found != inbound_.end() && found->second.get() == sa) inbound_.erase(found);
    return;
  }
  const auto found = outbound_.find(spi);
  if (found == outbound_.end()) return;
  std::erase_if(found->second, [sa](const std::shared_ptr<Sa>& other) { return other.get() == sa; });
  if (found->second.empty()) outbound_.erase(found);
}

Sa* SaTable::FindInbound(uint32_t spi) const {
  const auto found = inbound_.find(spi);
  return found == inbound_.end() ? nullptr : found->second.get();
}

Sa* SaTable::FindOutbound(uint32_t spi, const Endpoint& destination) const {
  const auto found = outbound_.find(spi);
  if (found == outbound_.end()) return nullptr;
  for (const std::shared_ptr<Sa>& sa : found->second) {
    if (sa->destination.SameAddress(destination)) return sa.get();
  }
  return nullptr;
}

}  // namespace cygnet::esp
