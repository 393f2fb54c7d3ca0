#pragma once

#include <napi.h>
#include <uv.h>

#include <memory>

#include "udp/receiver.h"
#include "udp/send-queue.h"
#include "udp/udp-options.h"

namespace cygnet {

/**
 * What one UdpSocket has on the event loop of its environment: descriptor, poll handle, receiver, send queue.
 *
 * Lives until both the JavaScript object is gone (`Detach`) and libuv has closed the handle. The asynchronous cleanup
 * hook makes a worker that exits with an open socket wait for that; libuv aborts the process otherwise.
 */
class UdpIo {
 public:
  /**
   * Takes `fd` over; `owns_fd` says whether `Close` closes it too.
   * @return null with an exception pending when there is no memory or libuv refuses the descriptor
   */
  static UdpIo* Create(Napi::Env env, const UdpOptions& options, int fd, bool owns_fd);

  /** Begins to read; `callback(count)` runs once per batch. */
  void Start(Napi::Function callback);
  /** Reads on after JavaScript released a slot. */
  void Resume();
  /** Sends what is queued; what the kernel cannot take yet follows when it can. */
  void Flush();
  /** May be called at any time, within the callback too, and more than once. Unsent datagrams get one last attempt. */
  void Close();
  /** The JavaScript object was collected. */
  void Detach();

  bool closed() const { return closed_; }
  bool started() const { return !callback_.IsEmpty(); }
  int fd() const { return fd_; }
  const Receiver& receiver() const { return receiver_; }
  const SendQueue& send_queue() const { return send_queue_; }
  const std::shared_ptr<Slab>& control() const { return control_; }
  const std::shared_ptr<Slab>& receive_slab() const { return receive_slab_; }
  const std::shared_ptr<Slab>& send_slab() const { return send_slab_; }

 private:
  UdpIo(Napi::Env env, const UdpOptions& options, int fd, bool owns_fd, std::shared_ptr<Slab> control,
        std::shared_ptr<Slab> receive_slab, std::shared_ptr<Slab> send_slab);

  static void OnPoll(uv_poll_t* handle, int status, int events);
  static void OnClosed(uv_handle_t* handle);
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void* data);

  void Deliver();
  /** Tells libuv what to wait for. */
  void UpdateInterest();

  const Napi::Env env_;
  const int fd_;
  const bool owns_fd_;
  const std::shared_ptr<Slab> control_;
  const std::shared_ptr<Slab> receive_slab_;
  const std::shared_ptr<Slab> send_slab_;
  Receiver receiver_;
  SendQueue send_queue_;
  uv_poll_t poll_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  napi_async_context context_ = nullptr;
  Napi::FunctionReference callback_;
  bool paused_ = false;
  bool blocked_ = false;
  bool closed_ = false;
  bool handle_closed_ = false;
  bool detached_ = false;
  int interest_ = 0;
};

}  // namespace cygnet
