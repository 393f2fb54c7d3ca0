#pragma once

#include <napi.h>

#include <memory>

#include "ring/outbox.h"

namespace cygnet {

/**
 * The JavaScript class `DatagramOutbox`; src/datagram-outbox.ts wraps it and documents the contract.
 *
 *     new DatagramOutbox(memoryFds, wakeFds, lane)   Int32Arrays, by shard
 *     .push(shard, header, payload)   Uint8Arrays, the header as in packet-layout.h; false when there is no room
 *     .flush()                        wakes the receivers
 *     .forwarded(shard) .dropped(shard)
 *     .close()                        sockets that forward go on with it
 */
class DatagramOutbox : public Napi::ObjectWrap<DatagramOutbox> {
 public:
  static Napi::Function Define(Napi::Env env);
  /** The outbox of a JavaScript object; null with an exception pending when it is none, or closed. */
  static std::shared_ptr<Outbox> Of(Napi::Value value);

  explicit DatagramOutbox(const Napi::CallbackInfo& info);

 private:
  Napi::Value Push(const Napi::CallbackInfo& info);
  void Flush(const Napi::CallbackInfo& info);
  Napi::Value Forwarded(const Napi::CallbackInfo& info);
  Napi::Value Dropped(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  /** The shard that the first argument names; false with an exception pending when there is none such, or all is closed. */
  bool Shard(const Napi::CallbackInfo& info, uint32_t* out) const;

  /** Null once closed. */
  std::shared_ptr<Outbox> outbox_;
};

}  // namespace cygnet
