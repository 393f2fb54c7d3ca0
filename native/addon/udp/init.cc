#include "module.h"
#include "udp/udp-socket.h"

namespace cygnet {

void InitUdp(Napi::Env env, Napi::Object exports) {
  exports.Set("UdpSocket", UdpSocket::Define(env));
  exports.Set("shardOfDatagram", Napi::Function::New<&UdpSocket::ShardOfDatagram>(env, "shardOfDatagram"));
}

}  // namespace cygnet
