#pragma once

#include <napi.h>

#include <cstdint>

namespace cygnet {

/**
 * Throws an Error into JavaScript whose `code` is the errno's name (`EADDRINUSE`), with `errno` and `syscall` as Node
 * sets them.
 */
void ThrowSystem(Napi::Env env, const char* syscall, int error);

/** Throws a TypeError. Argument checks use it before anything is touched. */
void ThrowType(Napi::Env env, const char* message);

/**
 * Reads the integer property `name` of `object` within `min`..`max`; `fallback` where it is undefined.
 * Returns false with a TypeError pending when it is anything else.
 */
bool ReadInteger(Napi::Object object, const char* name, int64_t min, int64_t max, int64_t fallback, int64_t* out);

/**
 * Reads the boolean property `name`; `fallback` where it is undefined. False with a TypeError pending when it is
 * anything else.
 */
bool ReadFlag(Napi::Object object, const char* name, bool fallback, bool* out);

}  // namespace cygnet
