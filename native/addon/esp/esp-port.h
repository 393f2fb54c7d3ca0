#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "esp/endpoint.h"

namespace cygnet::esp {

/** One packet of ESP that was received, in a UDP datagram or by itself. */
struct Datagram {
  uint8_t* data;
  size_t size;
  const Endpoint* source;
};

/**
 * A socket that ESP goes in and out by, of one address family: in UDP, or raw as IP protocol 50. Several packets in UDP make one datagram for the
 * kernel where it can split and join them (UDP_SEGMENT, UDP_GRO).
 */
class EspPort {
 public:
  /** Packets that wait to be sent at most. */
  static constexpr size_t kBatch = 64;

  /** Takes the descriptor over. */
  EspPort(int fd, uint8_t family, bool raw);
  EspPort(const EspPort&) = delete;
  ~EspPort();

  int fd() const { return fd_; }
  uint8_t family() const { return family_; }
  bool raw() const { return raw_; }

  /** Reads what waits, some datagrams at most. They are valid until the next call. @return false when there was nothing */
  bool Receive(std::vector<Datagram>* out);

  /** Queues a packet, whose octets stay in place until `Flush`. At most kBatch. */
  void Queue(uint8_t* packet, size_t size, const Endpoint& source, const Endpoint& destination);

  /** Sends what is queued. What the kernel does not take is dropped. */
  void Flush();

  /** Packets that the kernel did not take. */
  uint64_t send_errors = 0;
  uint64_t sent = 0, received = 0;

 private:
  static constexpr size_t kReads = 16;
  static constexpr size_t kReadBytes = 65536;
  static constexpr size_t kControlBytes = 128;

  struct Queued {
    iovec vector;
    Endpoint source, destination;
  };

  /** How many queued packets from `first` on can go as one datagram that the kernel splits. */
  size_t RunLength(size_t first) const;
  void Prepare(size_t message, size_t first, size_t count);
  /** Sends the packets of a run one by one, after the kernel refused them together. */
  void SendSingly(size_t first, size_t count);
  /** Hands over prepared messages; returns how many were taken before an error, which is in errno. */
  size_t SendMessages(size_t from, size_t count);

  const int fd_;
  const uint8_t family_;
  const bool raw_;
  bool can_segment_;

  std::unique_ptr<uint8_t[]> read_buffer_;
  mmsghdr reads_[kReads];
  iovec read_vectors_[kReads];
  sockaddr_in6 read_names_[kReads];
  Endpoint read_sources_[kReads];
  alignas(cmsghdr) uint8_t read_control_[kReads][kControlBytes];

  size_t queued_ = 0;
  Queued queue_[kBatch];
  iovec vectors_[kBatch];
  mmsghdr messages_[kBatch];
  size_t message_first_[kBatch], message_count_[kBatch];
  sockaddr_in6 names_[kBatch];
  alignas(cmsghdr) uint8_t control_[kBatch][kControlBytes];
};

}  // namespace cygnet::esp
