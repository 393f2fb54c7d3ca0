#pragma once

#include <napi.h>

#include <memory>

#include "udp/polled-io.h"
#include "udp/receiver.h"
#include "udp/send-queue.h"
#include "udp/udp-options.h"

namespace cygnet {

/** What one UdpSocket has on the event loop of its environment: descriptor, receiver, send queue. */
class UdpIo final : public PolledIo {
 public:
  /**
   * Takes `fd` over.
   * @return null with an exception pending and `fd` closed when there is no memory or libuv refuses the descriptor
   */
  static UdpIo* Create(Napi::Env env, const UdpOptions& options, int fd);

  /** Sends what is queued; what the kernel cannot take yet follows when it can. */
  void Flush();

  Receiver& receiver() { return receiver_; }
  const SendQueue& send_queue() const { return send_queue_; }
  const std::shared_ptr<Slab>& send_slab() const { return send_slab_; }

 private:
  UdpIo(Napi::Env env, const UdpOptions& options, int fd, std::shared_ptr<Slab> control,
        std::shared_ptr<Slab> receive_slab, std::shared_ptr<Slab> send_slab);

  uint32_t Read() override { return receiver_.Read(fd()); }
  bool HasFreeSlot() const override { return receiver_.pool().HasFree(); }
  void Broken() override { receiver_.errors++; }
  void Writable() override { Flush(); }
  /** Unsent datagrams get one last attempt. */
  void Closing() override {
    send_queue_.Flush(fd());
    receiver_.End();
  }

  const std::shared_ptr<Slab> send_slab_;
  Receiver receiver_;
  SendQueue send_queue_;
};

}  // namespace cygnet
