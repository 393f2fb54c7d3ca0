#include "esp/esp-engine.h"

#include <cerrno>
#include <string>
#include <utility>

#include "esp/esp-options.h"
#include "esp/esp-sa.h"
#include "napi-util.h"

namespace cygnet::esp {

namespace {

constexpr int64_t kMinMtu = 68, kMaxMtu = 65535;
constexpr double kMaxDelayMs = 1e15;
constexpr int64_t kMaxShards = 1024;

uint64_t ReadDelay(Napi::Value value) {
  const double delay = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  return delay > 0 && delay < kMaxDelayMs ? static_cast<uint64_t>(delay) : 0;
}

const char* KindName(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kSoftExpiry:
      return "soft-expiry";
    case Event::Kind::kHardExpiry:
      return "hard-expiry";
    case Event::Kind::kAcquire:
      return "acquire";
    default:
      return "mapping";
  }
}

Napi::Object WriteEvent(Napi::Env env, const Event& event) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", Napi::String::New(env, KindName(event.kind)));
  object.Set("reqid", Napi::Number::New(env, event.reqid));
  if (event.kind == Event::Kind::kAcquire) {
    const Flow& flow = event.flow;
    object.Set("protocol", Napi::Number::New(env, flow.protocol));
    object.Set("source", WriteEndpoint(env, {flow.family, flow.source_port, {}}));
    object.Get("source").As<Napi::Object>().Set("address", WriteAddress(env, flow.family, flow.source));
    object.Set("destination", WriteEndpoint(env, {flow.family, flow.destination_port, {}}));
    object.Get("destination").As<Napi::Object>().Set("address", WriteAddress(env, flow.family, flow.destination));
    return object;
  }
  object.Set("spi", Napi::Number::New(env, event.spi));
  object.Set("destination", WriteEndpoint(env, event.destination));
  if (event.kind == Event::Kind::kMapping) object.Set("peer", WriteEndpoint(env, event.peer));
  return object;
}

}  // namespace

Napi::Function EspEngine::Define(Napi::Env env) {
  return DefineClass(env, "EspEngine",
                     {
                         InstanceAccessor<&EspEngine::Device>("device"),
                         InstanceAccessor<&EspEngine::Mtu>("mtu"),
                         InstanceMethod<&EspEngine::JoinPort>("joinPort"),
                         InstanceMethod<&EspEngine::OpenRaw>("openRaw"),
                         InstanceMethod<&EspEngine::AddSa>("addSa"),
                         InstanceMethod<&EspEngine::RemoveSa>("removeSa"),
                         InstanceMethod<&EspEngine::MoveSa>("moveSa"),
                         InstanceMethod<&EspEngine::AddPolicy>("addPolicy"),
                         InstanceMethod<&EspEngine::RemovePolicy>("removePolicy"),
                         InstanceMethod<&EspEngine::Counters>("counters"),
                         InstanceMethod<&EspEngine::Close>("close"),
                     });
}

EspEngine::EspEngine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EspEngine>(info), env_(info.Env()) { Join(info); }

void EspEngine::Join(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject() || !info[1].IsFunction()) return ThrowType(env, "options and a listener are needed");
  const Napi::Object options = info[0].As<Napi::Object>();
  int64_t mtu;
  if (!ReadInteger(options, "mtu", kMinMtu, kMaxMtu, 1400, &mtu)) return;
  const Napi::Value name = options.Get("name");
  const Napi::Value device = options.Get("device");
  if (!name.IsString() || !device.IsString()) return ThrowType(env, "name and device must be strings");
  const char* syscall = "";
  int error = 0;
  shared_ = SharedPath::Get(name.As<Napi::String>().Utf8Value(), device.As<Napi::String>().Utf8Value(),
                            static_cast<uint32_t>(mtu), &syscall, &error);
  if (!shared_) return ThrowSystem(env, syscall, error);
  if (napi_create_threadsafe_function(env, info[1], nullptr, Napi::String::New(env, "CYGNET_ESP"), 0, 1, nullptr, nullptr,
                                      nullptr, OnEvent, &function_) != napi_ok) {
    shared_.reset();
    return ThrowSystem(env, "calloc", ENOMEM);
  }
  napi_unref_threadsafe_function(env, function_);
  // Behind the function's own hook, hence before it: nobody calls a function that is gone.
  napi_add_env_cleanup_hook(env, OnCleanup, this);
  owner_ = shared_->Join(this);
}

EspEngine::~EspEngine() { Leave(); }

void EspEngine::OnCleanup(void* data) { static_cast<EspEngine*>(data)->Leave(); }

void EspEngine::Leave() {
  if (!shared_) return;
  shared_->Leave(owner_);
  shared_.reset();
  napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
}

bool EspEngine::IsOpen(Napi::Env env) {
  if (shared_) return true;
  ThrowSystem(env, "write", EBADF);
  return false;
}

void EspEngine::Hear(const Event& event) {
  auto copy = std::make_unique<Event>(event);
  if (napi_call_threadsafe_function(function_, copy.get(), napi_tsfn_nonblocking) == napi_ok) copy.release();
}

