#include "module.h"

#include "crypto-env.h"

namespace cygnet {

void InitCrypto(Napi::Env env, Napi::Object exports) {
  auto* self = new crypto::CryptoEnv();
  napi_add_env_cleanup_hook(env, [](void* data) { delete static_cast<crypto::CryptoEnv*>(data); }, self);
  crypto::ExportHash(env, exports, self);
  crypto::ExportHmac(env, exports, self);
  crypto::ExportCipher(env, exports, self);
  crypto::ExportCbcMac(env, exports, self);
  crypto::ExportAead(env, exports, self);
  crypto::ExportModp(env, exports, self);
  crypto::ExportEc(env, exports, self);
  crypto::ExportXdh(env, exports, self);
  crypto::ExportRandom(env, exports, self);
}

}  // namespace cygnet
