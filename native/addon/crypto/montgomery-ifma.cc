#include "montgomery-ifma.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cygnet::crypto {
namespace {

constexpr size_t kDigitBits = 52;
constexpr Word kDigitMask = (Word{1} << kDigitBits) - 1;

}  // namespace

void ToDigits(const Modulus& m, Word* digits, const Word* words) {
  const size_t count = m.octets / 8;
  for (size_t i = 0; i < m.words; i++) {
    const size_t bit = i * kDigitBits, at = bit / 64, shift = bit % 64;
    Word digit = at < count ? words[at] >> shift : 0;
    if (shift > 64 - kDigitBits && at + 1 < count) digit |= words[at + 1] << (64 - shift);
    digits[i] = digit & kDigitMask;
  }
}

void FromDigits(const Modulus& m, Word* words, const Word* digits) {
  const size_t count = m.octets / 8;
  memset(words, 0, m.octets);
  for (size_t i = 0; i < m.digits; i++) {
    const size_t bit = i * kDigitBits, at = bit / 64, shift = bit % 64;
    if (at < count) words[at] |= digits[i] << shift;
    if (shift > 64 - kDigitBits && at + 1 < count) words[at + 1] |= digits[i] >> (64 - shift);
  }
}

#if defined(__x86_64__)

namespace {

/** Carries what lanes have above 52 bits to the next ones. `low` is lane 0. */
template <size_t kVectors>
[[gnu::target("avx512f,avx512vl,avx512ifma")]] inline void Normalize(Word* r, const __m512i* lanes, Word low) {
  const __m512i mask = _mm512_set1_epi64(kDigitMask);
  const __m512i one = _mm512_set1_epi64(1);
  __m512i below = _mm512_setzero_si512();
  unsigned carry = 0;
  for (size_t i = 0; i < kVectors; i++) {
    const __m512i lane = i == 0 ? _mm512_mask_set1_epi64(lanes[0], 1, static_cast<long long>(low)) : lanes[i];
    const __m512i high = _mm512_srli_epi64(lane, kDigitBits);
    const __m512i sum = _mm512_add_epi64(_mm512_and_si512(lane, mask), _mm512_alignr_epi64(high, below, 7));
    below = high;
    // What is left to carry is one at most. It passes through digits that are all ones, which an addition of the lanes' bits finds out.
    const unsigned full = _mm512_cmpeq_epu64_mask(sum, mask);
    const unsigned over = _mm512_cmpgt_epu64_mask(sum, mask);
    const unsigned ripple = (over << 1 | carry) + full;
    carry = ripple >> 8;
    const __m512i carried = _mm512_mask_add_epi64(sum, static_cast<__mmask8>(ripple ^ full), sum, one);
    _mm512_store_si512(r + 8 * i, _mm512_and_si512(carried, mask));
  }
}

/**
 * Digit by digit of b: lanes += a * b[j] + n * factor, where the factor makes the lowest digit 0, then all lanes move down by one.
 *
 * A factor depends on the one before through the lowest digit only, which is computed aside in `low` so that it need not wait for the lanes.
 * For the same reason the high halves, which belong one lane higher, are added after the move.
 */
template <size_t kVectors>
[[gnu::target("avx512f,avx512vl,avx512ifma")]] void Multiply(const Modulus& m, Word* r, const Word* a, const Word* b) {
  using DoubleWord = unsigned __int128;
  const __m512i zero = _mm512_setzero_si512();
  __m512i lanes[kVectors], high[kVectors];
  for (size_t i = 0; i < kVectors; i++) lanes[i] = zero;
  Word low = 0;
  for (size_t j = 0; j < m.digits; j++) {
    const __m512i digit = _mm512_set1_epi64(static_cast<long long>(b[j]));
    DoubleWord lowest = static_cast<DoubleWord>(a[0]) * b[j] + low;
    const Word factor = static_cast<Word>(lowest) * m.n0[0] & kDigitMask;
    const __m512i factors = _mm512_set1_epi64(static_cast<long long>(factor));
    for (size_t i = 0; i < kVectors; i++) {
      const __m512i part = _mm512_load_si512(a + 8 * i);
      lanes[i] = _mm512_add_epi64(lanes[i], _mm512_madd52lo_epu64(zero, part, digit));
      high[i] = _mm512_madd52hi_epu64(zero, part, digit);
    }
    lowest += static_cast<DoubleWord>(m.n[0]) * factor;
    const auto second = static_cast<Word>(_mm_cvtsi128_si64(_mm512_castsi512_si128(_mm512_alignr_epi64(lanes[0], lanes[0], 1))));
    low = static_cast<Word>(lowest >> kDigitBits) + second + (m.n[1] * factor & kDigitMask);
    for (size_t i = 0; i < kVectors; i++) {
      const __m512i n = _mm512_load_si512(m.n + 8 * i);
      lanes[i] = _mm512_madd52lo_epu64(lanes[i], n, factors);
      high[i] = _mm512_madd52hi_epu64(high[i], n, factors);
    }
    for (size_t i = 0; i < kVectors; i++) {
      const __m512i above = i + 1 < kVectors ? lanes[i + 1] : zero;
      lanes[i] = _mm512_add_epi64(high[i], _mm512_alignr_epi64(above, lanes[i], 1));
    }
  }
  Normalize<kVectors>(r, lanes, low);
}

}  // namespace

bool HasIfma(size_t octets) {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512ifma");
  // Larger ones do not fit into the registers.
  return has && octets <= 512;
}

void MultiplyDigits(const Modulus& m, Word* r, const Word* a, const Word* b) {
  switch (m.words / 8) {
    case 2: return Multiply<2>(m, r, a, b);
    case 3: return Multiply<3>(m, r, a, b);
    case 4: return Multiply<4>(m, r, a, b);
    case 5: return Multiply<5>(m, r, a, b);
    case 8: return Multiply<8>(m, r, a, b);
    default: return Multiply<10>(m, r, a, b);
  }
}

#else

bool HasIfma(size_t) { return false; }
void MultiplyDigits(const Modulus&, Word*, const Word*, const Word*) {}

#endif

}  // namespace cygnet::crypto
