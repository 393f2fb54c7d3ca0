#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace cygnet::crypto {

struct CryptoEnv;

/** A view on the caller's octets, valid until the native call returns. */
struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
};

/** Throws the JavaScript error and leaves it pending; the native function then returns nullptr. Codes are listed in docs/errors.md. */
void ThrowType(napi_env env, const char* argument);
void ThrowLength(napi_env env, const char* argument, size_t actual, size_t expected);
void ThrowRange(napi_env env, const char* message);
void ThrowFailed(napi_env env, const char* operation);

/**
 * The arguments of one call from JavaScript. Raw N-API: node-addon-api costs about 50 ns more for three arrays, which is half of an HMAC.
 * Each reader returns false with an exception pending. Arguments that were left out read as `undefined` and so are refused.
 */
template <size_t N>
class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env(env) {
    size_t count = N;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments_, nullptr, &data);
    self_ = static_cast<CryptoEnv*>(data);
  }

  CryptoEnv& self() const { return *self_; }

  /** A Uint8Array (or Buffer) of any length. */
  bool Octets(size_t index, const char* name, Bytes& out) const {
    napi_typedarray_type type;
    void* data;
    if (napi_get_typedarray_info(env, arguments_[index], &type, &out.size, &data, nullptr, nullptr) != napi_ok ||
        type != napi_uint8_array) {
      ThrowType(env, name);
      return false;
    }
    // An empty view may have no address; the algorithms do not care which one it is.
    static uint8_t nothing;
    out.data = out.size == 0 ? &nothing : static_cast<uint8_t*>(data);
    return true;
  }

  /** A Uint8Array of exactly `size` octets. */
  bool Octets(size_t index, const char* name, size_t size, Bytes& out) const {
    if (!Octets(index, name, out)) return false;
    if (out.size == size) return true;
    ThrowLength(env, name, out.size, size);
    return false;
  }

  /** A number of an algorithm, below `limit`. */
  bool Id(size_t index, size_t limit, uint32_t& out) const {
    if (napi_get_value_uint32(env, arguments_[index], &out) != napi_ok) {
      ThrowType(env, "algorithm");
      return false;
    }
    if (out < limit) return true;
    ThrowRange(env, "no such algorithm");
    return false;
  }

  bool Offset(size_t index, const char* name, size_t& out) const {
    int64_t value;
    if (napi_get_value_int64(env, arguments_[index], &value) != napi_ok) {
      ThrowType(env, name);
      return false;
    }
    if (value < 0) {
      ThrowRange(env, "negative offset");
      return false;
    }
    out = static_cast<size_t>(value);
    return true;
  }

  /** A short ASCII name; what does not fit is cut, so it matches nothing. */
  template <size_t M>
  bool Name(size_t index, char (&out)[M]) const {
    size_t length;
    if (napi_get_value_string_utf8(env, arguments_[index], out, M, &length) == napi_ok) return true;
    ThrowType(env, "name");
    return false;
  }

  napi_value Boolean(bool value) const {
    napi_value result = nullptr;
    napi_get_boolean(env, value, &result);
    return result;
  }

  const napi_env env;

 private:
  napi_value arguments_[N];
  CryptoEnv* self_;
};

/** `{ id, keyBytes, ... }` of what an algorithm's name stands for. */
class Spec {
 public:
  explicit Spec(napi_env env) : env_(env) { napi_create_object(env, &object_); }
  Spec& Set(const char* key, size_t value) {
    napi_value number;
    napi_create_uint32(env_, static_cast<uint32_t>(value), &number);
    napi_set_named_property(env_, object_, key, number);
    return *this;
  }
  napi_value value() const { return object_; }

 private:
  napi_env env_;
  napi_value object_ = nullptr;
};

struct FunctionEntry {
  const char* name;
  napi_callback callback;
};

/** Adds functions to the module, each with the environment's state as its data. */
void Export(napi_env env, napi_value exports, CryptoEnv* self, const FunctionEntry* entries, size_t count);

}  // namespace cygnet::crypto
