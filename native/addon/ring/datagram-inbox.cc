#include "ring/datagram-inbox.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "napi-util.h"

namespace cygnet {

Napi::Function DatagramInbox::Define(Napi::Env env) {
  return DefineClass(env, "DatagramInbox",
                     {
                         InstanceAccessor<&DatagramInbox::Control>("control"),
                         InstanceAccessor<&DatagramInbox::ReceiveSlab>("receiveSlab"),
                         InstanceMethod<&DatagramInbox::Start>("start"),
                         InstanceMethod<&DatagramInbox::Resume>("resume"),
                         InstanceMethod<&DatagramInbox::Status>("status"),
                         InstanceMethod<&DatagramInbox::Close>("close"),
                     });
}

Napi::Value DatagramInbox::Open(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const double lanes = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  const double bytes = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : -1;
  if (!(lanes >= 1 && lanes <= InboxMemory::kMaxLanes) || !(bytes >= 0 && bytes <= InboxMemory::kMaxLaneBytes)) {
    ThrowType(env, "openInbox needs a number of lanes and their size");
    return env.Undefined();
  }
  const int memory_fd = InboxMemory::Create(static_cast<uint32_t>(lanes), static_cast<uint32_t>(bytes));
  if (memory_fd < 0) {
    ThrowSystem(env, "memfd_create", errno);
    return env.Undefined();
  }
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) {
    ThrowSystem(env, "eventfd", errno);
    close(memory_fd);
    return env.Undefined();
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("memoryFd", Napi::Number::New(env, memory_fd));
  result.Set("wakeFd", Napi::Number::New(env, wake_fd));
  return result;
}

DatagramInbox::DatagramInbox(const Napi::CallbackInfo& info) : Napi::ObjectWrap<DatagramInbox>(info) {
  Napi::Env env = info.Env();
  if (!info[0].IsObject()) {
    ThrowType(env, "DatagramInbox needs an options object");
    return;
  }
  Napi::Object options = info[0].As<Napi::Object>();
  int64_t memory_fd, wake_fd, slots, max_packet;
  if (!ReadInteger(options, "memoryFd", 0, INT_MAX, -1, &memory_fd) ||
      !ReadInteger(options, "wakeFd", 0, INT_MAX, -1, &wake_fd) ||
      !ReadInteger(options, "slots", 1, kMaxSlots, 256, &slots) ||
      !ReadInteger(options, "maxPacketBytes", 1, kMaxDatagram, 10000, &max_packet)) {
    return;
  }
  auto memory = InboxMemory::Map(static_cast<int>(memory_fd));
  if (!memory) {
    ThrowSystem(env, "mmap", errno);
    return;
  }
  const int own = fcntl(static_cast<int>(wake_fd), F_DUPFD_CLOEXEC, 0);
  if (own < 0) {
    ThrowSystem(env, "fcntl", errno);
    return;
  }
  io_ = InboxIo::Create(env, std::move(memory), own, static_cast<uint32_t>(slots), static_cast<uint32_t>(max_packet));
}

DatagramInbox::~DatagramInbox() {
  if (io_ != nullptr) io_->Detach();
}

Napi::Value DatagramInbox::Control(const Napi::CallbackInfo& info) {
  return Slab::ToArrayBuffer(info.Env(), io_->control());
}

Napi::Value DatagramInbox::ReceiveSlab(const Napi::CallbackInfo& info) {
  return Slab::ToArrayBuffer(info.Env(), io_->receive_slab());
}

void DatagramInbox::Start(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) return ThrowType(info.Env(), "start needs a function");
  if (io_->closed()) return ThrowSystem(info.Env(), "start", EBADF);
  if (io_->started()) return ThrowSystem(info.Env(), "start", EALREADY);
  io_->Start(info[0].As<Napi::Function>());
  if (!held_) Ref();
  held_ = true;
}

void DatagramInbox::Resume(const Napi::CallbackInfo&) { io_->Resume(); }

void DatagramInbox::Close(const Napi::CallbackInfo&) {
  io_->Close();
  if (held_) Unref();
  held_ = false;
}

Napi::Value DatagramInbox::Status(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const InboxMemory& memory = io_->memory();
  uint64_t dropped = 0;
  uint64_t queued = 0;
  for (uint32_t lane = 0; lane < memory.lanes(); lane++) {
    dropped += memory.dropped(lane);
    queued += memory.queued(lane);
  }
  Napi::Object status = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t value) {
    status.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  set("received", io_->received);
  set("dropped", dropped);
  set("oversized", io_->pool().oversized);
  set("shed", io_->shed());
  set("queuedBytes", queued);
  set("bufferBytes", uint64_t{memory.lanes()} * memory.lane_bytes());
  return status;
}

}  // namespace cygnet
