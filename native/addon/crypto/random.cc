#include "random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <climits>
#include <cstring>
#include <iterator>

#include "crypto-env.h"

namespace cygnet::crypto {

RandomPool::~RandomPool() { OPENSSL_cleanse(pool_, kSize); }

bool RandomPool::Draw(uint8_t* out, size_t size) {
  while (size > 0) {
    const int step = size < INT_MAX ? static_cast<int>(size) : INT_MAX;
    if ((source_ == Source::kPrivate ? RAND_priv_bytes(out, step) : RAND_bytes(out, step)) != 1) return false;
    out += step;
    size -= static_cast<size_t>(step);
  }
  return true;
}

bool RandomPool::Fill(uint8_t* out, size_t size) {
  // A large request gains nothing from the pool.
  if (size > kSize / 4) return Draw(out, size);
  if (size > kSize - used_) {
    if (!Draw(pool_, kSize)) return false;
    used_ = 0;
  }
  memcpy(out, pool_ + used_, size);
  memset(pool_ + used_, 0, size);
  used_ += size;
  return true;
}

namespace {

napi_value Random(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  Bytes out;
  if (!call.Octets(0, "out", out)) return nullptr;
  if (!call.self().publicRandom.Fill(out.data, out.size)) ThrowFailed(env, "drawing random octets");
  return nullptr;
}

}  // namespace

void ExportRandom(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"randomBytes", Random}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
