#include "napi-util.h"

#include <uv.h>

#include <cmath>
#include <string>

namespace cygnet {

void ThrowSystem(Napi::Env env, const char* syscall, int error) {
  const int uv_error = -error;
  std::string message = std::string(syscall) + ": " + uv_strerror(uv_error);
  Napi::Error exception = Napi::Error::New(env, message);
  exception.Set("code", Napi::String::New(env, uv_err_name(uv_error)));
  exception.Set("errno", Napi::Number::New(env, uv_error));
  exception.Set("syscall", Napi::String::New(env, syscall));
  exception.ThrowAsJavaScriptException();
}

void ThrowType(Napi::Env env, const char* message) { Napi::TypeError::New(env, message).ThrowAsJavaScriptException(); }

bool ReadInteger(Napi::Object object, const char* name, int64_t min, int64_t max, int64_t fallback, int64_t* out) {
  Napi::Env env = object.Env();
  Napi::Value value = object.Get(name);
  if (env.IsExceptionPending()) return false;
  if (value.IsUndefined()) {
    *out = fallback;
    return true;
  }
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  // The negated form also refuses NaN.
  if (!(number >= static_cast<double>(min) && number <= static_cast<double>(max)) || std::trunc(number) != number) {
    std::string message =
        std::string(name) + " must be an integer from " + std::to_string(min) + " to " + std::to_string(max);
    ThrowType(env, message.c_str());
    return false;
  }
  *out = static_cast<int64_t>(number);
  return true;
}

bool ReadFlag(Napi::Object object, const char* name, bool fallback, bool* out) {
  Napi::Env env = object.Env();
  Napi::Value value = object.Get(name);
  if (env.IsExceptionPending()) return false;
  if (!value.IsUndefined() && !value.IsBoolean()) {
    std::string message = std::string(name) + " must be a boolean";
    ThrowType(env, message.c_str());
    return false;
  }
  *out = value.IsUndefined() ? fallback : value.As<Napi::Boolean>().Value();
  return true;
}

}  // namespace cygnet
