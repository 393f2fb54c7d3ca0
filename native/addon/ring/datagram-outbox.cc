#include "ring/datagram-outbox.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "napi-util.h"

namespace cygnet {

namespace {

const napi_type_tag kTag = {0x6379676e65746f75, 0x74626f7800000001};

bool IsInt32Array(Napi::Value value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_int32_array;
}

bool IsUint8Array(Napi::Value value) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
}

}  // namespace

Napi::Function DatagramOutbox::Define(Napi::Env env) {
  return DefineClass(env, "DatagramOutbox",
                     {
                         InstanceMethod<&DatagramOutbox::Push>("push"),
                         InstanceMethod<&DatagramOutbox::Flush>("flush"),
                         InstanceMethod<&DatagramOutbox::Forwarded>("forwarded"),
                         InstanceMethod<&DatagramOutbox::Dropped>("dropped"),
                         InstanceMethod<&DatagramOutbox::Close>("close"),
                     });
}

std::shared_ptr<Outbox> DatagramOutbox::Of(Napi::Value value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) {
    ThrowType(value.Env(), "not a DatagramOutbox");
    return nullptr;
  }
  const std::shared_ptr<Outbox>& outbox = Unwrap(value.As<Napi::Object>())->outbox_;
  if (!outbox) ThrowSystem(value.Env(), "forward", EBADF);
  return outbox;
}

DatagramOutbox::DatagramOutbox(const Napi::CallbackInfo& info) : Napi::ObjectWrap<DatagramOutbox>(info) {
  Napi::Env env = info.Env();
  if (!IsInt32Array(info[0]) || !IsInt32Array(info[1]) || !info[2].IsNumber()) {
    ThrowType(env, "DatagramOutbox needs two Int32Arrays and a lane");
    return;
  }
  const auto memory_fds = info[0].As<Napi::Int32Array>();
  const auto wake_fds = info[1].As<Napi::Int32Array>();
  const uint32_t lane = info[2].As<Napi::Number>().Uint32Value();
  const size_t count = memory_fds.ElementLength();
  if (count == 0 || wake_fds.ElementLength() != count) {
    ThrowType(env, "as many memories as wake-ups are needed");
    return;
  }

  std::vector<Outbox::Target> targets;
  int error = 0;
  for (size_t i = 0; i < count && error == 0; i++) {
    auto memory = InboxMemory::Map(memory_fds[i]);
    const int wake_fd = memory ? fcntl(wake_fds[i], F_DUPFD_CLOEXEC, 0) : -1;
    if (wake_fd < 0) {
      error = errno;
    } else if (lane >= memory->lanes()) {
      error = EINVAL;
      close(wake_fd);
    } else {
      targets.push_back({std::move(memory), wake_fd});
    }
  }
  if (error != 0) {
    for (const Outbox::Target& target : targets) close(target.wake_fd);
    ThrowSystem(env, "mmap", error);
    return;
  }
  outbox_ = std::make_shared<Outbox>(std::move(targets), lane);
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

bool DatagramOutbox::Shard(const Napi::CallbackInfo& info, uint32_t* out) const {
  if (!outbox_) {
    ThrowSystem(info.Env(), "push", EBADF);
    return false;
  }
  *out = info[0].IsNumber() ? info[0].As<Napi::Number>().Uint32Value() : outbox_->shards();
  if (*out < outbox_->shards()) return true;
  ThrowType(info.Env(), "no such shard");
  return false;
}

Napi::Value DatagramOutbox::Push(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  uint32_t shard;
  if (!Shard(info, &shard)) return env.Undefined();
  if (!IsUint8Array(info[1]) || !IsUint8Array(info[2]) || info[1].As<Napi::Uint8Array>().ByteLength() != kHeaderBytes) {
    ThrowType(env, "push needs a header and a payload");
    return env.Undefined();
  }
  const auto payload = info[2].As<Napi::Uint8Array>();
  if (payload.ByteLength() > kMaxDatagram) {
    ThrowType(env, "the payload is longer than a datagram");
    return env.Undefined();
  }
  PacketHeader header;
  memcpy(&header, info[1].As<Napi::Uint8Array>().Data(), sizeof header);
  header.length = static_cast<uint32_t>(payload.ByteLength());
  return Napi::Boolean::New(env, outbox_->Push(shard, header, payload.Data()));
}

void DatagramOutbox::Flush(const Napi::CallbackInfo&) {
  if (outbox_) outbox_->Flush();
}

void DatagramOutbox::Close(const Napi::CallbackInfo&) {
  if (outbox_) outbox_->Flush();
  outbox_.reset();
}

Napi::Value DatagramOutbox::Forwarded(const Napi::CallbackInfo& info) {
  uint32_t shard;
  if (!Shard(info, &shard)) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), static_cast<double>(outbox_->forwarded(shard)));
}

Napi::Value DatagramOutbox::Dropped(const Napi::CallbackInfo& info) {
  uint32_t shard;
  if (!Shard(info, &shard)) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), static_cast<double>(outbox_->dropped(shard)));
}

}  // namespace cygnet
