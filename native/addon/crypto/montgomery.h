#pragma once

#include <cstddef>
#include <cstdint>

namespace cygnet::crypto {

using Word = uint64_t;

/** 8192 bits. Numbers are little-endian arrays of words, all of their modulus' size, a multiple of four words. */
constexpr size_t kMaxWords = 128;

/** An odd modulus with what Montgomery arithmetic needs of it, R being 2^(64 * words). Read-only once built, so shared by all threads. */
struct Modulus {
  size_t words = 0;
  size_t bytes() const { return words * 8; }

  alignas(64) Word n[kMaxWords];
  /** -1/n mod 2^64; OpenSSL's assembler reads a second word on 32 bit machines only. */
  Word n0[2];
  /** R mod n: one. */
  alignas(64) Word one[kMaxWords];
  /** R^2 mod n: takes a number into Montgomery form. */
  alignas(64) Word rr[kMaxWords];
};

void InitModulus(Modulus& modulus, const uint8_t* bigEndian, size_t size);

/** Whether OpenSSL's assembler multiplication is there. The portable one is two to three times slower, and slower than libgmp. */
bool HasAssembler();

/** r = a * b / R mod n. All below n; r may be a or b. */
void MontgomeryMultiply(const Modulus& modulus, Word* r, const Word* a, const Word* b);
/** The same without assembler. */
void PortableMultiply(const Modulus& modulus, Word* r, const Word* a, const Word* b);

/** Big-endian octets of exactly the modulus' size. `FromBytes` does not reduce. */
void FromBytes(const Modulus& modulus, Word* out, const uint8_t* in);
void ToBytes(const Modulus& modulus, uint8_t* out, const Word* in);

/** Into and out of Montgomery form. */
void ToMontgomery(const Modulus& modulus, Word* r, const Word* a);
void FromMontgomery(const Modulus& modulus, Word* r, const Word* a);

/**
 * out = the entry of `table` (entries of modulus.words words, 64 octet aligned) that `index` names. Reads the whole table, so that the
 * cache tells nothing about the index.
 */
void Gather(const Modulus& modulus, Word* out, const Word* table, size_t entries, size_t index);

/** Bits `at` to `at + width` (at most 8) of a big-endian exponent; those past its end are zero. Where it reads does not depend on the value. */
size_t ExponentWindow(const uint8_t* exponent, size_t size, size_t at, size_t width);

/** r = base^exponent, both in Montgomery form. Time and memory access depend on `bits` only. */
void MontgomeryPower(const Modulus& modulus, Word* r, const Word* base, const uint8_t* exponent, size_t size, size_t bits);

}  // namespace cygnet::crypto
