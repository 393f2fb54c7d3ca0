#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "esp/data-path.h"
#include "udp/steering.h"

namespace cygnet::esp {

/**
 * A data path that several threads use: each is an owner of what it installs, and hears of it. There is one for each name in a process, from its first
 * owner until its last is gone.
 */
class SharedPath final : private EventSink {
 public:
  /** What an owner hears; called on the data path's thread, and no more once `Leave` has returned. */
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void Hear(const Event& event) = 0;
  };

  /**
   * The path of this name, opened where there is none.
   * @return null with what failed in `syscall` and `error`
   */
  static std::shared_ptr<SharedPath> Get(const std::string& name, const std::string& device, uint32_t mtu,
                                         const char** syscall, int* error);
  explicit SharedPath(std::unique_ptr<TunDevice> tun) : path_(std::move(tun), this) {}

  /** @return the owner's number */
  uint32_t Join(Listener* listener);
  /** Takes everything of an owner out. */
  void Leave(uint32_t owner);

  DataPath& path() { return path_; }

  /**
   * Has ESP go by a socket of its own on the port of this one of IKE, unless there is such a socket of its family.
   * @return 0, or an errno with what failed in `syscall`
   */
  int JoinPort(int ike, uint8_t family, const Steering& steering, const char** syscall);

  /** Has ESP that is not in UDP go by a raw socket of its family, as `JoinPort`. */
  int OpenRaw(int ike, uint8_t family, const char** syscall);

 private:
  void Raise(const Event& event) override;

  std::mutex mutex_;
  std::unordered_map<uint32_t, Listener*> listeners_;
  uint32_t last_owner_ = 0;
  /** There is a socket for IPv4, for IPv6. */
  bool has_port_[2] = {};
  bool has_raw_[2] = {};
  /** Last: its thread ends before what it uses. */
  DataPath path_;
};

}  // namespace cygnet::esp
