#include "udp/first-filter.h"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <cerrno>
#include <cmath>
#include <iterator>

namespace cygnet {

namespace {

/** A socket's filter sees the UDP header, too. */
constexpr uint32_t kUdpHeader = 8;
/** Up to the type of a notify payload behind the IKE header. Whatever is shorter is delivered: it costs little. */
constexpr uint32_t kLeast = kUdpHeader + 4 + 36;

constexpr uint8_t kAccept = 0xff;
constexpr uint8_t kThin = 0xfe;

/** A conditional jump; its targets may be kAccept and kThin, which are replaced by where those are. */
sock_filter Jump(uint16_t condition, uint32_t k, uint8_t if_true, uint8_t if_false) {
  return BPF_JUMP(BPF_JMP | BPF_K | condition, k, if_true, if_false);
}

}  // namespace

int DeliverFirst(int fd, double share) {
  if (share >= 1) {
    const int none = 0;
    const int result = setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
    // ENOENT: there was none.
    return result == 0 || errno == ENOENT ? 0 : errno;
  }
  const auto below = static_cast<uint32_t>(std::ldexp(share < 0 ? 0 : share, 32));
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      Jump(BPF_JGE, kLeast, 0, kAccept),
      // X is the length of the non-ESP marker.
      BPF_STMT(BPF_LDX | BPF_IMM, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kUdpHeader),
      Jump(BPF_JEQ, 0, 0, 1),
      BPF_STMT(BPF_LDX | BPF_IMM, 4),
      // The responder's SPI.
      BPF_STMT(BPF_LD | BPF_W | BPF_IND, kUdpHeader + 8),
      Jump(BPF_JEQ, 0, 0, kAccept),
      BPF_STMT(BPF_LD | BPF_W | BPF_IND, kUdpHeader + 12),
      Jump(BPF_JEQ, 0, 0, kAccept),
      // The major version.
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, kUdpHeader + 17),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
      Jump(BPF_JEQ, 0x10, 0, 3),
      // IKEv1: Main and Aggressive Mode.
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, kUdpHeader + 18),
      Jump(BPF_JEQ, 2, kThin, 0),
      Jump(BPF_JEQ, 4, kThin, kAccept),
      // IKE_SA_INIT that is no response.
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, kUdpHeader + 18),
      Jump(BPF_JEQ, 34, 0, kAccept),
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, kUdpHeader + 19),
      Jump(BPF_JSET, 0x20, kAccept, 0),
      // A COOKIE comes first.
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, kUdpHeader + 16),
      Jump(BPF_JEQ, 41, 0, kThin),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, kUdpHeader + 34),
      Jump(BPF_JEQ, 16390, kAccept, kThin),
      // kThin
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, below, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      // kAccept
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  constexpr size_t length = std::size(code);
  for (size_t at = 0; at < length; at++) {
    for (uint8_t* target : {&code[at].jt, &code[at].jf}) {
      if (*target == kAccept) *target = static_cast<uint8_t>(length - 1 - at - 1);
      if (*target == kThin) *target = static_cast<uint8_t>(length - 4 - at - 1);
    }
  }
  const sock_fprog program{length, code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : errno;
}

bool DropsOf(int fd, uint32_t* drops) {
  uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof memory;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) != 0) return false;
  if (size <= SK_MEMINFO_DROPS * sizeof(uint32_t)) return false;
  *drops = memory[SK_MEMINFO_DROPS];
  return true;
}

}  // namespace cygnet
