#include "esp/esp-sa.h"

#include <cstring>
#include <vector>

#include "esp/esp-options.h"
#include "napi-util.h"

namespace cygnet::esp {

namespace {

constexpr napi_type_tag kTag = {0x2f2b5a0c8ee14d31, 0xb6a1f2d0c7e94a55};
constexpr size_t kMaxPacket = 65535;

}  // namespace

Napi::Function EspSa::Define(Napi::Env env) {
  return DefineClass(env, "EspSa",
                     {
                         InstanceMethod<&EspSa::Seal>("seal"),
                         InstanceMethod<&EspSa::Open>("open"),
                         InstanceMethod<&EspSa::SetSequence>("setSequence"),
                         InstanceMethod<&EspSa::Use>("use"),
                     });
}

EspSa::EspSa(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EspSa>(info), sa_(ReadSa(info[0])) {
  if (sa_) info.This().As<Napi::Object>().TypeTag(&kTag);
}

EspSa* EspSa::Cast(Napi::Value value) {
  if (value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&kTag)) return Unwrap(value.As<Napi::Object>());
  ThrowType(value.Env(), "an EspSa is needed");
  return nullptr;
}

std::shared_ptr<Sa> EspSa::Take(Napi::Value value) {
  EspSa* const object = Cast(value);
  if (object == nullptr) return nullptr;
  if (object->taken_) {
    ThrowType(value.Env(), "the SA was added already");
    return nullptr;
  }
  object->taken_ = true;
  return object->sa_;
}

std::shared_ptr<Sa> EspSa::Of(Napi::Value value) {
  EspSa* const object = Cast(value);
  return object == nullptr ? nullptr : object->sa_;
}

bool EspSa::Usable(Napi::Env env, bool inbound) {
  if (taken_) {
    ThrowType(env, "an engine has the SA");
  } else if (sa_->spec().inbound != inbound) {
    ThrowType(env, "the SA is of the other direction");
  } else {
    return true;
  }
  return false;
}

Napi::Value EspSa::Seal(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint8_t* data;
  size_t size;
  if (!Usable(env, false) || !ReadOctets(info[0], "packet", &data, &size)) return env.Undefined();
  if (size == 0 || size > kMaxPacket) {
    ThrowType(env, "a packet has 1 to 65535 octets");
    return env.Undefined();
  }
  std::vector<uint8_t> buffer(Sa::kHeadroom + size + Sa::kTailroom);
  memcpy(buffer.data() + Sa::kHeadroom, data, size);
  uint8_t* out;
  size_t out_size;
  if (sa_->Seal(buffer.data() + Sa::kHeadroom, size, &out, &out_size) != Verdict::kOk) return env.Undefined();
  Napi::Uint8Array packet = Napi::Uint8Array::New(env, out_size);
  memcpy(packet.Data(), out, out_size);
  return packet;
}

Napi::Value EspSa::Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint8_t* data;
  size_t size;
  if (!Usable(env, true) || !ReadOctets(info[0], "packet", &data, &size)) return env.Undefined();
  // Exactly as large as the packet, so that a sanitizer sees any access beyond it.
  std::vector<uint8_t> buffer(data, data + size);
  uint8_t* out;
  size_t out_size;
  Flow flow;
  if (sa_->Open(buffer.data(), size, &out, &out_size, &flow) != Verdict::kOk) return env.Undefined();
  Napi::Uint8Array packet = Napi::Uint8Array::New(env, out_size);
  memcpy(packet.Data(), out, out_size);
  return packet;
}

void EspSa::SetSequence(const Napi::CallbackInfo& info) {
  bool lossless = false;
  const uint64_t sequence = info[0].IsBigInt() ? info[0].As<Napi::BigInt>().Uint64Value(&lossless) : 0;
  if (!lossless) return ThrowType(info.Env(), "a sequence number is a bigint of 64 bits");
  if (taken_) return ThrowType(info.Env(), "an engine has the SA");
  sa_->SetSequence(sequence);
}

Napi::Value EspSa::Use(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object use = Napi::Object::New(env);
  const auto set = [&](const char* name, const std::atomic<uint64_t>& value) {
    use.Set(name, Napi::Number::New(env, static_cast<double>(value.load(std::memory_order_relaxed))));
  };
  set("bytes", sa_->bytes);
  set("packets", sa_->packets);
  set("lastUseMs", sa_->last_use_ms);
  constexpr std::pair<const char*, Verdict> kNames[] = {
      {"truncated", Verdict::kTruncated}, {"replayed", Verdict::kReplayed},   {"forged", Verdict::kForged},
      {"malformed", Verdict::kMalformed}, {"dummies", Verdict::kDummy},       {"exhausted", Verdict::kExhausted},
      {"failed", Verdict::kFailed},
  };
  for (const auto& [name, verdict] : kNames) set(name, sa_->drops[static_cast<size_t>(verdict)]);
  return use;
}

}  // namespace cygnet::esp
