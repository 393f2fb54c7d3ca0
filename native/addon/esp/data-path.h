#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "esp/esp-port.h"
#include "esp/policy-table.h"
#include "esp/sa-table.h"
#include "esp/tun-device.h"

namespace cygnet::esp {

enum class Direction : uint8_t { kIn, kOut };

/** Something that IKE has to know. */
struct Event {
  enum class Kind : uint8_t { kSoftExpiry, kHardExpiry, kAcquire, kMapping };
  Kind kind;
  /** Who installed the SA or policy, as it said. */
  uint32_t owner = 0;
  uint32_t reqid = 0;
  uint32_t spi = 0;
  /** Of the SA. */
  Endpoint destination;
  /** Where the peer is now. */
  Endpoint peer;
  /** What wants an SA. */
  Flow flow;
};

/** Gets events, on the thread of the data path. */
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void Raise(const Event& event) = 0;
};

struct AddSa {
  std::shared_ptr<Sa> sa;
  uint32_t owner;
  /** Until the expiries, 0 for never. */
  uint64_t soft_ms, hard_ms;
};
struct RemoveSa {
  std::shared_ptr<Sa> sa;
};
struct MoveSa {
  std::shared_ptr<Sa> sa;
  Endpoint source, destination;
  bool in_udp;
};
struct ChangePolicy {
  bool add;
  Direction direction;
  Selector selector;
  Action action;
  uint8_t rank;
  PolicyUser user;
};
struct AddPort {
  std::unique_ptr<EspPort> port;
};
/** Everything of an owner who is gone. */
struct Forget {
  uint32_t owner;
};
using Command = std::variant<AddSa, RemoveSa, MoveSa, ChangePolicy, AddPort, Forget>;

/** What happened to packets besides what SAs count. */
enum Counter : size_t {
  kReceived,
  kDelivered,
  kSent,
  kUnknownSpi,
  kNotEsp,
  kInboundPolicy,
  kNoPolicy,
  kBlocked,
  kNoSa,
  kDropped,
  kTunErrors,
  kCounters,
};

/**
 * ESP, in UDP or by itself, between a TUN device and sockets, on a thread of its own that has all SAs and policies to itself. Others send it commands, which it obeys before
 * the next packets.
 */
class DataPath {
 public:
  DataPath(std::unique_ptr<TunDevice> tun, EventSink* sink);
  DataPath(const DataPath&) = delete;
  /** Ends the thread and waits for it. */
  ~DataPath();

  /** @return 0 or an errno */
  int Start();
  void Post(Command command);

  const TunDevice& tun() const { return *tun_; }
  uint64_t counter(Counter which) const { return counters_[which].load(std::memory_order_relaxed); }

 private:
  struct Deadline {
    uint64_t at_ms;
    std::weak_ptr<Sa> sa;
    uint32_t owner;
    bool hard;
    bool operator>(const Deadline& other) const { return at_ms > other.at_ms; }
  };

  void Run();
  void Obey();
  void Obey(AddSa& command);
  void Obey(RemoveSa& command);
  void Obey(MoveSa& command);
  void Obey(ChangePolicy& command);
  void Obey(AddPort& command);
  void Obey(Forget& command);

  /** Reads the TUN device and sends. */
  void Outbound();
  void Send(uint8_t* packet, size_t size);
  void Inbound(EspPort& port);
  void Deliver(const EspPort& port, const Datagram& datagram);
  Sa* OutboundSa(Policy& policy, const Flow& flow);
  EspPort* PortOf(const Sa& sa);
  void TellExpiries(Sa& sa);
  void Raise(Event::Kind kind, Sa& sa);

  void Tick();
  /** Milliseconds until the next deadline, -1 for none. */
  int Timeout() const;
  void Count(Counter which, uint64_t by = 1);
  void Watch(int fd, uint32_t tag);

  const std::unique_ptr<TunDevice> tun_;
  EventSink* const sink_;
  int epoll_ = -1;
  int wake_ = -1;
  std::thread thread_;
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;
  std::vector<Command> commands_;
  /** Whether `commands_` may have some, so that the thread asks no mutex for each batch. */
  std::atomic<bool> has_commands_{false};

  SaTable sas_;
  PolicyTable in_, out_;
  std::vector<std::unique_ptr<EspPort>> ports_;
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
  std::unordered_map<Sa*, uint32_t> owners_;
  std::vector<Datagram> datagrams_;
  size_t slot_bytes_;
  std::unique_ptr<uint8_t[]> slots_;
  uint64_t now_ms_ = 0;
  uint64_t wall_ms_ = 0;
  std::atomic<uint64_t> counters_[kCounters] = {};
};

}  // namespace cygnet::esp
