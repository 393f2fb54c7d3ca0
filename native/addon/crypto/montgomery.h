#pragma once

#include <cstddef>
#include <cstdint>

namespace cygnet::crypto {

using Word = uint64_t;

/** 8192 bits. Numbers are little-endian arrays of words, all of their modulus' size, a multiple of four words. */
constexpr size_t kMaxWords = 128;

/** How numbers are kept. */
enum class Form {
  /** Words of 64 bits, all results below n, R = 2^(64 * words). */
  kWords,
  /** Digits of 52 bits in words of 64, filled up to a multiple of eight, for AVX-512 IFMA; results below 2n, R = 2^(52 * digits). */
  kDigits
};

/** The faster form of numbers of that many octets on this machine. */
Form FasterForm(size_t octets);

/** An odd modulus with what Montgomery arithmetic needs of it. Read-only once built, so shared by all threads. */
struct Modulus {
  Form form = Form::kWords;
  /** Of the modulus, and of numbers from outside. */
  size_t octets = 0;
  /** Of a number in memory. */
  size_t words = 0;
  size_t bytes() const { return words * 8; }
  /** Those of `words` that are in use. */
  size_t digits = 0;

  alignas(64) Word n[kMaxWords];
  /** -1/n mod 2^64; OpenSSL's assembler reads a second word on 32 bit machines only. */
  Word n0[2];
  /** R mod n: one. */
  alignas(64) Word one[kMaxWords];
  /** R^2 mod n: takes a number into Montgomery form. */
  alignas(64) Word rr[kMaxWords];
};

void InitModulus(Modulus& modulus, const uint8_t* bigEndian, size_t size, Form form);

/** Whether OpenSSL's assembler multiplication of words is there. The portable one is two to three times slower, and slower than libgmp. */
bool HasAssembler();

/** r = a * b / R mod n. Factors are as the form has them; r may be a or b. */
void MontgomeryMultiply(const Modulus& modulus, Word* r, const Word* a, const Word* b);
/** The same without assembler, for words. */
void PortableMultiply(const Modulus& modulus, Word* r, const Word* a, const Word* b);

/** Little-endian words of big-endian octets, and back. */
void ReadWords(Word* out, size_t words, const uint8_t* in);
void WriteWords(uint8_t* out, size_t words, const Word* in);

/** Numbers of big-endian octets of exactly the modulus' size, and back. `FromBytes` does not reduce, and `ToBytes` takes what is below n. */
void FromBytes(const Modulus& modulus, Word* out, const uint8_t* in);
void ToBytes(const Modulus& modulus, uint8_t* out, const Word* in);

/** Into and out of Montgomery's representation; what comes out is below n. */
void ToMontgomery(const Modulus& modulus, Word* r, const Word* a);
void FromMontgomery(const Modulus& modulus, Word* r, const Word* a);

/**
 * out = the entry of `table` (entries of modulus.words words, 64 octet aligned) that `index` names. Reads the whole table, so that the
 * cache tells nothing about the index.
 */
void Gather(const Modulus& modulus, Word* out, const Word* table, size_t entries, size_t index);

/** Bits `at` to `at + width` (at most 8) of a big-endian exponent; those past its end are zero. Where it reads does not depend on the value. */
size_t ExponentWindow(const uint8_t* exponent, size_t size, size_t at, size_t width);

/** r = base^exponent, both in Montgomery's representation. Time and memory access depend on `bits` only. */
void MontgomeryPower(const Modulus& modulus, Word* r, const Word* base, const uint8_t* exponent, size_t size, size_t bits);

}  // namespace cygnet::crypto
