#include "montgomery.h"

#include <openssl/crypto.h>

#include "montgomery-ifma.h"

#include <cstring>

// OpenSSL's assembler multiplication, which every node executable exports. It is no public interface: without it the portable code below
// does the same, two to three times slower.
extern "C" int bn_mul_mont(cygnet::crypto::Word* rp, const cygnet::crypto::Word* ap, const cygnet::crypto::Word* bp,
                           const cygnet::crypto::Word* np, const cygnet::crypto::Word* n0, int num) __attribute__((weak));

namespace cygnet::crypto {
namespace {

using DoubleWord = unsigned __int128;
typedef Word Vector __attribute__((vector_size(32)));
constexpr size_t kVectorWords = 4;
// Entries of the largest window, for `GatherWords`.
constexpr size_t kEntries = 1 << 5;

// Exponent bits per multiplication: the table costs 2^width multiplications, and every look-up reads all of it.
size_t WindowWidth(size_t bits) { return bits <= 288 ? 4 : 5; }

/** r = t - n if t >= n, where t has one word more (0 or 1). No branch on the values. */
void Reduce(const Word* n, size_t words, Word* r, const Word* t, Word top) {
  Word difference[kMaxWords];
  Word borrow = 0;
  for (size_t i = 0; i < words; i++) {
    const DoubleWord d = static_cast<DoubleWord>(t[i]) - n[i] - borrow;
    difference[i] = static_cast<Word>(d);
    borrow = static_cast<Word>(d >> 64) & 1;
  }
  // Keep t when it was smaller: the subtraction borrowed more than the top word could lend.
  const Word keep = Word{0} - static_cast<Word>(borrow > top);
  for (size_t i = 0; i < words; i++) r[i] = (t[i] & keep) | (difference[i] & ~keep);
}

/** a = 2^count * a mod n, in words. */
void DoubleMod(const Word* n, size_t words, Word* a, size_t count) {
  Word t[kMaxWords];
  for (; count > 0; count--) {
    Word carry = 0;
    for (size_t i = 0; i < words; i++) {
      t[i] = a[i] << 1 | carry;
      carry = a[i] >> 63;
    }
    Reduce(n, words, a, t, carry);
  }
}

/** -1/n mod 2^64 of an odd n. Newton's iteration doubles the number of correct bits: 5, 10, ... 80. */
Word NegativeInverse(Word n) {
  Word inverse = n * 3 ^ 2;
  for (int i = 0; i < 4; i++) inverse *= 2 - n * inverse;
  return Word{0} - inverse;
}

[[gnu::always_inline]] inline void GatherWords(Word* out, const Word* table, size_t words, size_t entries, size_t index) {
  Word masks[kEntries];
  for (size_t e = 0; e < entries; e++) {
    const Word difference = e ^ index;
    masks[e] = Word{0} - (((difference | (Word{0} - difference)) >> 63) ^ 1);
  }
  for (size_t w = 0; w < words; w += kVectorWords) {
    Vector sum = {};
    for (size_t e = 0; e < entries; e++) {
      const Vector mask = {masks[e], masks[e], masks[e], masks[e]};
      sum |= *reinterpret_cast<const Vector*>(table + e * words + w) & mask;
    }
    memcpy(out + w, &sum, sizeof sum);
  }
}

void GatherPlain(Word* out, const Word* table, size_t words, size_t entries, size_t index) {
  GatherWords(out, table, words, entries, index);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void GatherAvx2(Word* out, const Word* table, size_t words, size_t entries, size_t index) {
  GatherWords(out, table, words, entries, index);
}
#endif

using GatherFunction = void (*)(Word*, const Word*, size_t, size_t, size_t);

GatherFunction ChooseGather() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return GatherAvx2;
#endif
  return GatherPlain;
}

}  // namespace

Form FasterForm(size_t octets) { return HasIfma(octets) ? Form::kDigits : Form::kWords; }

void InitModulus(Modulus& m, const uint8_t* bigEndian, size_t size, Form form) {
  const size_t words = size / 8;
  Word n[kMaxWords], one[kMaxWords], rr[kMaxWords];
  ReadWords(n, words, bigEndian);
  // The groups' primes have their top bit set, so 2^(64 * words) mod n is that minus n.
  Word borrow = 0;
  for (size_t i = 0; i < words; i++) {
    const DoubleWord d = static_cast<DoubleWord>(0) - n[i] - borrow;
    one[i] = static_cast<Word>(d);
    borrow = static_cast<Word>(d >> 64) & 1;
  }
  m.form = form;
  m.octets = size;
  m.digits = form == Form::kDigits ? DigitsOf(size) : words;
  m.words = form == Form::kDigits ? (m.digits + 7) / 8 * 8 : words;
  m.n0[0] = NegativeInverse(n[0]);
  m.n0[1] = 0;
  const size_t radixBits = form == Form::kDigits ? 52 * m.digits : 64 * words;
  DoubleMod(n, words, one, radixBits - 64 * words);
  memcpy(rr, one, size);
  DoubleMod(n, words, rr, radixBits);
  const auto keep = [&](Word* out, const Word* in) {
    if (form == Form::kDigits) ToDigits(m, out, in);
    else memcpy(out, in, size);
  };
  keep(m.n, n);
  keep(m.one, one);
  keep(m.rr, rr);
}

void PortableMultiply(const Modulus& m, Word* r, const Word* a, const Word* b) {
  Word t[kMaxWords + 2] = {};
  for (size_t i = 0; i < m.words; i++) {
    Word carry = 0;
    for (size_t j = 0; j < m.words; j++) {
      const DoubleWord sum = static_cast<DoubleWord>(a[j]) * b[i] + t[j] + carry;
      t[j] = static_cast<Word>(sum);
      carry = static_cast<Word>(sum >> 64);
    }
    DoubleWord sum = static_cast<DoubleWord>(t[m.words]) + carry;
    t[m.words] = static_cast<Word>(sum);
    t[m.words + 1] = static_cast<Word>(sum >> 64);

    const Word factor = t[0] * m.n0[0];
    carry = static_cast<Word>((static_cast<DoubleWord>(factor) * m.n[0] + t[0]) >> 64);
    for (size_t j = 1; j < m.words; j++) {
      const DoubleWord product = static_cast<DoubleWord>(factor) * m.n[j] + t[j] + carry;
      t[j - 1] = static_cast<Word>(product);
      carry = static_cast<Word>(product >> 64);
    }
    sum = static_cast<DoubleWord>(t[m.words]) + carry;
    t[m.words - 1] = static_cast<Word>(sum);
    t[m.words] = t[m.words + 1] + static_cast<Word>(sum >> 64);
  }
  Reduce(m.n, m.words, r, t, t[m.words]);
  OPENSSL_cleanse(t, sizeof t);
}

bool HasAssembler() { return bn_mul_mont != nullptr; }

void MontgomeryMultiply(const Modulus& m, Word* r, const Word* a, const Word* b) {
  if (m.form == Form::kDigits) return MultiplyDigits(m, r, a, b);
  // It returns 0 for sizes that its platform has no code for.
  if (bn_mul_mont != nullptr && bn_mul_mont(r, a, b, m.n, m.n0, static_cast<int>(m.words)) != 0) return;
  PortableMultiply(m, r, a, b);
}

void ReadWords(Word* out, size_t words, const uint8_t* in) {
  for (size_t i = 0; i < words; i++) {
    const uint8_t* word = in + 8 * (words - 1 - i);
    Word value = 0;
    for (size_t j = 0; j < 8; j++) value = value << 8 | word[j];
    out[i] = value;
  }
}

void WriteWords(uint8_t* out, size_t words, const Word* in) {
  for (size_t i = 0; i < words; i++) {
    uint8_t* word = out + 8 * (words - 1 - i);
    for (size_t j = 0; j < 8; j++) word[j] = static_cast<uint8_t>(in[i] >> (56 - 8 * j));
  }
}

void FromBytes(const Modulus& m, Word* out, const uint8_t* in) {
  if (m.form == Form::kWords) return ReadWords(out, m.words, in);
  Word words[kMaxWords];
  ReadWords(words, m.octets / 8, in);
  ToDigits(m, out, words);
  OPENSSL_cleanse(words, m.octets);
}

void ToBytes(const Modulus& m, uint8_t* out, const Word* in) {
  if (m.form == Form::kWords) return WriteWords(out, m.words, in);
  Word words[kMaxWords];
  FromDigits(m, words, in);
  WriteWords(out, m.octets / 8, words);
  OPENSSL_cleanse(words, m.octets);
}

void ToMontgomery(const Modulus& m, Word* r, const Word* a) { MontgomeryMultiply(m, r, a, m.rr); }

void FromMontgomery(const Modulus& m, Word* r, const Word* a) {
  alignas(64) Word one[kMaxWords] = {1};
  MontgomeryMultiply(m, r, a, one);
}

void Gather(const Modulus& m, Word* out, const Word* table, size_t entries, size_t index) {
  static const GatherFunction gather = ChooseGather();
  gather(out, table, m.words, entries, index);
}

size_t ExponentWindow(const uint8_t* exponent, size_t size, size_t at, size_t width) {
  const size_t low = at / 8;
  size_t pair = low < size ? exponent[size - 1 - low] : 0;
  if (low + 1 < size) pair |= static_cast<size_t>(exponent[size - 2 - low]) << 8;
  return pair >> (at % 8) & ((size_t{1} << width) - 1);
}

void MontgomeryPower(const Modulus& m, Word* r, const Word* base, const uint8_t* exponent, size_t size, size_t bits) {
  alignas(64) Word table[kEntries * kMaxWords];
  alignas(64) Word value[kMaxWords];
  alignas(64) Word factor[kMaxWords];
  const size_t width = WindowWidth(bits);
  const size_t entries = size_t{1} << width;
  memcpy(table, m.one, m.bytes());
  memcpy(table + m.words, base, m.bytes());
  for (size_t e = 2; e < entries; e++) {
    // Even powers by squaring, which OpenSSL does faster for some sizes.
    const size_t half = e / 2;
    const Word* other = table + (e % 2 == 0 ? half : e - 1) * m.words;
    MontgomeryMultiply(m, table + e * m.words, other, e % 2 == 0 ? other : base);
  }
  size_t at = (bits + width - 1) / width * width - width;
  Gather(m, value, table, entries, ExponentWindow(exponent, size, at, width));
  while (at > 0) {
    at -= width;
    for (size_t i = 0; i < width; i++) MontgomeryMultiply(m, value, value, value);
    Gather(m, factor, table, entries, ExponentWindow(exponent, size, at, width));
    MontgomeryMultiply(m, value, value, factor);
  }
  memcpy(r, value, m.bytes());
  OPENSSL_cleanse(table, entries * m.bytes());
  OPENSSL_cleanse(value, m.bytes());
  OPENSSL_cleanse(factor, m.bytes());
}

}  // namespace cygnet::crypto
