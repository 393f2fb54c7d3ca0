#include "netlink/netlink-socket.h"

#include <cerrno>
#include <climits>

#include "napi-util.h"

namespace cygnet {

namespace {

/** An argument that is an unsigned number of 32 bits; false for all else. */
bool ReadU32(const Napi::Value& value, uint32_t* out) {
  if (!value.IsNumber()) return false;
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= 0 && number <= UINT32_MAX)) return false;
  *out = static_cast<uint32_t>(number);
  return true;
}

}  // namespace

Napi::Function NetlinkSocket::Define(Napi::Env env) {
  return DefineClass(env, "NetlinkSocket",
                     {
                         InstanceAccessor<&NetlinkSocket::Requests>("requests"),
                         InstanceAccessor<&NetlinkSocket::Answers>("answers"),
                         InstanceAccessor<&NetlinkSocket::PortId>("portId"),
                         InstanceAccessor<&NetlinkSocket::Outstanding>("outstanding"),
                         InstanceMethod<&NetlinkSocket::Send>("send"),
                         InstanceMethod<&NetlinkSocket::Receive>("receive"),
                         InstanceMethod<&NetlinkSocket::Start>("start"),
                         InstanceMethod<&NetlinkSocket::Close>("close"),
                     });
}

NetlinkSocket::NetlinkSocket(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NetlinkSocket>(info) {
  Napi::Env env = info.Env();
  NetlinkOptions options;
  if (!NetlinkOptions::Read(env, info[0], &options)) return;
  const OpenResult opened = OpenNetlink(options);
  if (opened.fd < 0) {
    ThrowSystem(env, opened.syscall, opened.error);
    return;
  }
  io_ = NetlinkIo::Create(env, options, opened.fd);
  if (io_ != nullptr) port_id_ = NetlinkPortId(opened.fd);
}

NetlinkSocket::~NetlinkSocket() {
  if (io_ != nullptr) io_->Detach();
}

Napi::Value NetlinkSocket::Requests(const Napi::CallbackInfo& info) {
  return Slab::ToArrayBuffer(info.Env(), io_->request_slab());
}

Napi::Value NetlinkSocket::Answers(const Napi::CallbackInfo& info) {
  return Slab::ToArrayBuffer(info.Env(), io_->receive_slab());
}

Napi::Value NetlinkSocket::PortId(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), port_id_); }

Napi::Value NetlinkSocket::Outstanding(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), io_->outstanding());
}

void NetlinkSocket::Send(const Napi::CallbackInfo& info) {
  uint32_t bytes, first, count;
  if (!ReadU32(info[0], &bytes) || !ReadU32(info[1], &first) || !ReadU32(info[2], &count)) {
    return ThrowType(info.Env(), "send needs octets, a sequence number and a count");
  }
  const int error = io_->Send(bytes, first, count);
  if (error != 0) ThrowSystem(info.Env(), "sendto", error);
}

Napi::Value NetlinkSocket::Receive(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  uint32_t timeout, octets;
  if (!ReadU32(info[0], &timeout) || timeout > INT_MAX) {
    ThrowType(env, "receive needs a time in milliseconds");
    return env.Undefined();
  }
  const int error = io_->Receive(static_cast<int>(timeout), &octets);
  if (error != 0) {
    ThrowSystem(env, "recvmsg", error);
    return env.Undefined();
  }
  return Napi::Number::New(env, octets);
}

void NetlinkSocket::Start(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) return ThrowType(info.Env(), "start needs a function");
  if (io_->closed()) return ThrowSystem(info.Env(), "start", EBADF);
  if (io_->started()) return ThrowSystem(info.Env(), "start", EALREADY);
  io_->Start(info[0].As<Napi::Function>());
  held_ = true;
  Ref();
}

void NetlinkSocket::Close(const Napi::CallbackInfo&) {
  io_->Close();
  if (held_) Unref();
  held_ = false;
}

}  // namespace cygnet
