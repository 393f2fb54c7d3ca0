#include "modp-group.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>

#include <cstring>
#include <iterator>
#include <new>

namespace cygnet::crypto {
namespace {

struct GroupEntry {
  const char* name;
  size_t exponentBits;
  BIGNUM* (*prime)(BIGNUM*);
  DH* (*parameters)();
};

// Twice the strength of the group at least. The groups below 2048 bits have less than 80 (RFC 3766 section 5), 1536 bits 90 (RFC 3526
// section 8): an attacker breaks the group before an exponent of 160 or 192 bits. Above, least exponents by RFC 7919 appendix A: 3072
// bits 275, 4096 325, 6144 375, 8192 400.
constexpr GroupEntry kGroups[ModpGroup::kCount] = {
    {"768", 160, BN_get_rfc2409_prime_768, nullptr},
    {"1024", 160, BN_get_rfc2409_prime_1024, nullptr},
    {"1536", 192, BN_get_rfc3526_prime_1536, nullptr},
    {"2048", 256, BN_get_rfc3526_prime_2048, nullptr},
    {"3072", 288, BN_get_rfc3526_prime_3072, nullptr},
    {"4096", 352, BN_get_rfc3526_prime_4096, nullptr},
    {"6144", 384, BN_get_rfc3526_prime_6144, nullptr},
    {"8192", 416, BN_get_rfc3526_prime_8192, nullptr},
    {"1024_160", 160, nullptr, DH_get_1024_160},
    {"2048_224", 224, nullptr, DH_get_2048_224},
    {"2048_256", 256, nullptr, DH_get_2048_256},
};

// Exponent bits per entry of the generator's table. Five would need fewer multiplications, and read 60 % more memory for each power.
constexpr size_t kTableWidth = 4;

}  // namespace

struct ModpGroup::Table {
  Table(size_t width, size_t positions, size_t words)
      : width(width), positions(positions), entries(size_t{1} << width), words(words) {
    values = static_cast<Word*>(::operator new(positions * entries * words * sizeof(Word), kAlignment));
  }
  ~Table() { ::operator delete(values, kAlignment); }
  Word* Position(size_t position) const { return values + position * entries * words; }

