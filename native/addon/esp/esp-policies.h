#pragma once

#include <napi.h>

#include "esp/policy-table.h"

namespace cygnet::esp {

/**
 * The JavaScript class `EspPolicies`: the policies of one direction on their own, to be looked at without a data path.
 *
 *     .add(policy) .remove(policy)   remove: whether it was there
 *     .find(packet)                  { action, reqid, spi } of the policy that an IP packet falls under, or undefined
 *     .size
 */
class EspPolicies : public Napi::ObjectWrap<EspPolicies> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit EspPolicies(const Napi::CallbackInfo& info);

 private:
  void Add(const Napi::CallbackInfo& info);
  Napi::Value Remove(const Napi::CallbackInfo& info);
  Napi::Value Find(const Napi::CallbackInfo& info);
  Napi::Value Size(const Napi::CallbackInfo& info);

  PolicyTable table_;
};

}  // namespace cygnet::esp
