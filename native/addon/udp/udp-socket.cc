#include "udp/udp-socket.h"

#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>

#include "napi-util.h"
#include "ring/datagram-outbox.h"
#include "ring/forwarding.h"
#include "udp/first-filter.h"
#include "udp/steering.h"
#include "udp/udp-open.h"

namespace cygnet {

namespace {

constexpr uint32_t kMaxShards = 1024;

/** Reads { shards, word0, word1, natT, plainFrom500 }; false with a TypeError pending when it is none. */
bool ReadSteering(Napi::Env env, Napi::Value value, Steering* out) {
  if (!value.IsObject()) {
    ThrowType(env, "steering must be an object");
    return false;
  }
  Napi::Object object = value.As<Napi::Object>();
  int64_t shards, word0, word1;
  if (!ReadInteger(object, "shards", 1, kMaxShards, 1, &shards) ||
      !ReadInteger(object, "word0", 0, UINT32_MAX, 0, &word0) ||
      !ReadInteger(object, "word1", 0, UINT32_MAX, 0, &word1) || !ReadFlag(object, "natT", false, &out->nat_t) ||
      !ReadFlag(object, "plainFrom500", false, &out->plain_from_500)) {
    return false;
  }
  out->shards = static_cast<uint32_t>(shards);
  out->word0 = static_cast<uint32_t>(word0);
  out->word1 = static_cast<uint32_t>(word1);
  return true;
}

}  // namespace

Napi::Function UdpSocket::Define(Napi::Env env) {
  return DefineClass(env, "UdpSocket",
                     {
                         InstanceAccessor<&UdpSocket::Port>("port"),
                         InstanceAccessor<&UdpSocket::Fd>("fd"),
                         InstanceAccessor<&UdpSocket::Control>("control"),
                         InstanceAccessor<&UdpSocket::ReceiveSlab>("receiveSlab"),
                         InstanceAccessor<&UdpSocket::SendSlab>("sendSlab"),
                         InstanceMethod<&UdpSocket::Start>("start"),
                         InstanceMethod<&UdpSocket::Resume>("resume"),
                         InstanceMethod<&UdpSocket::Flush>("flush"),
                         InstanceMethod<&UdpSocket::Status>("status"),
                         InstanceMethod<&UdpSocket::Close>("close"),
                         InstanceMethod<&UdpSocket::DeliverFirst>("deliverFirst"),
                         InstanceMethod<&UdpSocket::AllowSharing>("allowSharing"),
                         InstanceMethod<&UdpSocket::AttachSteering>("attachSteering"),
                         InstanceMethod<&UdpSocket::Forward>("forward"),
                     });
}

UdpSocket::UdpSocket(const Napi::CallbackInfo& info) : Napi::ObjectWrap<UdpSocket>(info) {
  Napi::Env env = info.Env();
  UdpOptions options;
  if (!UdpOptions::Read(env, info[0], &options)) return;
  const OpenResult opened = OpenUdp(options);
  if (opened.fd < 0) {
    ThrowSystem(env, opened.syscall, opened.error);
    return;
  }
  io_ = UdpIo::Create(env, options, opened.fd);
  if (io_ != nullptr) port_ = BoundPort(opened.fd);
}

UdpSocket::~UdpSocket() {
  if (io_ != nullptr) io_->Detach();
}

Napi::Value UdpSocket::Port(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), port_); }

Napi::Value UdpSocket::Fd(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), io_->closed() ? -1 : io_->fd());
}

Napi::Value UdpSocket::Control(const Napi::CallbackInfo& info) {
  return Slab::ToArrayBuffer(info.Env(), io_->control());
}

Napi::Value UdpSocket::ReceiveSlab(const Napi::CallbackInfo& info) {
  return Slab::ToArrayBuffer(info.Env(), io_->receive_slab());
}

Napi::Value UdpSocket::SendSlab(const Napi::CallbackInfo& info) {
  return Slab::ToArrayBuffer(info.Env(), io_->send_slab());
}

void UdpSocket::Start(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) return ThrowType(info.Env(), "start needs a function");
  if (io_->closed()) return ThrowSystem(info.Env(), "start", EBADF);
  if (io_->started()) return ThrowSystem(info.Env(), "start", EALREADY);
  if (io_->receive_slab()->size() == 0) return ThrowSystem(info.Env(), "start", EINVAL);
  io_->Start(info[0].As<Napi::Function>());
  Hold();
}

void UdpSocket::Resume(const Napi::CallbackInfo&) { io_->Resume(); }

Napi::Value UdpSocket::Flush(const Napi::CallbackInfo& info) {
  io_->Flush();
  return Napi::Number::New(info.Env(), io_->send_queue().queued());
}