void EspEngine::OnEvent(napi_env env, napi_value callback, void*, void* data) {
  const std::unique_ptr<Event> event(static_cast<Event*>(data));
  // What waits when the environment ends is only let go.
  if (env == nullptr || callback == nullptr) return;
  const napi_value argument = WriteEvent(env, *event);
  napi_value global, result;
  napi_get_global(env, &global);
  napi_call_function(env, global, callback, 1, &argument, &result);
}

Napi::Value EspEngine::Device(const Napi::CallbackInfo& info) {
  if (!IsOpen(info.Env())) return info.Env().Undefined();
  return Napi::String::New(info.Env(), shared_->path().tun().name());
}

Napi::Value EspEngine::Mtu(const Napi::CallbackInfo& info) {
  if (!IsOpen(info.Env())) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), shared_->path().tun().mtu());
}

void EspEngine::JoinPort(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!IsOpen(env)) return;
  if (!info[0].IsNumber() || !info[1].IsNumber() || !info[2].IsObject()) {
    return ThrowType(env, "joinPort needs a descriptor, a family and the key of its group");
  }
  const int32_t family = info[1].As<Napi::Number>().Int32Value();
  if (family != 4 && family != 6) return ThrowType(env, "the family is 4 or 6");
  int64_t shards, word0, word1;
  const Napi::Object key = info[2].As<Napi::Object>();
  if (!ReadInteger(key, "shards", 1, kMaxShards, 1, &shards) || !ReadInteger(key, "word0", 0, UINT32_MAX, 0, &word0) ||
      !ReadInteger(key, "word1", 0, UINT32_MAX, 0, &word1)) {
    return;
  }
  Steering steering;
  steering.shards = static_cast<uint32_t>(shards);
  steering.word0 = static_cast<uint32_t>(word0);
  steering.word1 = static_cast<uint32_t>(word1);
  const char* syscall = "";
  const int error =
      shared_->JoinPort(info[0].As<Napi::Number>().Int32Value(), static_cast<uint8_t>(family), steering, &syscall);
  if (error != 0) ThrowSystem(env, syscall, error);
}

void EspEngine::OpenRaw(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!IsOpen(env)) return;
  if (!info[0].IsNumber() || !info[1].IsNumber()) return ThrowType(env, "openRaw needs a descriptor and a family");
  const int32_t family = info[1].As<Napi::Number>().Int32Value();
  if (family != 4 && family != 6) return ThrowType(env, "the family is 4 or 6");
  const char* syscall = "";
  const int error = shared_->OpenRaw(info[0].As<Napi::Number>().Int32Value(), static_cast<uint8_t>(family), &syscall);
  if (error != 0) ThrowSystem(env, syscall, error);
}

void EspEngine::AddSa(const Napi::CallbackInfo& info) {
  if (!IsOpen(info.Env())) return;
  if (auto sa = EspSa::Take(info[0])) {
    shared_->path().Post(esp::AddSa{std::move(sa), owner_, ReadDelay(info[1]), ReadDelay(info[2])});
  }
}

void EspEngine::RemoveSa(const Napi::CallbackInfo& info) {
  if (!IsOpen(info.Env())) return;
  if (auto sa = EspSa::Of(info[0])) shared_->path().Post(esp::RemoveSa{std::move(sa)});
}

void EspEngine::MoveSa(const Napi::CallbackInfo& info) {
  if (!IsOpen(info.Env())) return;
  if (!info[1].IsObject()) return ThrowType(info.Env(), "moveSa needs source and destination");
  esp::MoveSa command;
  const Napi::Object ends = info[1].As<Napi::Object>();
  if (!ReadEndpoint(ends, "source", &command.source) || !ReadEndpoint(ends, "destination", &command.destination) ||
      !ReadFlag(ends, "inUdp", true, &command.in_udp)) {
    return;
  }
  command.sa = EspSa::Of(info[0]);
  if (command.sa) shared_->path().Post(std::move(command));
}

void EspEngine::ChangePolicyOf(const Napi::CallbackInfo& info, bool add) {
  PolicyOptions policy;
  if (!IsOpen(info.Env()) || !ReadPolicy(info[0], &policy)) return;
  policy.user.owner = owner_;
  shared_->path().Post(ChangePolicy{add, policy.direction, policy.selector, policy.action, policy.rank, policy.user});
}

void EspEngine::AddPolicy(const Napi::CallbackInfo& info) { ChangePolicyOf(info, true); }

void EspEngine::RemovePolicy(const Napi::CallbackInfo& info) { ChangePolicyOf(info, false); }

Napi::Value EspEngine::Counters(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!IsOpen(env)) return env.Undefined();
  constexpr std::pair<const char*, Counter> kNames[] = {
      {"received", kReceived},   {"delivered", kDelivered},         {"sent", kSent},       {"unknownSpi", kUnknownSpi},
      {"notEsp", kNotEsp},       {"inboundPolicy", kInboundPolicy}, {"noPolicy", kNoPolicy}, {"blocked", kBlocked},
      {"noSa", kNoSa},           {"dropped", kDropped},             {"tunErrors", kTunErrors},
  };
  Napi::Object counters = Napi::Object::New(env);
  for (const auto& [name, which] : kNames) {
    counters.Set(name, Napi::Number::New(env, static_cast<double>(shared_->path().counter(which))));
  }
  return counters;
}

void EspEngine::Close(const Napi::CallbackInfo&) { Leave(); }

}  // namespace cygnet::esp
