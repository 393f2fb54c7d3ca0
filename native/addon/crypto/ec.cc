#include "ec.h"

#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <cstring>
#include <iterator>

#include "crypto-env.h"

namespace cygnet::crypto {
namespace {

struct CurveEntry {
  const char* name;
  int nid;
};

// The index is the number that JavaScript hands in. All of them have cofactor 1, so a point on the curve is in the group.
constexpr CurveEntry kCurves[EcGroups::kCount] = {
    {"P-192", NID_X9_62_prime192v1},    {"P-224", NID_secp224r1},           {"P-256", NID_X9_62_prime256v1},
    {"P-384", NID_secp384r1},           {"P-521", NID_secp521r1},           {"BP-224", NID_brainpoolP224r1},
    {"BP-256", NID_brainpoolP256r1},    {"BP-384", NID_brainpoolP384r1},    {"BP-512", NID_brainpoolP512r1},
};

/** Coordinates are at most 66 octets (521 bits). */
constexpr size_t kMaxField = 66;

/** The numbers of one operation, wiped at its end. */
class Operation {
 public:
  explicit Operation(const EcGroups::Curve& curve) : curve_(curve), point_(EC_POINT_new(curve.group)) {
    BN_CTX_start(curve.numbers);
    scalar_ = BN_CTX_get(curve.numbers);
    x_ = BN_CTX_get(curve.numbers);
    y_ = BN_CTX_get(curve.numbers);
  }
  Operation(const Operation&) = delete;
  ~Operation() {
    if (scalar_ != nullptr) BN_clear(scalar_);
    if (x_ != nullptr) BN_clear(x_);
    if (y_ != nullptr) BN_clear(y_);
    EC_POINT_clear_free(point_);
    BN_CTX_end(curve_.numbers);
    ERR_clear_error();
  }
  bool ok() const { return point_ != nullptr && y_ != nullptr; }

  bool DrawScalar() {
    if (BN_priv_rand_range(scalar_, EC_GROUP_get0_order(curve_.group)) != 1) return false;
    // Zero comes once in 2^192; one more draw is all it needs.
    return !BN_is_zero(scalar_) || DrawScalar();
  }
  /** False for values outside 1..order-1. */
  bool SetScalar(const uint8_t* in) {
    return BN_bin2bn(in, static_cast<int>(curve_.order), scalar_) != nullptr && !BN_is_zero(scalar_) &&
           BN_ucmp(scalar_, EC_GROUP_get0_order(curve_.group)) < 0;
  }
  bool GetScalar(uint8_t* out) const { return BN_bn2binpad(scalar_, out, static_cast<int>(curve_.order)) >= 0; }

  /** RFC 5903 section 7: x then y, each padded to the field's size. */
  bool Public(uint8_t* out) {
    BN_set_flags(scalar_, BN_FLG_CONSTTIME);
    return EC_POINT_mul(curve_.group, point_, scalar_, nullptr, nullptr, curve_.numbers) == 1 && Affine() && Put(x_, out) &&
           Put(y_, out + curve_.field);
  }
  /** The x coordinate. False when the peer's point is not on the curve; infinity has no coordinates. */
  bool Secret(const uint8_t* peer, uint8_t* out) {
    const int field = static_cast<int>(curve_.field);
    if (BN_bin2bn(peer, field, x_) == nullptr || BN_bin2bn(peer + field, field, y_) == nullptr ||
        EC_POINT_set_affine_coordinates(curve_.group, point_, x_, y_, curve_.numbers) != 1) {
      return false;
    }
    BN_set_flags(scalar_, BN_FLG_CONSTTIME);
    return EC_POINT_mul(curve_.group, point_, nullptr, point_, scalar_, curve_.numbers) == 1 && Affine() && Put(x_, out);
  }

 private:
  bool Affine() { return EC_POINT_get_affine_coordinates(curve_.group, point_, x_, y_, curve_.numbers) == 1; }
  bool Put(const BIGNUM* value, uint8_t* out) const { return BN_bn2binpad(value, out, static_cast<int>(curve_.field)) >= 0; }

