#pragma once

#include <napi.h>

// Each part of the addon adds its functions to the module's exports. Called once per environment (main thread and every
// worker).
namespace cygnet {

void InitUdp(Napi::Env env, Napi::Object exports);
void InitCrypto(Napi::Env env, Napi::Object exports);
void InitRing(Napi::Env env, Napi::Object exports);
void InitSystem(Napi::Env env, Napi::Object exports);
void InitNetlink(Napi::Env env, Napi::Object exports);
void InitEsp(Napi::Env env, Napi::Object exports);

}  // namespace cygnet
