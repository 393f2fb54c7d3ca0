#include "udp/udp-io.h"

#include <unistd.h>

#include <utility>

#include "napi-util.h"

namespace cygnet {

UdpIo* UdpIo::Create(Napi::Env env, const UdpOptions& options, int fd, bool owns_fd) {
  auto control = Slab::Allocate(Receiver::ControlBytes(options.slots));
  auto receive_slab = Slab::Allocate(Receiver::SlotBytes(options.max_packet) * options.slots);
  auto send_slab = Slab::Allocate(options.send_bytes);
  if (!control || !receive_slab || !send_slab) {
    ThrowSystem(env, "calloc", ENOMEM);
    if (owns_fd) close(fd);
    return nullptr;
  }
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    Napi::Error::New(env).ThrowAsJavaScriptException();
    if (owns_fd) close(fd);
    return nullptr;
  }
  auto* io = new UdpIo(env, options, fd, owns_fd, std::move(control), std::move(receive_slab), std::move(send_slab));
  // libuv makes the descriptor non-blocking, and refuses one that this loop polls already.
  const int status = uv_poll_init(loop, &io->poll_, fd);
  if (status != 0) {
    delete io;
    ThrowSystem(env, "epoll_ctl", -status);
    if (owns_fd) close(fd);
    return nullptr;
  }
  io->poll_.data = io;
  napi_async_init(env, nullptr, Napi::String::New(env, "CYGNET_UDP"), &io->context_);
  napi_add_async_cleanup_hook(env, OnCleanup, io, &io->cleanup_);
  return io;
}

UdpIo::UdpIo(Napi::Env env, const UdpOptions& options, int fd, bool owns_fd, std::shared_ptr<Slab> control,
             std::shared_ptr<Slab> receive_slab, std::shared_ptr<Slab> send_slab)
    : env_(env),
      fd_(fd),
      owns_fd_(owns_fd),
      control_(std::move(control)),
      receive_slab_(std::move(receive_slab)),
      send_slab_(std::move(send_slab)),
      receiver_(control_, receive_slab_, options.slots, options.max_packet),
      send_queue_(control_, send_slab_, options.domain) {}

void UdpIo::Start(Napi::Function callback) {
  callback_ = Napi::Persistent(callback);
  UpdateInterest();
}

void UdpIo::Resume() {
  if (closed_ || !receiver_.HasFreeSlot()) return;
  paused_ = false;
  reinterpret_cast<int32_t*>(control_->data())[kPaused] = 0;
  UpdateInterest();
}

void UdpIo::Flush() {
  if (closed_) return;
  blocked_ = !send_queue_.Flush(fd_);
  UpdateInterest();
}

void UdpIo::Close() {
  if (closed_) return;
  send_queue_.Flush(fd_);
  closed_ = true;
  interest_ = 0;
  // Stopping first takes the descriptor out of epoll, after which it may be closed.
  uv_poll_stop(&poll_);
  if (owns_fd_) close(fd_);
  callback_.Reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), OnClosed);
}

void UdpIo::Detach() {
  detached_ = true;
  if (handle_closed_) {
    delete this;
  } else {
    Close();
  }
}

void UdpIo::OnClosed(uv_handle_t* handle) {
  auto* io = static_cast<UdpIo*>(handle->data);
  Napi::HandleScope scope(io->env_);
  napi_async_destroy(io->env_, io->context_);
  napi_remove_async_cleanup_hook(io->cleanup_);
  io->handle_closed_ = true;
  if (io->detached_) delete io;
}

void UdpIo::OnCleanup(napi_async_cleanup_hook_handle, void* data) {
  // Closed already: its close callback, which removes the hook, is still to come.
  static_cast<UdpIo*>(data)->Close();
}

void UdpIo::OnPoll(uv_poll_t* handle, int status, int events) {
  auto* io = static_cast<UdpIo*>(handle->data);
  if (io->closed_) return;
  if (status != 0) {
    // The descriptor is unusable (an adopted one was closed by its owner): polling on would spin.
    io->receiver_.errors++;
    uv_poll_stop(&io->poll_);
    io->interest_ = 0;
    return;
  }
  if (events & UV_WRITABLE) io->Flush();
  if ((events & UV_READABLE) && io->started()) io->Deliver();
}

void UdpIo::Deliver() {
  const uint32_t count = receiver_.Read(fd_);
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
  if (closed_ || receiver_.HasFreeSlot()) return;
  paused_ = true;
  reinterpret_cast<int32_t*>(control_->data())[kPaused] = 1;
  UpdateInterest();
}

void UdpIo::UpdateInterest() {
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
