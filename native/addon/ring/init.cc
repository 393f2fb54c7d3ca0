#include "module.h"
#include "ring/datagram-inbox.h"
#include "ring/datagram-outbox.h"

namespace cygnet {

void InitRing(Napi::Env env, Napi::Object exports) {
  exports.Set("DatagramInbox", DatagramInbox::Define(env));
  exports.Set("DatagramOutbox", DatagramOutbox::Define(env));
  exports.Set("openInbox", Napi::Function::New<&DatagramInbox::Open>(env, "openInbox"));
}

}  // namespace cygnet
