#include "udp/udp-io.h"

#include <unistd.h>

#include <utility>

#include "napi-util.h"
#include "udp/udp-open.h"

namespace cygnet {

UdpIo* UdpIo::Create(Napi::Env env, const UdpOptions& options, int fd) {
  auto control = Slab::Allocate(SlotPool::ControlBytes(options.slots));
  auto receive_slab = Slab::Allocate(SlotPool::SlotBytes(options.max_packet) * options.slots);
  auto send_slab = Slab::Allocate(options.send_bytes);
  if (!control || !receive_slab || !send_slab) {
    ThrowSystem(env, "calloc", ENOMEM);
    close(fd);
    return nullptr;
  }
  auto* io = new UdpIo(env, options, fd, std::move(control), std::move(receive_slab), std::move(send_slab));
  if (io->Open("CYGNET_UDP")) return io;
  delete io;
  return nullptr;
}

UdpIo::UdpIo(Napi::Env env, const UdpOptions& options, int fd, std::shared_ptr<Slab> control,
             std::shared_ptr<Slab> receive_slab, std::shared_ptr<Slab> send_slab)
    : PolledIo(env, fd, std::move(control), std::move(receive_slab)),
      send_slab_(std::move(send_slab)),
      receiver_(SlotPool(this->control(), this->receive_slab(), options.slots, options.max_packet),
                FirstMessageGate(this->control()), BoundPort(fd)),
      send_queue_(this->control(), send_slab_, options.domain) {}

void UdpIo::Flush() {
  if (closed()) return;
  AwaitWritable(!send_queue_.Flush(fd()));
}

}  // namespace cygnet
