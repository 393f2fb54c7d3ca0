#pragma once

#include <napi.h>

#include "ring/inbox-io.h"

namespace cygnet {

/**
 * The JavaScript class `DatagramInbox`; src/datagram-inbox.ts wraps it and documents the contract.
 *
 *     new DatagramInbox({ memoryFd, wakeFd, slots, maxPacketBytes })
 *     .control .receiveSlab    ArrayBuffers, laid out as in packet-layout.h
 *     .start(callback) .resume() .status() .close()
 */
class DatagramInbox : public Napi::ObjectWrap<DatagramInbox> {
 public:
  static Napi::Function Define(Napi::Env env);
  /** `openInbox(lanes, laneBytes)`: `{ memoryFd, wakeFd }`, the caller's to close. */
  static Napi::Value Open(const Napi::CallbackInfo& info);

  explicit DatagramInbox(const Napi::CallbackInfo& info);
  ~DatagramInbox() override;

 private:
  Napi::Value Control(const Napi::CallbackInfo& info);
  Napi::Value ReceiveSlab(const Napi::CallbackInfo& info);
  void Start(const Napi::CallbackInfo& info);
  void Resume(const Napi::CallbackInfo& info);
  Napi::Value Status(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  /** Null when the constructor threw. */
  InboxIo* io_ = nullptr;
  /** A started inbox is not collected: the loop still calls back. */
  bool held_ = false;
};

}  // namespace cygnet
