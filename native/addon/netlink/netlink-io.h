#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>

#include "netlink/netlink-open.h"
#include "udp/polled-io.h"

namespace cygnet {

/** No datagram of the kernel is longer: dumps come in pieces of 32 KiB. */
constexpr uint32_t kMaxNetlinkDatagram = 32 * 1024;

/**
 * A netlink socket on the event loop. Requests are exchanged for their answers at once; what the kernel sends by itself, to the groups, is read
 * when the loop says so. One socket does one or the other: answers and events share the answer slab.
 */
class NetlinkIo final : public PolledIo {
 public:
  /**
   * Takes `fd` over.
   * @return null with an exception pending and `fd` closed when there is no memory or libuv refuses the descriptor
   */
  static NetlinkIo* Create(Napi::Env env, const NetlinkOptions& options, int fd);

  /**
   * Sends the first `bytes` of the request slab, `count` requests with consecutive sequence numbers from `first` on, and forgets what is
   * outstanding of earlier ones.
   * @return 0 or errno
   */
  int Send(uint32_t bytes, uint32_t first, uint32_t count);

  /**
   * Reads answers into the answer slab until all outstanding requests have theirs or there is no room for another datagram. A request is
   * answered when its NLMSG_ERROR or NLMSG_DONE has come.
   * @param octets set to how many are in the slab
   * @return 0 or errno, ETIMEDOUT when nothing came for `timeout_ms`
   */
  int Receive(int timeout_ms, uint32_t* octets);

  uint32_t outstanding() const { return outstanding_; }
  const std::shared_ptr<Slab>& request_slab() const { return request_slab_; }

 private:
  NetlinkIo(Napi::Env env, int fd, std::shared_ptr<Slab> control, std::shared_ptr<Slab> answers,
            std::shared_ptr<Slab> requests);

  /** Reads events; where some were lost, an NLMSG_OVERRUN says so. */
  uint32_t Read() override;
  bool HasFreeSlot() const override { return true; }
  void Broken() override {}

  /**
   * Reads one datagram of the kernel to `offset`; those of other processes are skipped.
   * @return its length, or -1 with errno set
   */
  ssize_t ReadDatagram(uint32_t offset);
  /** Counts the requests that these messages conclude. */
  void Conclude(const uint8_t* messages, uint32_t length);

  const std::shared_ptr<Slab> request_slab_;
  uint32_t first_ = 0;
  uint32_t count_ = 0;
  uint32_t outstanding_ = 0;
};

}  // namespace cygnet
