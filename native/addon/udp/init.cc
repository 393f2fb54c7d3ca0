#include "module.h"
#include "udp/udp-socket.h"

namespace cygnet {

void InitUdp(Napi::Env env, Napi::Object exports) { exports.Set("UdpSocket", UdpSocket::Define(env)); }

}  // namespace cygnet
