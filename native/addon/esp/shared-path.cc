#include "esp/shared-path.h"

#include <utility>

#include "esp/join-port.h"

namespace cygnet::esp {

std::shared_ptr<SharedPath> SharedPath::Get(const std::string& name, const std::string& device, uint32_t mtu,
                                            const char** syscall, int* error) {
  // The process has one network, so its threads share by name what an environment of the addon could not.
  static std::mutex mutex;
  static std::unordered_map<std::string, std::weak_ptr<SharedPath>> paths;
  const std::lock_guard lock(mutex);
  if (auto path = paths[name].lock()) return path;
  auto tun = std::make_unique<TunDevice>(device, mtu, syscall, error);
  if (!tun->is_open()) return nullptr;
  auto path = std::make_shared<SharedPath>(std::move(tun));
  *syscall = "epoll_create1";
  *error = path->path().Start();
  if (*error != 0) return nullptr;
  paths[name] = path;
  return path;
}

uint32_t SharedPath::Join(Listener* listener) {
  const std::lock_guard lock(mutex_);
  listeners_[++last_owner_] = listener;
  return last_owner_;
}

void SharedPath::Leave(uint32_t owner) {
  path_.Post(Forget{owner});
  const std::lock_guard lock(mutex_);
  listeners_.erase(owner);
}

int SharedPath::JoinPort(int ike, uint8_t family, const Steering& steering, const char** syscall) {
  const std::lock_guard lock(mutex_);
  bool& has_port = has_port_[family == 6];
  if (has_port) return 0;
  int error = 0;
  auto port = esp::JoinPort(ike, steering, syscall, &error);
  if (!port) return error;
  has_port = true;
  path_.Post(AddPort{std::move(port)});
  return 0;
}

int SharedPath::OpenRaw(int ike, uint8_t family, const char** syscall) {
  const std::lock_guard lock(mutex_);
  bool& has_raw = has_raw_[family == 6];
  if (has_raw) return 0;
  int error = 0;
  auto port = esp::OpenRaw(ike, syscall, &error);
  if (!port) return error;
  has_raw = true;
  path_.Post(AddPort{std::move(port)});
  return 0;
}

void SharedPath::Raise(const Event& event) {
  const std::lock_guard lock(mutex_);
  const auto listener = listeners_.find(event.owner);
  if (listener != listeners_.end()) listener->second->Hear(event);
}

}  // namespace cygnet::esp
