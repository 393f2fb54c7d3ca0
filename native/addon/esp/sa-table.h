#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "esp/sa.h"

namespace cygnet::esp {

/** The SAs of a data path: those in by the SPI that we drew, those out by the SPI that the peer drew and its address. */
class SaTable {
 public:
  void Add(std::shared_ptr<Sa> sa);
  void Remove(const Sa* sa);
  /** Null when there is none. Valid until it is removed. */
  Sa* FindInbound(uint32_t spi) const;
  Sa* FindOutbound(uint32_t spi, const Endpoint& destination) const;

 private:
  std::unordered_map<uint32_t, std::shared_ptr<Sa>> inbound_;
  std::unordered_map<uint32_t, std::vector<std::shared_ptr<Sa>>> outbound_;
};

}  // namespace cygnet::esp
