#include "esp/esp-engine.h"
#include "esp/esp-policies.h"
#include "esp/esp-sa.h"
#include "module.h"

namespace cygnet {

void InitEsp(Napi::Env env, Napi::Object exports) {
  exports.Set("EspSa", esp::EspSa::Define(env));
  exports.Set("EspPolicies", esp::EspPolicies::Define(env));
  exports.Set("EspEngine", esp::EspEngine::Define(env));
}

}  // namespace cygnet
