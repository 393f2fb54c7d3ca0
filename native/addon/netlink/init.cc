#include "module.h"
#include "netlink/netlink-socket.h"

namespace cygnet {

void InitNetlink(Napi::Env env, Napi::Object exports) { exports.Set("NetlinkSocket", NetlinkSocket::Define(env)); }

}  // namespace cygnet
