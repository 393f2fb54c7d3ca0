#include "module.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  cygnet::InitUdp(env, exports);
  cygnet::InitRing(env, exports);
  cygnet::InitCrypto(env, exports);
  cygnet::InitSystem(env, exports);
  cygnet::InitNetlink(env, exports);
  cygnet::InitEsp(env, exports);
  return exports;
}

NODE_API_MODULE(cygnet, Init)