  static constexpr std::align_val_t kAlignment{64};
  const size_t width, positions, entries, words;
  Word* values;
};

size_t ModpGroup::Find(const char* name) {
  for (size_t i = 0; i < kCount; i++) {
    if (strcmp(kGroups[i].name, name) == 0) return i;
  }
  return kCount;
}

const ModpGroup* ModpGroup::Get(size_t index) {
  struct Slot {
    std::once_flag once;
    std::unique_ptr<ModpGroup> group;
  };
  // Never freed: worker threads may still use a group while the process ends.
  static Slot* slots = new Slot[kCount];
  Slot& slot = slots[index];
  std::call_once(slot.once, [&] {
    std::unique_ptr<ModpGroup> group(new ModpGroup());
    if (group->Build(index)) slot.group = std::move(group);
  });
  return slot.group.get();
}

bool ModpGroup::Build(size_t index) {
  const GroupEntry& entry = kGroups[index];
  exponentBits_ = entry.exponentBits;
  BIGNUM* prime = nullptr;
  BIGNUM* generator = nullptr;
  if (entry.prime != nullptr) {
    prime = entry.prime(nullptr);
    generator = BN_new();
    if (generator != nullptr) BN_set_word(generator, 2);
  } else if (DH* dh = entry.parameters(); dh != nullptr) {
    const BIGNUM *p, *q, *g;
    DH_get0_pqg(dh, &p, &q, &g);
    prime = BN_dup(p);
    generator = BN_dup(g);
    order_.resize(static_cast<size_t>(BN_num_bytes(q)));
    BN_bn2bin(q, order_.data());
    DH_free(dh);
  }
  const bool ok = prime != nullptr && generator != nullptr && BN_num_bytes(prime) % 32 == 0;
  if (ok) {
    prime_.resize(static_cast<size_t>(BN_num_bytes(prime)));
    std::vector<uint8_t> g(prime_.size());
    BN_bn2bin(prime, prime_.data());
    BN_bn2binpad(generator, g.data(), static_cast<int>(g.size()));
    InitModulus(modulus_, prime_.data(), prime_.size(), FasterForm(prime_.size()));
    FromBytes(modulus_, generator_, g.data());
    ToMontgomery(modulus_, generator_, generator_);
  }
  BN_free(prime);
  BN_free(generator);
  return ok;
}

bool ModpGroup::IsPublic(const uint8_t* value) const {
  const size_t size = prime_.size();
  // p is odd, so p - 1 differs from it in the last octet only.
  const int order = memcmp(value, prime_.data(), size - 1);
  if (order > 0 || (order == 0 && value[size - 1] >= prime_[size - 1] - 1)) return false;
  uint8_t high = 0;
  for (size_t i = 0; i + 1 < size; i++) high |= value[i];
  if (high == 0 && value[size - 1] <= 1) return false;
  if (order_.empty()) return true;
  alignas(64) Word y[kMaxWords];
  FromBytes(modulus_, y, value);
  ToMontgomery(modulus_, y, y);
  MontgomeryPower(modulus_, y, y, order_.data(), order_.size(), order_.size() * 8);
  FromMontgomery(modulus_, y, y);
  const Word one[kMaxWords] = {1};
  return memcmp(y, one, modulus_.bytes()) == 0;
}

bool ModpGroup::IsPrivate(const uint8_t* exponent) const {
  const size_t size = exponentBytes();
  uint8_t high = 0;
  for (size_t i = 0; i + 1 < size; i++) high |= exponent[i];
  if (high == 0 && exponent[size - 1] <= 1) return false;
  if (order_.empty()) return true;
  // exponent < order, by the borrow of the subtraction.
  unsigned borrow = 0;
  for (size_t i = size; i-- > 0;) borrow = static_cast<unsigned>(exponent[i] - order_[i] - static_cast<int>(borrow)) >> 31;
  return borrow == 1;
}

const ModpGroup::Table& ModpGroup::GeneratorTable() const {
  std::call_once(tableOnce_, [this] {
    const Modulus& m = modulus_;
    const size_t width = kTableWidth;
    auto table = std::make_shared<Table>(width, (exponentBits_ + width - 1) / width, m.words);
    alignas(64) Word base[kMaxWords];
    memcpy(base, generator_, m.bytes());
    for (size_t position = 0; position < table->positions; position++) {
      Word* row = table->Position(position);
      memcpy(row, m.one, m.bytes());
      for (size_t e = 1; e < table->entries; e++) MontgomeryMultiply(m, row + e * m.words, row + (e - 1) * m.words, base);
      MontgomeryMultiply(m, base, row + (table->entries - 1) * m.words, base);
    }
    table_ = std::move(table);
  });
  return *table_;
}

void ModpGroup::PowerOfGenerator(uint8_t* out, const uint8_t* exponent) const {
  const Table& table = GeneratorTable();
  const Modulus& m = modulus_;
  const size_t size = exponentBytes();
  alignas(64) Word value[kMaxWords];
  alignas(64) Word factor[kMaxWords];
  Gather(m, value, table.Position(0), table.entries, ExponentWindow(exponent, size, 0, table.width));
  for (size_t position = 1; position < table.positions; position++) {
    Gather(m, factor, table.Position(position), table.entries, ExponentWindow(exponent, size, position * table.width, table.width));
    MontgomeryMultiply(m, value, value, factor);
  }
  FromMontgomery(m, value, value);
  ToBytes(m, out, value);
  OPENSSL_cleanse(value, m.bytes());
  OPENSSL_cleanse(factor, m.bytes());
}

void ModpGroup::Power(uint8_t* out, const uint8_t* value, const uint8_t* exponent) const {
  const Modulus& m = modulus_;
  alignas(64) Word y[kMaxWords];
  FromBytes(m, y, value);
  ToMontgomery(m, y, y);
  MontgomeryPower(m, y, y, exponent, exponentBytes(), exponentBits_);
  FromMontgomery(m, y, y);
  ToBytes(m, out, y);
  OPENSSL_cleanse(y, m.bytes());
}

}  // namespace cygnet::crypto
