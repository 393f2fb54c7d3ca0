#pragma once

#include <napi.h>

#include "udp/udp-io.h"

namespace cygnet {

/**
 * The JavaScript class `UdpSocket`; src/udp-socket.ts wraps it and documents the contract.
 *
 *     new UdpSocket(options)   opens, or adopts options.fd
 *     .control .receiveSlab .sendSlab   ArrayBuffers, laid out as in packet-layout.h
 *     .port                    the bound port
 *     .fd                      the descriptor number, -1 once closed
 *     .start(callback) .resume() .flush() .status() .close()
 *     .deliverFirst(share)     the kernel drops the other first messages
 *     .allowSharing()          SO_REUSEPORT on a socket that is bound without
 *     .attachSteering(steering)          the program for the socket's group
 *     .forward(steering, shard, outbox)  datagrams for other shards go to them
 *
 * `steering` is { shards, word0, word1, natT, plainFrom500 }.
 */
class UdpSocket : public Napi::ObjectWrap<UdpSocket> {
 public:
  static Napi::Function Define(Napi::Env env);

  /** `shardOfDatagram(steering, data)`: what the program says, computed here. */
  static Napi::Value ShardOfDatagram(const Napi::CallbackInfo& info);

  explicit UdpSocket(const Napi::CallbackInfo& info);
  ~UdpSocket() override;

 private:
  Napi::Value Port(const Napi::CallbackInfo& info);
  Napi::Value Fd(const Napi::CallbackInfo& info);
  Napi::Value Control(const Napi::CallbackInfo& info);
  Napi::Value ReceiveSlab(const Napi::CallbackInfo& info);
  Napi::Value SendSlab(const Napi::CallbackInfo& info);
  void Start(const Napi::CallbackInfo& info);
  void Resume(const Napi::CallbackInfo& info);
  Napi::Value Flush(const Napi::CallbackInfo& info);
  Napi::Value Status(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  void DeliverFirst(const Napi::CallbackInfo& info);
  void AllowSharing(const Napi::CallbackInfo& info);
  void AttachSteering(const Napi::CallbackInfo& info);
  void Forward(const Napi::CallbackInfo& info);

  /** Keeps a started socket from being collected: the loop still calls back. */
  void Hold();
  void Release();

  /** Null when the constructor threw. */
  UdpIo* io_ = nullptr;
  uint16_t port_ = 0;
  bool held_ = false;
  /** Whether the kernel drops first messages; what it has dropped in such times, and had when this one began. */
  bool thins_ = false;
  uint32_t thinned_ = 0;
  uint32_t drops_before_ = 0;
};

}  // namespace cygnet
