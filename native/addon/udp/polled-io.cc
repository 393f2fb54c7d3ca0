#include "udp/polled-io.h"

#include <unistd.h>

#include <utility>

#include "napi-util.h"
#include "udp/packet-layout.h"

namespace cygnet {

PolledIo::PolledIo(Napi::Env env, int fd, std::shared_ptr<Slab> control, std::shared_ptr<Slab> receive_slab)
    : env_(env), fd_(fd), control_(std::move(control)), receive_slab_(std::move(receive_slab)) {}

bool PolledIo::Open(const char* name) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env_, &loop) != napi_ok) {
    Napi::Error::New(env_).ThrowAsJavaScriptException();
    close(fd_);
    return false;
  }
  // libuv makes the descriptor non-blocking, and refuses one that this loop polls already.
  const int status = uv_poll_init(loop, &poll_, fd_);
  if (status != 0) {
    ThrowSystem(env_, "epoll_ctl", -status);
    close(fd_);
    return false;
  }
  poll_.data = this;
  napi_async_init(env_, nullptr, Napi::String::New(env_, name), &context_);
  napi_add_async_cleanup_hook(env_, OnCleanup, this, &cleanup_);
  return true;
}

void PolledIo::Start(Napi::Function callback) {
  callback_ = Napi::Persistent(callback);
  UpdateInterest();
}

void PolledIo::Resume() {
  if (closed_ || !HasFreeSlot()) return;
  SetPaused(false);
  UpdateInterest();
}

void PolledIo::Close() {
  if (closed_) return;
  Closing();
  closed_ = true;
  interest_ = 0;
  // Stopping first takes the descriptor out of epoll, after which it may be closed.
  uv_poll_stop(&poll_);
  close(fd_);
  callback_.Reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), OnClosed);
}

void PolledIo::Detach() {
  detached_ = true;
  if (handle_closed_) {
    delete this;
  } else {
    Close();
  }
}

void PolledIo::OnClosed(uv_handle_t* handle) {
  auto* io = static_cast<PolledIo*>(handle->data);
  Napi::HandleScope scope(io->env_);
  napi_async_destroy(io->env_, io->context_);
  napi_remove_async_cleanup_hook(io->cleanup_);
  io->handle_closed_ = true;
  if (io->detached_) delete io;
}

void PolledIo::OnCleanup(napi_async_cleanup_hook_handle, void* data) {
  // Closed already: its close callback, which removes the hook, is still to come.
  static_cast<PolledIo*>(data)->Close();
}

void PolledIo::OnPoll(uv_poll_t* handle, int status, int events) {
  auto* io = static_cast<PolledIo*>(handle->data);
  if (io->closed_) return;
  if (status != 0) {
    // The descriptor is unusable: polling on would spin.
    io->Broken();
    uv_poll_stop(&io->poll_);
    io->interest_ = 0;
    return;
  }
  if (events & UV_WRITABLE) io->Writable();
  if ((events & UV_READABLE) && io->started()) io->Deliver();
}

void PolledIo::Deliver() {
  const uint32_t count = Read();
  if (count > 0) {
    Napi::HandleScope scope(env_);
    napi_value argument = Napi::Number::New(env_, count);
    napi_value result;
    const napi_status status =
        napi_make_callback(env_, context_, Napi::Object::New(env_), callback_.Value(), 1, &argument, &result);
    if (status == napi_pending_exception) {
      napi_value error;
      napi_get_and_clear_last_exception(env_, &error);
      napi_fatal_exception(env_, error);
    }
  }
  if (closed_ || HasFreeSlot()) return;
  SetPaused(true);
  UpdateInterest();
}

void PolledIo::AwaitWritable(bool wanted) {
  blocked_ = wanted;
  UpdateInterest();
}

void PolledIo::SetPaused(bool paused) {
  paused_ = paused;
  reinterpret_cast<int32_t*>(control_->data())[kPaused] = paused ? 1 : 0;
}

void PolledIo::UpdateInterest() {
  if (closed_) return;
  const int wanted = (started() && !paused_ ? UV_READABLE : 0) | (blocked_ ? UV_WRITABLE : 0);
  if (wanted == interest_) return;
  interest_ = wanted;
  if (wanted == 0) {
    uv_poll_stop(&poll_);
  } else {
    uv_poll_start(&poll_, wanted, OnPoll);
  }
}

}  // namespace cygnet
