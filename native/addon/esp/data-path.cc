#include "esp/data-path.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cygnet::esp {

namespace {

/** Batches from one side before the other gets its turn, and commands theirs. */
constexpr int kTurns = 4;
/** The longest sleep before a deadline. It does not end with the suspension of the machine, whose time lifetimes count. */
constexpr uint64_t kMaxSleepMs = 10'000;
constexpr uint32_t kTagWake = 0, kTagTun = 1, kTagPorts = 2;

uint64_t ClockMs(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

/** Slots begin on a cache line. */
size_t SlotBytes(uint32_t mtu) { return (Sa::kHeadroom + mtu + Sa::kTailroom + 63) / 64 * 64; }

}  // namespace

DataPath::DataPath(std::unique_ptr<TunDevice> tun, EventSink* sink)
    : tun_(std::move(tun)),
      sink_(sink),
      slot_bytes_(SlotBytes(tun_->mtu())),
      slots_(std::make_unique_for_overwrite<uint8_t[]>(slot_bytes_ * EspPort::kBatch)) {}

DataPath::~DataPath() {
  stopping_.store(true);
  if (thread_.joinable()) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
    thread_.join();
  }
  if (epoll_ >= 0) close(epoll_);
  if (wake_ >= 0) close(wake_);
}

int DataPath::Start() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (epoll_ < 0 || wake_ < 0) return errno;
  Watch(wake_, kTagWake);
  Watch(tun_->fd(), kTagTun);
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "cygnet-esp");
  return 0;
}

