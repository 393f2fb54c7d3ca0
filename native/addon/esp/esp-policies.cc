#include "esp/esp-policies.h"

#include <vector>

#include "esp/esp-options.h"

namespace cygnet::esp {

Napi::Function EspPolicies::Define(Napi::Env env) {
  return DefineClass(env, "EspPolicies",
                     {
                         InstanceMethod<&EspPolicies::Add>("add"),
                         InstanceMethod<&EspPolicies::Remove>("remove"),
                         InstanceMethod<&EspPolicies::Find>("find"),
                         InstanceAccessor<&EspPolicies::Size>("size"),
                     });
}

EspPolicies::EspPolicies(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EspPolicies>(info) {}

void EspPolicies::Add(const Napi::CallbackInfo& info) {
  PolicyOptions policy;
  if (ReadPolicy(info[0], &policy)) table_.Add(policy.selector, policy.action, policy.rank, policy.user);
}

Napi::Value EspPolicies::Remove(const Napi::CallbackInfo& info) {
  PolicyOptions policy;
  if (!ReadPolicy(info[0], &policy)) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), table_.Remove(policy.selector, policy.action, policy.rank, policy.user));
}

Napi::Value EspPolicies::Find(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint8_t* data;
  size_t size;
  if (!ReadOctets(info[0], "packet", &data, &size)) return env.Undefined();
  const std::vector<uint8_t> packet(data, data + size);
  Flow flow;
  if (ReadFlow(packet.data(), size, &flow) == 0) return env.Undefined();
  const Policy* const policy = table_.Find(flow);
  if (policy == nullptr) return env.Undefined();
  Napi::Object found = Napi::Object::New(env);
  found.Set("action", Napi::Number::New(env, static_cast<double>(policy->action)));
  found.Set("reqid", Napi::Number::New(env, policy->users.back().reqid));
  found.Set("spi", Napi::Number::New(env, policy->users.back().spi));
  return found;
}

Napi::Value EspPolicies::Size(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(table_.size()));
}

}  // namespace cygnet::esp
