#include "esp/esp-options.h"

#include <string>

#include "napi-util.h"

namespace cygnet::esp {

namespace {

constexpr int64_t kMaxReplayWindow = 1 << 20;
/** Integers of JavaScript are exact up to here. */
constexpr int64_t kMaxInteger = (int64_t{1} << 53) - 1;

bool ReadAddress(Napi::Object object, const char* name, uint8_t* family, uint8_t* out) {
  const uint8_t* data;
  size_t size;
  if (!ReadOctets(object.Get(name), name, &data, &size)) return false;
  if (size != 4 && size != 16) {
    ThrowType(object.Env(), "an address has 4 or 16 octets");
    return false;
  }
  *family = size == 4 ? 4 : 6;
  memcpy(out, data, size);
  return true;
}

bool ReadObject(Napi::Object object, const char* name, Napi::Object* out) {
  const Napi::Value value = object.Get(name);
  if (object.Env().IsExceptionPending()) return false;
  if (!value.IsObject()) {
    ThrowType(object.Env(), (std::string(name) + " must be an object").c_str());
    return false;
  }
  *out = value.As<Napi::Object>();
  return true;
}

template <typename T>
bool ReadNumber(Napi::Object object, const char* name, int64_t max, T* out) {
  int64_t value;
  if (!ReadInteger(object, name, 0, max, 0, &value)) return false;
  *out = static_cast<T>(value);
  return true;
}

bool ReadRange(Napi::Object policy, const char* name, uint8_t* family, uint8_t* protocol, Range* out) {
  Napi::Object object;
  uint8_t first, last;
  if (!ReadObject(policy, name, &object) || !ReadAddress(object, "startAddress", &first, out->first) ||
      !ReadAddress(object, "endAddress", &last, out->last) || !ReadNumber(object, "startPort", 65535, &out->first_port) ||
      !ReadNumber(object, "endPort", 65535, &out->last_port) || !ReadNumber(object, "protocol", 255, protocol)) {
    return false;
  }
  *family = first;
  if (first == last) return true;
  ThrowType(policy.Env(), "both ends of a range are of one family");
  return false;
}

bool ReadLimits(Napi::Object object, SaLimits* out) {
  return ReadNumber(object, "softBytes", kMaxInteger, &out->soft_bytes) &&
         ReadNumber(object, "hardBytes", kMaxInteger, &out->hard_bytes) &&
         ReadNumber(object, "softPackets", kMaxInteger, &out->soft_packets) &&
         ReadNumber(object, "hardPackets", kMaxInteger, &out->hard_packets);
}

}  // namespace

bool ReadOctets(Napi::Value value, const char* what, const uint8_t** data, size_t* size) {
  if (value.Env().IsExceptionPending()) return false;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    ThrowType(value.Env(), (std::string(what) + " must be a Uint8Array").c_str());
    return false;
  }
  const auto octets = value.As<Napi::Uint8Array>();
  *data = octets.Data();
  *size = octets.ByteLength();
  return true;
}

bool ReadEndpoint(Napi::Object object, const char* name, Endpoint* out) {
  Napi::Object endpoint;
  return ReadObject(object, name, &endpoint) && ReadAddress(endpoint, "address", &out->family, out->address) &&
         ReadNumber(endpoint, "port", 65535, &out->port);
}

std::shared_ptr<Sa> ReadSa(Napi::Value value) {
  const Napi::Env env = value.Env();
  if (!value.IsObject()) {
    ThrowType(env, "an SA must be an object");
    return nullptr;
  }
  const Napi::Object object = value.As<Napi::Object>();
  SaSpec spec;
  TransformKeys keys;
  if (!ReadNumber(object, "spi", UINT32_MAX, &spec.spi) || !ReadNumber(object, "reqid", UINT32_MAX, &spec.reqid) ||
      !ReadFlag(object, "inbound", false, &spec.inbound) || !ReadFlag(object, "inUdp", true, &spec.in_udp) || !ReadFlag(object, "esn", false, &spec.esn) ||
      !ReadNumber(object, "replayWindow", kMaxReplayWindow, &spec.replay_window) || !ReadLimits(object, &spec.limits) ||
      !ReadEndpoint(object, "source", &spec.source) || !ReadEndpoint(object, "destination", &spec.destination) ||
      !ReadNumber(object, "encryption", UINT16_MAX, &keys.encryption) ||
      !ReadNumber(object, "integrity", UINT16_MAX, &keys.integrity) ||
      !ReadOctets(object.Get("encryptionKey"), "encryptionKey", &keys.encryption_key, &keys.encryption_key_size) ||
      !ReadOctets(object.Get("integrityKey"), "integrityKey", &keys.integrity_key, &keys.integrity_key_size)) {
    return nullptr;
  }
  if (spec.source.family != spec.destination.family) {
    ThrowType(env, "source and destination are of one family");
    return nullptr;
  }
  auto transform = Transform::Create(keys, !spec.inbound);
  if (!transform) {
    Napi::RangeError::New(env, "no such algorithms, or keys of another size").ThrowAsJavaScriptException();
    return nullptr;
  }
  // Not in one piece with the counts, which its deadlines keep until they are over: it goes when it is removed.
  return std::shared_ptr<Sa>(new Sa(spec, std::move(transform)));
}

bool ReadPolicy(Napi::Value value, PolicyOptions* out) {
  if (!value.IsObject()) {
    ThrowType(value.Env(), "a policy must be an object");
    return false;
  }
  const Napi::Object object = value.As<Napi::Object>();
  bool inbound;
  int64_t action;
  uint8_t source_family, destination_family, source_protocol, destination_protocol;
  if (!ReadFlag(object, "inbound", false, &inbound) || !ReadInteger(object, "action", 0, 2, 0, &action) ||
      !ReadNumber(object, "rank", 255, &out->rank) || !ReadNumber(object, "reqid", UINT32_MAX, &out->user.reqid) ||
      !ReadNumber(object, "spi", UINT32_MAX, &out->user.spi) ||
      !ReadEndpoint(object, "tunnelDestination", &out->user.destination) ||
      !ReadRange(object, "source", &source_family, &source_protocol, &out->selector.source) ||
      !ReadRange(object, "destination", &destination_family, &destination_protocol, &out->selector.destination)) {
    return false;
  }
  if (source_family != destination_family) {
    ThrowType(value.Env(), "source and destination are of one family");
    return false;
  }
  out->direction = inbound ? Direction::kIn : Direction::kOut;
  out->action = static_cast<Action>(action);
  out->selector.family = source_family;
  out->selector.protocol = source_protocol != 0 ? source_protocol : destination_protocol;
  return true;
}

Napi::Value WriteAddress(Napi::Env env, uint8_t family, const uint8_t* address) {
  const size_t size = family == 4 ? 4 : 16;
  Napi::Uint8Array out = Napi::Uint8Array::New(env, size);
  memcpy(out.Data(), address, size);
  return out;
}

Napi::Object WriteEndpoint(Napi::Env env, const Endpoint& endpoint) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("address", WriteAddress(env, endpoint.family, endpoint.address));
  object.Set("port", Napi::Number::New(env, endpoint.port));
  return object;
}

}  // namespace cygnet::esp