void DataPath::Watch(int fd, uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = tag;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void DataPath::Post(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  if (has_commands_.exchange(true)) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

void DataPath::Run() {
  while (!stopping_.load(std::memory_order_relaxed)) {
    epoll_event events[8];
    const int count = epoll_wait(epoll_, events, 8, Timeout());
    now_ms_ = ClockMs(CLOCK_BOOTTIME);
    wall_ms_ = ClockMs(CLOCK_REALTIME);
    Tick();
    bool is_tun = false;
    uint64_t ports = 0;
    for (int i = 0; i < count; i++) {
      const uint32_t tag = events[i].data.u32;
      if (tag == kTagWake) {
        uint64_t value;
        [[maybe_unused]] const ssize_t taken = read(wake_, &value, sizeof value);
      } else if (tag == kTagTun) {
        is_tun = true;
      } else {
        ports |= uint64_t{1} << (tag - kTagPorts);
      }
    }
    Obey();
    if (is_tun) Outbound();
    for (size_t i = 0; i < ports_.size(); i++) {
      if (ports >> i & 1) Inbound(*ports_[i]);
    }
  }
}

void DataPath::Obey() {
  if (!has_commands_.exchange(false)) return;
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (Command& command : commands) std::visit([this](auto& c) { Obey(c); }, command);
}

void DataPath::Obey(AddSa& command) {
  now_ms_ = ClockMs(CLOCK_BOOTTIME);
  if (command.soft_ms != 0) deadlines_.push({now_ms_ + command.soft_ms, command.sa, command.owner, false});
  if (command.hard_ms != 0) deadlines_.push({now_ms_ + command.hard_ms, command.sa, command.owner, true});
  owners_[command.sa.get()] = command.owner;
  sas_.Add(std::move(command.sa));
}

void DataPath::Obey(RemoveSa& command) {
  owners_.erase(command.sa.get());
  sas_.Remove(command.sa.get());
}

void DataPath::Obey(MoveSa& command) {
  command.sa->source = command.source;
  command.sa->destination = command.destination;
  command.sa->in_udp = command.in_udp;
}

void DataPath::Obey(ChangePolicy& command) {
  PolicyTable& table = command.direction == Direction::kIn ? in_ : out_;
  if (command.add) {
    table.Add(command.selector, command.action, command.rank, command.user);
  } else {
    table.Remove(command.selector, command.action, command.rank, command.user);
  }
}

void DataPath::Obey(AddPort& command) {
  Watch(command.port->fd(), kTagPorts + static_cast<uint32_t>(ports_.size()));
  ports_.push_back(std::move(command.port));
}

void DataPath::Obey(Forget& command) {
  for (auto entry = owners_.begin(); entry != owners_.end();) {
    if (entry->second != command.owner) {
      ++entry;
    } else {
      sas_.Remove(entry->first);
      entry = owners_.erase(entry);
    }
  }
  in_.RemoveOwner(command.owner);
  out_.RemoveOwner(command.owner);
}

EspPort* DataPath::PortOf(const Sa& sa) {
  for (const auto& port : ports_) {
    if (port->family() == sa.destination.family && port->raw() != sa.in_udp) return port.get();
  }
  return nullptr;
}

void DataPath::Outbound() {
  for (int turn = 0; turn < kTurns; turn++) {
    size_t count = 0;
    for (; count < EspPort::kBatch; count++) {
      uint8_t* const packet = slots_.get() + count * slot_bytes_ + Sa::kHeadroom;
      const size_t size = tun_->Read(packet, tun_->mtu());
      if (size == 0) break;
      Send(packet, size);
    }
    for (const auto& port : ports_) port->Flush();
    if (count < EspPort::kBatch) return;
  }
}

void DataPath::Send(uint8_t* packet, size_t size) {
  Flow flow;
  const size_t length = ReadFlow(packet, size, &flow);
  Policy* const policy = length == 0 ? nullptr : out_.Find(flow);
  if (policy == nullptr) return Count(kNoPolicy);
  if (policy->action != Action::kProtect) return Count(kBlocked);
  Sa* const sa = OutboundSa(*policy, flow);
  if (sa == nullptr) return Count(kNoSa);
  EspPort* const port = PortOf(*sa);
  uint8_t* esp;
  size_t esp_size;
  if (port == nullptr || sa->Seal(packet, length, &esp, &esp_size) != Verdict::kOk) {
    Count(kDropped);
  } else {
    sa->last_use_ms.store(wall_ms_, std::memory_order_relaxed);
    port->Queue(esp, esp_size, sa->source, sa->destination);
    Count(kSent);
  }
  TellExpiries(*sa);
}

Sa* DataPath::OutboundSa(Policy& policy, const Flow& flow) {
  for (auto user = policy.users.rbegin(); user != policy.users.rend(); ++user) {
    Sa* const sa = user->spi == 0 ? nullptr : sas_.FindOutbound(user->spi, user->destination);
    if (sa != nullptr) return sa;
  }
  if (policy.acquiring || policy.users.empty()) return nullptr;
  policy.acquiring = true;
  Event event{};
  event.kind = Event::Kind::kAcquire;
  event.owner = policy.users.front().owner;
  event.reqid = policy.users.front().reqid;
  event.flow = flow;
  sink_->Raise(event);
  return nullptr;
}

void DataPath::Inbound(EspPort& port) {
  for (int turn = 0; turn < kTurns && port.Receive(&datagrams_); turn++) {
    // An SA may have been installed since, in answer to what made the peer send this.
    Obey();
    for (const Datagram& datagram : datagrams_) Deliver(port, datagram);
  }
}

void DataPath::Deliver(const EspPort& port, const Datagram& datagram) {
  Count(kReceived);
  uint32_t spi;
  // A keepalive is one octet; an IKE message begins with four zeros (RFC 3948 sections 2.2 and 2.3).
  if (datagram.size < kEspHeader) return datagram.size == 1 ? void() : Count(kNotEsp);
  memcpy(&spi, datagram.data, sizeof spi);
  if (spi == 0) return Count(kNotEsp);
  Sa* const sa = sas_.FindInbound(ntohl(spi));
  if (sa == nullptr) return Count(kUnknownSpi);
  uint8_t* packet;
  size_t size;
  Flow flow;
  if (sa->Open(datagram.data, datagram.size, &packet, &size, &flow) != Verdict::kOk) return Count(kDropped);
  sa->last_use_ms.store(wall_ms_, std::memory_order_relaxed);
  // What an SA may carry is what its policies say, not what is in the packet: RFC 4301 section 5.2.
  const Policy* const policy = in_.Find(flow);
  const bool allowed = policy != nullptr && policy->action == Action::kProtect &&
                       std::any_of(policy->users.begin(), policy->users.end(),
                                   [sa](const PolicyUser& user) { return user.reqid == sa->spec().reqid; });
  if (!allowed) {
    Count(kInboundPolicy);
  } else if (tun_->Write(packet, size)) {
    Count(kDelivered);
  } else {
    Count(kTunErrors);
  }
  // A NAT has peers in UDP only.
  const bool is_mapped = sa->in_udp && !port.raw();
  if (is_mapped && !(*datagram.source == sa->source) && !(*datagram.source == sa->reported_peer)) {
    sa->reported_peer = *datagram.source;
    Raise(Event::Kind::kMapping, *sa);
  }
  TellExpiries(*sa);
}

void DataPath::TellExpiries(Sa& sa) {
  if (sa.TakeHardExpiry()) Raise(Event::Kind::kHardExpiry, sa);
  if (sa.TakeSoftExpiry()) Raise(Event::Kind::kSoftExpiry, sa);
}

void DataPath::Raise(Event::Kind kind, Sa& sa) {
  const auto owner = owners_.find(&sa);
  if (owner == owners_.end()) return;
  Event event{};
  event.kind = kind;
  event.owner = owner->second;
  event.reqid = sa.spec().reqid;
  event.spi = sa.spec().spi;
  event.destination = sa.destination;
  event.peer = sa.reported_peer;
  sink_->Raise(event);
}

void DataPath::Tick() {
  while (!deadlines_.empty() && deadlines_.top().at_ms <= now_ms_) {
    const Deadline due = deadlines_.top();
    deadlines_.pop();
    if (const auto sa = due.sa.lock()) Raise(due.hard ? Event::Kind::kHardExpiry : Event::Kind::kSoftExpiry, *sa);
  }
}

int DataPath::Timeout() const {
  if (deadlines_.empty()) return -1;
  const uint64_t now = ClockMs(CLOCK_BOOTTIME);
  const uint64_t at = deadlines_.top().at_ms;
  return at <= now ? 0 : static_cast<int>(std::min(at - now, kMaxSleepMs));
}

void DataPath::Count(Counter which, uint64_t by) {
  counters_[which].store(counters_[which].load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace cygnet::esp
