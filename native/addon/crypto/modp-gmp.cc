#include "modp-gmp.h"

#if CYGNET_HAVE_GMP
#include <gmp.h>
#include <openssl/crypto.h>

#include <cstring>
#include <vector>
#endif

namespace cygnet::crypto {

#if CYGNET_HAVE_GMP

static_assert(sizeof(mp_limb_t) == sizeof(Word) && GMP_NAIL_BITS == 0);

const char* GmpVersion() { return gmp_version; }

bool GmpPower(const ModpGroup& group, uint8_t* out, const uint8_t* value, const uint8_t* exponent) {
  const size_t count = group.octets() / sizeof(Word);
  const auto words = static_cast<mp_size_t>(count);
  const mp_bitcnt_t bits = group.exponentBits();
  const size_t exponentWords = (bits + 63) / 64;
  mp_limb_t n[kMaxWords], y[kMaxWords], r[kMaxWords], e[kMaxWords] = {};
  // Limbs are words of another type name.
  Word raw[kMaxWords];
  ReadWords(raw, count, group.prime());
  for (size_t i = 0; i < count; i++) n[i] = raw[i];
  ReadWords(raw, count, value);
  for (size_t i = 0; i < count; i++) y[i] = raw[i];
  const size_t size = group.exponentBytes();
  for (size_t i = 0; i < size; i++) e[i / 8] |= static_cast<mp_limb_t>(exponent[size - 1 - i]) << (8 * (i % 8));
  static thread_local std::vector<mp_limb_t> scratch;
  const size_t need = static_cast<size_t>(mpn_sec_powm_itch(words, bits, words));
  if (scratch.size() < need) scratch.resize(need);
  mpn_sec_powm(r, y, words, e, bits, n, words, scratch.data());
  for (size_t i = 0; i < count; i++) raw[i] = r[i];
  WriteWords(out, count, raw);
  OPENSSL_cleanse(scratch.data(), need * sizeof(mp_limb_t));
  OPENSSL_cleanse(e, exponentWords * sizeof(mp_limb_t));
  OPENSSL_cleanse(r, sizeof r);
  OPENSSL_cleanse(raw, sizeof raw);
  return true;
}

#else

const char* GmpVersion() { return nullptr; }
bool GmpPower(const ModpGroup&, uint8_t*, const uint8_t*, const uint8_t*) { return false; }

#endif

}  // namespace cygnet::crypto
