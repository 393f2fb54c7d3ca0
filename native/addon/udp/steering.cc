#include "udp/steering.h"

#include <arpa/inet.h>

#include <cstring>

namespace cygnet {

namespace {

constexpr uint32_t kFactors[3] = {0x85ebca6b, 0xc2b2ae35, 0x9e3779b1};
constexpr uint32_t kShifts[3] = {13, 16, 15};

constexpr uint16_t kIkePort = 500;
constexpr uint32_t kMarkerBytes = 4;
constexpr uint32_t kHeaderBytesOfIke = 28;
constexpr uint32_t kResponderAt = 8;
constexpr uint32_t kVersionAt = 17;
constexpr uint32_t kFlagsAt = 19;
constexpr uint32_t kInitiatorFlag = 0x08;
constexpr uint32_t kMajorMask = 0xf0;
constexpr uint32_t kMajor2 = 0x20;

uint32_t Word(const uint8_t* at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return ntohl(value);
}

/** Appends instructions; a load behind the end of the datagram ends the program with 0. */
class Assembler {
 public:
  explicit Assembler(std::vector<sock_filter>* out) : out_(*out) {}

  void Op(uint16_t code, uint32_t k = 0) { out_.push_back(sock_filter{code, 0, 0, k}); }
  void LoadWord(uint32_t at) { Op(BPF_LD | BPF_W | BPF_ABS, at); }
  void LoadByte(uint32_t at) { Op(BPF_LD | BPF_B | BPF_ABS, at); }
  void Return(uint32_t value) { Op(BPF_RET | BPF_K, value); }
  /** Skips the next instruction when A `condition` k. */
  void SkipIf(uint16_t condition, uint32_t k) { out_.push_back(sock_filter{Code(condition), 1, 0, k}); }
  /** A jump ahead, to where `Land` is called with what it returns. */
  size_t Jump() {
    Op(BPF_JMP | BPF_JA);
    return out_.size() - 1;
  }
  void Land(size_t jump) { out_[jump].k = static_cast<uint32_t>(out_.size() - jump - 1); }

  /** Returns the shard of the SPI at `at`. */
  void ReturnShard(uint32_t at, const Steering& steering) {
    LoadWord(at);
    Op(BPF_ALU | BPF_XOR | BPF_K, steering.word0);
    Mix(0);
    Op(BPF_ST, 0);
    LoadWord(at + 4);
    Op(BPF_ALU | BPF_XOR | BPF_K, steering.word1);
    Op(BPF_LDX | BPF_MEM, 0);
    Op(BPF_ALU | BPF_ADD | BPF_X);
    Mix(1);
    Mix(2);
    Op(BPF_ALU | BPF_MOD | BPF_K, steering.shards);
    Op(BPF_RET | BPF_A);
  }

 private:
  static uint16_t Code(uint16_t condition) { return BPF_JMP | BPF_K | condition; }

  /** A *= factor; A ^= A >> shift */
  void Mix(int round) {
    Op(BPF_ALU | BPF_MUL | BPF_K, kFactors[round]);
    Op(BPF_MISC | BPF_TAX);
    Op(BPF_ALU | BPF_RSH | BPF_K, kShifts[round]);
    Op(BPF_ALU | BPF_XOR | BPF_X);
  }

  std::vector<sock_filter>& out_;
};

uint32_t Mix(uint32_t x, int round) {
  x *= kFactors[round];
  return x ^ (x >> kShifts[round]);
}

}  // namespace

uint32_t Steering::ShardOfSpi(uint32_t hi, uint32_t lo) const {
  const uint32_t x = Mix(hi ^ word0, 0);
  return Mix(Mix(x + (lo ^ word1), 1), 2) % shards;
}

uint32_t Steering::ShardOf(const uint8_t* data, size_t length, uint16_t source_port) const {
  const bool marked = nat_t && !(plain_from_500 && source_port == kIkePort);
  const size_t at = marked ? kMarkerBytes : 0;
  if (length < at + kHeaderBytesOfIke || (marked && Word(data) != 0)) return 0;
  const uint8_t* ike = data + at;
  const bool from_initiator = (ike[kVersionAt] & kMajorMask) == kMajor2 && (ike[kFlagsAt] & kInitiatorFlag) != 0;
  const uint32_t hi = Word(ike + kResponderAt);
  const uint32_t lo = Word(ike + kResponderAt + 4);
  if (from_initiator && (hi | lo) != 0) return ShardOfSpi(hi, lo);
  return ShardOfSpi(Word(ike), Word(ike + 4));
}

std::vector<sock_filter> Steering::Program() const {
  std::vector<sock_filter> program;
  Assembler code(&program);
  const uint32_t at = nat_t ? kMarkerBytes : 0;

  code.Op(BPF_LD | BPF_W | BPF_LEN);
  code.SkipIf(BPF_JGE, at + kHeaderBytesOfIke);
  code.Return(0);
  if (nat_t) {
    code.LoadWord(0);
    code.SkipIf(BPF_JEQ, 0);
    code.Return(others);
  }
  code.LoadByte(at + kVersionAt);
  code.Op(BPF_ALU | BPF_AND | BPF_K, kMajorMask);
  code.SkipIf(BPF_JEQ, kMajor2);
  const size_t other_version = code.Jump();
  code.LoadByte(at + kFlagsAt);
  code.SkipIf(BPF_JSET, kInitiatorFlag);
  const size_t from_responder = code.Jump();
  code.LoadWord(at + kResponderAt);
  code.Op(BPF_MISC | BPF_TAX);
  code.LoadWord(at + kResponderAt + 4);
  code.Op(BPF_ALU | BPF_OR | BPF_X);
  // JGT 0: there is a responder's SPI.
  code.SkipIf(BPF_JGT, 0);
  const size_t no_responder = code.Jump();
  code.ReturnShard(at + kResponderAt, *this);
  code.Land(other_version);
  code.Land(from_responder);
  code.Land(no_responder);
  code.ReturnShard(at, *this);
  return program;
}

}  // namespace cygnet
