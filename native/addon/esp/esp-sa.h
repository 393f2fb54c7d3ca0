#pragma once

#include <napi.h>

#include <memory>

#include "esp/sa.h"

namespace cygnet::esp {

/**
 * The JavaScript class `EspSa`; src/esp/esp-binding.ts documents the contract.
 *
 *     new EspSa(options)
 *     .seal(packet) .open(packet)   one packet, on this thread; not once an engine has the SA
 *     .setSequence(bigint)          where to begin
 *     .use()                        what went through it
 */
class EspSa : public Napi::ObjectWrap<EspSa> {
 public:
  static Napi::Function Define(Napi::Env env);
  /** The SA behind a value, which is the caller's to run from now on; null with a TypeError pending when it is none, or taken. */
  static std::shared_ptr<Sa> Take(Napi::Value value);
  /** The SA behind a value that was taken; null with a TypeError pending when it is none. */
  static std::shared_ptr<Sa> Of(Napi::Value value);

  explicit EspSa(const Napi::CallbackInfo& info);

 private:
  static EspSa* Cast(Napi::Value value);

  Napi::Value Seal(const Napi::CallbackInfo& info);
  Napi::Value Open(const Napi::CallbackInfo& info);
  void SetSequence(const Napi::CallbackInfo& info);
  Napi::Value Use(const Napi::CallbackInfo& info);
  /** False with a TypeError pending when an engine has it, or it has the other direction. */
  bool Usable(Napi::Env env, bool inbound);

  std::shared_ptr<Sa> sa_;
  bool taken_ = false;
};

}  // namespace cygnet::esp
