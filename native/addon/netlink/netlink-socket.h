#pragma once

#include <napi.h>

#include "netlink/netlink-io.h"

namespace cygnet {

/**
 * The JavaScript class `NetlinkSocket`; src/netlink-socket.ts wraps it and documents the contract.
 *
 *     new NetlinkSocket(options)
 *     .requests .answers       ArrayBuffers
 *     .portId                  the socket's address
 *     .outstanding             requests whose answer has not come yet
 *     .send(bytes, first, count)
 *     .receive(timeoutMs)      octets of answers
 *     .start(callback)         events; callback(octets)
 *     .close()
 */
class NetlinkSocket : public Napi::ObjectWrap<NetlinkSocket> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit NetlinkSocket(const Napi::CallbackInfo& info);
  ~NetlinkSocket() override;

 private:
  Napi::Value Requests(const Napi::CallbackInfo& info);
  Napi::Value Answers(const Napi::CallbackInfo& info);
  Napi::Value PortId(const Napi::CallbackInfo& info);
  Napi::Value Outstanding(const Napi::CallbackInfo& info);
  void Send(const Napi::CallbackInfo& info);
  Napi::Value Receive(const Napi::CallbackInfo& info);
  void Start(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  /** Null when the constructor threw. */
  NetlinkIo* io_ = nullptr;
  uint32_t port_id_ = 0;
  /** Keeps a started socket from being collected: the loop still calls back. */
  bool held_ = false;
};

}  // namespace cygnet
