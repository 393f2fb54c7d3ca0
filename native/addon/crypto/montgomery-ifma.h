#pragma once

#include "montgomery.h"

namespace cygnet::crypto {

// Montgomery multiplication of eight digits at a time with AVX-512 IFMA, which multiplies 52 bits by 52 bits (Intel since Ice Lake, AMD since
// Zen 4). Digits of 52 bits leave room in 64 for the carries of a whole multiplication.

/** Whether this processor has it, and numbers of that many octets gain by it. */
bool HasIfma(size_t octets);

/** Digits for a modulus of that many octets: two bits more than it has at least, so that factors below 2n give a product below 2n. */
constexpr size_t DigitsOf(size_t octets) { return (8 * octets + 2 + 51) / 52; }

/** r = a * b / 2^(52 * digits) mod n. All are below 2n, and the product with 1 is below n if it is not 0; r may be a or b. */
void MultiplyDigits(const Modulus& modulus, Word* r, const Word* a, const Word* b);

/** Words of 64 bits to digits, and back for what is below 2^(8 * octets). */
void ToDigits(const Modulus& modulus, Word* digits, const Word* words);
void FromDigits(const Modulus& modulus, Word* words, const Word* digits);

}  // namespace cygnet::crypto
