#pragma once

#include <napi.h>

#include <memory>

#include "esp/shared-path.h"

namespace cygnet::esp {

/**
 * The JavaScript class `EspEngine`; src/esp/esp-engine.ts wraps it and documents the contract.
 *
 *     new EspEngine({ name, device, mtu }, listener)
 *     .device .mtu
 *     .joinPort(fd, family, { shards, word0, word1 })
 *     .addSa(sa, softMs, hardMs) .removeSa(sa) .moveSa(sa, { source, destination })
 *     .addPolicy(policy) .removePolicy(policy)
 *     .counters() .close()
 */
class EspEngine : public Napi::ObjectWrap<EspEngine>, private SharedPath::Listener {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit EspEngine(const Napi::CallbackInfo& info);
  ~EspEngine() override;

 private:
  Napi::Value Device(const Napi::CallbackInfo& info);
  Napi::Value Mtu(const Napi::CallbackInfo& info);
  void JoinPort(const Napi::CallbackInfo& info);
  void OpenRaw(const Napi::CallbackInfo& info);
  void AddSa(const Napi::CallbackInfo& info);
  void RemoveSa(const Napi::CallbackInfo& info);
  void MoveSa(const Napi::CallbackInfo& info);
  void AddPolicy(const Napi::CallbackInfo& info);
  void RemovePolicy(const Napi::CallbackInfo& info);
  Napi::Value Counters(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  /** An exception is pending where that fails. */
  void Join(const Napi::CallbackInfo& info);
  void Hear(const Event& event) override;
  static void OnEvent(napi_env env, napi_value callback, void* context, void* data);
  static void OnCleanup(void* data);
  void Leave();
  /** False with an exception pending once closed. */
  bool IsOpen(Napi::Env env);
  void ChangePolicyOf(const Napi::CallbackInfo& info, bool add);

  const napi_env env_;
  std::shared_ptr<SharedPath> shared_;
  napi_threadsafe_function function_ = nullptr;
  uint32_t owner_ = 0;
};

}  // namespace cygnet::esp
