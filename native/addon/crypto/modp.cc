#include <openssl/crypto.h>

#include <cstring>
#include <iterator>

#include "crypto-env.h"
#include "modp-gmp.h"
#include "modp-group.h"
#include "montgomery-ifma.h"

namespace cygnet::crypto {
namespace {

// 8192 bits is the largest group; 416 bits the longest exponent.
constexpr size_t kMaxExponent = 64;

bool DrawExponent(CryptoEnv& self, const ModpGroup& group, uint8_t* exponent) {
  const size_t size = group.exponentBytes();
  // With an order the share of refused draws is below one half, without it none.
  for (int i = 0; i < 128; i++) {
    if (!self.privateRandom.Fill(exponent, size)) return false;
    if (group.IsPrivate(exponent)) return true;
  }
  return false;
}

bool Secret(const ModpGroup& group, bool gmp, uint8_t* secret, const uint8_t* value, const uint8_t* exponent) {
  if (!group.IsPublic(value)) return false;
  if (!gmp || !GmpPower(group, secret, value, exponent)) group.Power(secret, value, exponent);
  return true;
}

napi_value ModpSpec(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  char name[16];
  if (!call.Name(0, name)) return nullptr;
  const size_t id = ModpGroup::Find(name);
  if (id == ModpGroup::kCount) return nullptr;
  const ModpGroup* group = ModpGroup::Get(id);
  if (group == nullptr) return nullptr;
  return Spec(env).Set("id", id).Set("privateBytes", group->exponentBytes()).Set("publicBytes", group->octets()).value();
}

bool ReadGroup(const auto& call, const ModpGroup*& group, uint32_t& gmp) {
  uint32_t id;
  if (!call.Id(0, ModpGroup::kCount, id) || !call.Id(1, 2, gmp)) return false;
  group = ModpGroup::Get(id);
  if (group == nullptr) ThrowFailed(call.env, "a MODP group");
  return group != nullptr;
}

napi_value ModpGenerate(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  const ModpGroup* group;
  uint32_t gmp;
  Bytes exponent, value;
  if (!ReadGroup(call, group, gmp) || !call.Octets(2, "privateValue", group->exponentBytes(), exponent) ||
      !call.Octets(3, "publicValue", group->octets(), value)) {
    return nullptr;
  }
  if (!DrawExponent(call.self(), *group, exponent.data)) {
    ThrowFailed(env, "drawing random octets");
    return nullptr;
  }
  group->PowerOfGenerator(value.data, exponent.data);
  return nullptr;
}

// Our public value for a given private one: for tests with published vectors.
napi_value ModpPublic(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  const ModpGroup* group;
  uint32_t gmp;
  Bytes exponent, value;
  if (!ReadGroup(call, group, gmp) || !call.Octets(2, "privateValue", group->exponentBytes(), exponent) ||
      !call.Octets(3, "publicValue", group->octets(), value)) {
    return nullptr;
  }
  group->PowerOfGenerator(value.data, exponent.data);
  return nullptr;
}

// a * b / R mod p, for tests of each arithmetic by itself: 0 is words with assembler, 1 words without, 2 digits. Undefined where there is none.
napi_value ModpMultiply(napi_env env, napi_callback_info info) {
  Call<5> call(env, info);
  uint32_t id, arithmetic;
  Bytes a, b, out;
  if (!call.Id(0, ModpGroup::kCount, id) || !call.Id(1, 3, arithmetic)) return nullptr;
  const ModpGroup* group = ModpGroup::Get(id);
  if (group == nullptr || (arithmetic == 2 && !HasIfma(group->octets()))) return nullptr;
  const size_t size = group->octets();
  if (!call.Octets(2, "a", size, a) || !call.Octets(3, "b", size, b) || !call.Octets(4, "out", size, out)) return nullptr;
  Modulus m;
  InitModulus(m, group->prime(), size, arithmetic == 2 ? Form::kDigits : Form::kWords);
  alignas(64) Word x[kMaxWords], y[kMaxWords];
  FromBytes(m, x, a.data);
  FromBytes(m, y, b.data);
  (arithmetic == 1 ? PortableMultiply : MontgomeryMultiply)(m, x, x, y);
  ToBytes(m, out.data, x);
  return call.Boolean(true);
}

napi_value ModpDerive(napi_env env, napi_callback_info info) {
  Call<5> call(env, info);
  const ModpGroup* group;
  uint32_t gmp;
  Bytes exponent, value, secret;
  if (!ReadGroup(call, group, gmp) || !call.Octets(2, "privateValue", group->exponentBytes(), exponent) ||
      !call.Octets(3, "response", value) || !call.Octets(4, "secret", group->octets(), secret)) {
    return nullptr;
  }
  // The peer chose this length.
  if (value.size != group->octets()) return call.Boolean(false);
  return call.Boolean(Secret(*group, gmp == 1, secret.data, value.data, exponent.data));
}

napi_value ModpRespond(napi_env env, napi_callback_info info) {
  Call<5> call(env, info);
  const ModpGroup* group;
  uint32_t gmp;
  Bytes value, response, secret;
  if (!ReadGroup(call, group, gmp) || !call.Octets(2, "publicValue", value) ||
      !call.Octets(3, "response", group->octets(), response) || !call.Octets(4, "secret", group->octets(), secret)) {
    return nullptr;
  }
  if (value.size != group->octets()) return call.Boolean(false);
  uint8_t exponent[kMaxExponent];
  if (!DrawExponent(call.self(), *group, exponent)) {
    ThrowFailed(env, "drawing random octets");
    return nullptr;
  }
  const bool ok = Secret(*group, gmp == 1, secret.data, value.data, exponent);
  if (ok) group->PowerOfGenerator(response.data, exponent);
  OPENSSL_cleanse(exponent, sizeof exponent);
  return call.Boolean(ok);
}

napi_value Version(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  const char* version = GmpVersion();
  if (version == nullptr) return nullptr;
  napi_create_string_latin1(env, version, NAPI_AUTO_LENGTH, &result);
  return result;
}

napi_value HasFastMultiply(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_get_boolean(env, HasAssembler(), &result);
  return result;
}

napi_value HasVectorMultiply(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_get_boolean(env, HasIfma(0), &result);
  return result;
}

}  // namespace

void ExportModp(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {{"modpSpec", ModpSpec},     {"modpGenerate", ModpGenerate}, {"modpPublic", ModpPublic},
                                       {"modpDerive", ModpDerive}, {"modpRespond", ModpRespond},   {"gmpVersion", Version},
                                       {"modpAssembler", HasFastMultiply}, {"modpIfma", HasVectorMultiply},
                                       {"modpMultiply", ModpMultiply}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
