#include "ring/inbox-memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace cygnet {

namespace {

constexpr uint32_t kMagic = 0x63796768;
constexpr size_t kPage = 4096;
/** Stands where a length would: the rest of the lane up to its end is unused. */
constexpr uint32_t kSkip = UINT32_MAX;

size_t PageUp(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }
size_t RecordBytes(uint32_t length) { return kHeaderBytes + AlignUp(length); }

}  // namespace

size_t InboxMemory::DataAt(uint32_t lanes) { return PageUp(sizeof(Head) + size_t{lanes} * sizeof(LaneHead)); }

size_t InboxMemory::TotalBytes(uint32_t lanes, uint32_t lane_bytes) {
  return DataAt(lanes) + size_t{lanes} * lane_bytes;
}

int InboxMemory::Create(uint32_t lanes, uint32_t lane_bytes) {
  const auto bytes = static_cast<uint32_t>(PageUp(std::clamp(lane_bytes, kMinLaneBytes, kMaxLaneBytes)));
  const int fd = memfd_create("cygnet-inbox", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  const size_t total = TotalBytes(lanes, bytes);
  Head head{};
  head.magic = kMagic;
  head.lanes = lanes;
  head.lane_bytes = bytes;
  // The rest is zero, which is an empty lane. Its size is fixed: no access can meet a page that is gone.
  const bool made = ftruncate(fd, static_cast<off_t>(total)) == 0 &&
                    pwrite(fd, &head, sizeof head, 0) == static_cast<ssize_t>(sizeof head) &&
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
  if (made) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

std::shared_ptr<InboxMemory> InboxMemory::Map(int fd) {
  Head head;
  struct stat status;
  if (fstat(fd, &status) != 0) return nullptr;
  const bool is_ours = S_ISREG(status.st_mode) && pread(fd, &head, sizeof head, 0) == static_cast<ssize_t>(sizeof head) &&
                       head.magic == kMagic && head.lanes > 0 && head.lanes <= kMaxLanes &&
                       head.lane_bytes >= kMinLaneBytes && head.lane_bytes <= kMaxLaneBytes &&
                       head.lane_bytes % kPage == 0 &&
                       static_cast<size_t>(status.st_size) == TotalBytes(head.lanes, head.lane_bytes);
  if (!is_ours) {
    errno = EINVAL;
    return nullptr;
  }
  const auto bytes = static_cast<size_t>(status.st_size);
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return nullptr;
  return std::shared_ptr<InboxMemory>(new InboxMemory(static_cast<uint8_t*>(base), bytes));
}

InboxMemory::InboxMemory(uint8_t* base, size_t bytes)
    : base_(base),
      bytes_(bytes),
      head_(reinterpret_cast<Head*>(base)),
      lanes_(head_->lanes),
      lane_bytes_(head_->lane_bytes) {}

InboxMemory::~InboxMemory() { munmap(base_, bytes_); }

bool InboxMemory::Push(uint32_t lane, const PacketHeader& header, const uint8_t* payload, uint32_t share) {
  LaneHead& ends = lane_head(lane);
  const uint64_t tail = ends.tail.load(std::memory_order_relaxed);
  const uint64_t used = tail - ends.head.load(std::memory_order_acquire);
  const size_t size = RecordBytes(header.length);
  const size_t at = tail % lane_bytes_;
  const size_t to_end = lane_bytes_ - at;
  const size_t skipped = to_end < size ? to_end : 0;
  if (header.length > kMaxDatagram || used + skipped + size > lane_bytes_ / share) {
    ends.dropped.store(ends.dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  uint8_t* const data = lane_data(lane);
  // A record is a multiple of kAlign, so there is always room for the mark.
  if (skipped > 0) memcpy(data + at, &kSkip, sizeof kSkip);
  uint8_t* const record = data + (skipped > 0 ? 0 : at);
  memcpy(record, &header, sizeof header);
  // An empty payload may stand nowhere.
  if (header.length > 0) memcpy(record + kHeaderBytes, payload, header.length);
  ends.tail.store(tail + skipped + size, std::memory_order_release);
  ends.forwarded.store(ends.forwarded.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return true;
}

const PacketHeader* InboxMemory::Front(uint32_t lane) {
  LaneHead& ends = lane_head(lane);
  uint64_t head = ends.head.load(std::memory_order_relaxed);
  const uint64_t tail = ends.tail.load(std::memory_order_acquire);
  if (head == tail) return nullptr;
  const uint8_t* const data = lane_data(lane);
  uint32_t length;
  memcpy(&length, data + head % lane_bytes_, sizeof length);
  if (length == kSkip) {
    head += lane_bytes_ - head % lane_bytes_;
    ends.head.store(head, std::memory_order_release);
  }
  return reinterpret_cast<const PacketHeader*>(data + head % lane_bytes_);
}

void InboxMemory::Pop(uint32_t lane) {
  LaneHead& ends = lane_head(lane);
  const uint64_t head = ends.head.load(std::memory_order_relaxed);
  uint32_t length;
  memcpy(&length, lane_data(lane) + head % lane_bytes_, sizeof length);
  ends.head.store(head + RecordBytes(length), std::memory_order_release);
}

}  // namespace cygnet