  const EcGroups::Curve& curve_;
  EC_POINT* point_;
  BIGNUM *scalar_, *x_, *y_;
};

napi_value EcSpec(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  char name[16];
  if (!call.Name(0, name)) return nullptr;
  const size_t id = EcGroups::Find(name);
  if (id == EcGroups::kCount) return nullptr;
  const EcGroups::Curve* curve = call.self().curves.Get(id);
  if (curve == nullptr) return nullptr;
  return Spec(env)
      .Set("id", id)
      .Set("privateBytes", curve->order)
      .Set("publicBytes", 2 * curve->field)
      .Set("secretBytes", curve->field)
      .value();
}

bool ReadCurve(const auto& call, const EcGroups::Curve*& curve) {
  uint32_t id;
  if (!call.Id(0, EcGroups::kCount, id)) return false;
  curve = call.self().curves.Get(id);
  if (curve == nullptr) ThrowFailed(call.env, "an elliptic curve");
  return curve != nullptr;
}

// Makes a key pair; with `draw` false, the public value of a given private one (for tests with published vectors).
napi_value Pair(napi_env env, napi_callback_info info, bool draw) {
  Call<3> call(env, info);
  const EcGroups::Curve* curve;
  Bytes scalar, value;
  if (!ReadCurve(call, curve) || !call.Octets(1, "privateValue", curve->order, scalar) ||
      !call.Octets(2, "publicValue", 2 * curve->field, value)) {
    return nullptr;
  }
  Operation operation(*curve);
  const bool ok = operation.ok() && (draw ? operation.DrawScalar() && operation.GetScalar(scalar.data) : operation.SetScalar(scalar.data)) &&
                  operation.Public(value.data);
  if (!ok) ThrowFailed(env, "an elliptic curve key");
  return nullptr;
}

napi_value EcGenerate(napi_env env, napi_callback_info info) { return Pair(env, info, true); }
napi_value EcPublic(napi_env env, napi_callback_info info) { return Pair(env, info, false); }

napi_value EcDerive(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  const EcGroups::Curve* curve;
  Bytes scalar, peer, secret;
  if (!ReadCurve(call, curve) || !call.Octets(1, "privateValue", curve->order, scalar) || !call.Octets(2, "response", peer) ||
      !call.Octets(3, "secret", curve->field, secret)) {
    return nullptr;
  }
  if (peer.size != 2 * curve->field) return call.Boolean(false);
  Operation operation(*curve);
  if (!operation.ok() || !operation.SetScalar(scalar.data)) {
    ThrowFailed(env, "an elliptic curve key");
    return nullptr;
  }
  return call.Boolean(operation.Secret(peer.data, secret.data));
}

napi_value EcRespond(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  const EcGroups::Curve* curve;
  Bytes peer, response, secret;
  if (!ReadCurve(call, curve) || !call.Octets(1, "publicValue", peer) || !call.Octets(2, "response", 2 * curve->field, response) ||
      !call.Octets(3, "secret", curve->field, secret)) {
    return nullptr;
  }
  if (peer.size != 2 * curve->field) return call.Boolean(false);
  Operation operation(*curve);
  if (!operation.ok() || !operation.DrawScalar()) {
    ThrowFailed(env, "an elliptic curve key");
    return nullptr;
  }
  // The peer's point first: a bad one costs only its check.
  uint8_t x[kMaxField];
  if (!operation.Secret(peer.data, x)) return call.Boolean(false);
  if (!operation.Public(response.data)) {
    ThrowFailed(env, "an elliptic curve key");
    return nullptr;
  }
  memcpy(secret.data, x, curve->field);
  OPENSSL_cleanse(x, sizeof x);
  return call.Boolean(true);
}

}  // namespace

EcGroups::~EcGroups() {
  for (Curve& curve : curves_) {
    EC_GROUP_free(curve.group);
    BN_CTX_free(curve.numbers);
  }
}

size_t EcGroups::Find(const char* name) {
  for (size_t i = 0; i < kCount; i++) {
    if (strcmp(kCurves[i].name, name) == 0) return i;
  }
  return kCount;
}

const EcGroups::Curve* EcGroups::Get(size_t index) {
  Curve& curve = curves_[index];
  if (curve.group != nullptr) return &curve;
  curve.numbers = curve.numbers != nullptr ? curve.numbers : BN_CTX_secure_new();
  EC_GROUP* group = EC_GROUP_new_by_curve_name(kCurves[index].nid);
  if (group == nullptr || curve.numbers == nullptr) {
    EC_GROUP_free(group);
    ERR_clear_error();
    return nullptr;
  }
  curve.group = group;
  curve.field = (static_cast<size_t>(EC_GROUP_get_degree(group)) + 7) / 8;
  curve.order = (static_cast<size_t>(EC_GROUP_order_bits(group)) + 7) / 8;
  return &curve;
}

void ExportEc(napi_env env, napi_value exports, CryptoEnv* self) {
  constexpr FunctionEntry entries[] = {
      {"ecSpec", EcSpec}, {"ecGenerate", EcGenerate}, {"ecPublic", EcPublic}, {"ecDerive", EcDerive}, {"ecRespond", EcRespond}};
  Export(env, exports, self, entries, std::size(entries));
}

}  // namespace cygnet::crypto
