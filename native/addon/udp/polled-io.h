#pragma once

#include <napi.h>
#include <uv.h>

#include <memory>

#include "udp/slab.h"

namespace cygnet {

/**
 * A descriptor on the event loop of its environment that delivers datagrams in slots: a socket, or the inbox of a shard.
 *
 * Lives until both the JavaScript object is gone (`Detach`) and libuv has closed the handle. The asynchronous cleanup hook
 * makes a worker that exits with an open one wait for that; libuv aborts the process otherwise.
 */
class PolledIo {
 public:
  /** Begins to read; `callback(count)` runs once per batch. */
  void Start(Napi::Function callback);
  /** Reads on after JavaScript released a slot. */
  void Resume();
  /** May be called at any time, within the callback too, and more than once. */
  void Close();
  /** The JavaScript object was collected. */
  void Detach();

  bool closed() const { return closed_; }
  bool started() const { return !callback_.IsEmpty(); }
  int fd() const { return fd_; }
  const std::shared_ptr<Slab>& control() const { return control_; }
  const std::shared_ptr<Slab>& receive_slab() const { return receive_slab_; }

 protected:
  PolledIo(Napi::Env env, int fd, std::shared_ptr<Slab> control, std::shared_ptr<Slab> receive_slab);
  virtual ~PolledIo() = default;

  /**
   * Puts the descriptor, which is this object's from now on, under the care of the event loop.
   * @return false with an exception pending when libuv refuses it; it is closed then, and the object to be deleted
   */
  bool Open(const char* name);

  /** Reads into free slots and returns how many wait in the batch area of the control slab. */
  virtual uint32_t Read() = 0;
  virtual bool HasFreeSlot() const = 0;
  /** The descriptor cannot be polled any more. */
  virtual void Broken() = 0;
  virtual void Writable() {}
  /** The descriptor is about to be closed. */
  virtual void Closing() {}

  /** Whether to wait until the descriptor can be written to. */
  void AwaitWritable(bool wanted);

 private:
  static void OnPoll(uv_poll_t* handle, int status, int events);
  static void OnClosed(uv_handle_t* handle);
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void* data);

  void Deliver();
  void SetPaused(bool paused);
  /** Tells libuv what to wait for. */
  void UpdateInterest();

  const Napi::Env env_;
  const int fd_;
  const std::shared_ptr<Slab> control_;
  const std::shared_ptr<Slab> receive_slab_;
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