void UdpSocket::Close(const Napi::CallbackInfo&) {
  io_->Close();
  Release();
}

void UdpSocket::DeliverFirst(const Napi::CallbackInfo& info) {
  const double share = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
  if (!(share >= 0 && share <= 1)) return ThrowType(info.Env(), "deliverFirst needs a share");
  const int error = io_->closed() ? EBADF : cygnet::DeliverFirst(io_->fd(), share);
  if (error != 0) return ThrowSystem(info.Env(), "setsockopt", error);
  uint32_t drops = drops_before_;
  DropsOf(io_->fd(), &drops);
  if (thins_) thinned_ += drops - drops_before_;
  drops_before_ = drops;
  thins_ = share < 1;
}

void UdpSocket::AllowSharing(const Napi::CallbackInfo& info) {
  const int error = io_->closed() ? EBADF : cygnet::AllowSharing(io_->fd());
  if (error != 0) ThrowSystem(info.Env(), "setsockopt", error);
}

void UdpSocket::AttachSteering(const Napi::CallbackInfo& info) {
  Steering steering;
  if (!ReadSteering(info.Env(), info[0], &steering)) return;
  const int error = io_->closed() ? EBADF : cygnet::AttachSteering(io_->fd(), steering);
  if (error != 0) ThrowSystem(info.Env(), "setsockopt", error);
}

void UdpSocket::Forward(const Napi::CallbackInfo& info) {
  Steering steering;
  if (!ReadSteering(info.Env(), info[0], &steering)) return;
  const double shard = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : -1;
  const std::shared_ptr<Outbox> outbox = DatagramOutbox::Of(info[2]);
  if (!outbox) return;
  if (io_->closed()) return ThrowSystem(info.Env(), "forward", EBADF);
  if (!(shard >= 0 && shard < steering.shards) || outbox->shards() != steering.shards) {
    return ThrowType(info.Env(), "forward needs a shard and an outbox to all of them");
  }
  io_->receiver().Forward(std::make_unique<Forwarding>(steering, static_cast<uint32_t>(shard), outbox));
}

Napi::Value UdpSocket::ShardOfDatagram(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Steering steering;
  if (!ReadSteering(env, info[0], &steering)) return env.Undefined();
  if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    ThrowType(env, "shardOfDatagram needs a Uint8Array");
    return env.Undefined();
  }
  const auto data = info[1].As<Napi::Uint8Array>();
  return Napi::Number::New(env, steering.ShardOf(data.Data(), data.ByteLength()));
}

void UdpSocket::Hold() {
  if (!held_) Ref();
  held_ = true;
}

void UdpSocket::Release() {
  if (held_) Unref();
  held_ = false;
}

Napi::Value UdpSocket::Status(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const Receiver& receiver = io_->receiver();
  uint32_t drops = receiver.kernel_drops;
  uint32_t queued = 0;
  int buffer = 0;
  if (!io_->closed()) {
    socklen_t size = sizeof buffer;
    if (getsockopt(io_->fd(), SOL_SOCKET, SO_RCVBUF, &buffer, &size) != 0) buffer = 0;
    DropsOf(io_->fd(), &drops);
    uint32_t memory[SK_MEMINFO_VARS] = {};
    size = sizeof memory;
    if (getsockopt(io_->fd(), SOL_SOCKET, SO_MEMINFO, memory, &size) == 0) {
      // UDP gives memory back late, so an empty queue may still show some as allocated.
      pollfd readable{io_->fd(), POLLIN, 0};
      if (poll(&readable, 1, 0) > 0 && (readable.revents & POLLIN)) queued = memory[SK_MEMINFO_RMEM_ALLOC];
    }
  }
  const uint32_t thinned = thinned_ + (thins_ ? drops - drops_before_ : 0);
  Napi::Object status = Napi::Object::New(env);
  const auto set = [&](const char* name, double value) { status.Set(name, Napi::Number::New(env, value)); };
  set("received", static_cast<double>(receiver.received));
  set("sent", static_cast<double>(io_->send_queue().sent));
  set("dropped", drops - thinned);
  set("oversized", static_cast<double>(receiver.pool().oversized));
  set("receiveErrors", static_cast<double>(receiver.errors + receiver.pool().errors));
  set("sendErrors", static_cast<double>(io_->send_queue().errors));
  set("shed", static_cast<double>(receiver.shed() + thinned));
  const Forwarding* forwarding = receiver.forwarding();
  set("forwarded", forwarding ? static_cast<double>(forwarding->forwarded) : 0);
  set("forwardDrops", forwarding ? static_cast<double>(forwarding->dropped) : 0);
  set("queuedBytes", queued);
  set("bufferBytes", buffer);
  return status;
}

}  // namespace cygnet
