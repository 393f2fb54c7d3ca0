#include "udp/slab.h"

#include <cstdlib>

namespace cygnet {

std::shared_ptr<Slab> Slab::Allocate(size_t bytes) {
  // calloc, not new: large blocks come from mmap and cost nothing until a slot is used.
  auto* data = static_cast<uint8_t*>(calloc(bytes == 0 ? 1 : bytes, 1));
  if (data == nullptr) return nullptr;
  return std::shared_ptr<Slab>(new Slab(data, bytes));
}

Slab::~Slab() { free(data_); }

Napi::Value Slab::ToArrayBuffer(Napi::Env env, const std::shared_ptr<Slab>& slab) {
  if (slab->size() == 0) return Napi::ArrayBuffer::New(env, 0);
  auto* hold = new std::shared_ptr<Slab>(slab);
  napi_value value = nullptr;
  const auto release = [](napi_env, void*, void* hint) { delete static_cast<std::shared_ptr<Slab>*>(hint); };
  const napi_status status =
      napi_create_external_arraybuffer(env, slab->data(), slab->size(), release, hold, &value);
  if (status != napi_ok) {
    delete hold;
    Napi::Error::New(env).ThrowAsJavaScriptException();
    return Napi::Value();
  }
  return Napi::Value(env, value);
}

}  // namespace cygnet
