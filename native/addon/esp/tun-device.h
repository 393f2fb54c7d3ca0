#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cygnet::esp {

/** A TUN device for IP packets, up while this object lives. */
class TunDevice {
 public:
  /**
   * Opens and brings up a device.
   * @param name of the device, where `%d` stands for the first free number
   * @param syscall,error what failed, when the result is not open
   */
  TunDevice(const std::string& name, uint32_t mtu, const char** syscall, int* error);
  TunDevice(const TunDevice&) = delete;
  ~TunDevice();

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  const std::string& name() const { return name_; }
  uint32_t mtu() const { return mtu_; }

  /** One packet; 0 when none waits or the read fails. */
  size_t Read(uint8_t* out, size_t size);
  bool Write(const uint8_t* packet, size_t size);

 private:
  bool Open(const std::string& name, const char** syscall);

  int fd_ = -1;
  uint32_t mtu_;
  std::string name_;
};

}  // namespace cygnet::esp
