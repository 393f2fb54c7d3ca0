import { PseudoRandomFunction } from "@cygnet/wire";
import type { PrfVector } from "../vector-types.js";

/** Pseudo random functions. */
export const prfVectors: readonly PrfVector[] = [
  {
    id: PseudoRandomFunction.PRF_HMAC_MD5,
    source: "RFC 2202 section 2, test case 1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    seed: "4869205468657265",
    output: "9294727a3638bb1c13f48ef8158bfc9d",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_MD5,
    source: "RFC 2202 section 2, test case 2",
    key: "4a656665",
    seed: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    output: "750c783e6ab0b503eaa86e310a5db738",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA1,
    source: "RFC 2202 section 3, test case 1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    seed: "4869205468657265",
    output: "b617318655057264e28bc0b6fb378c8ef146be00",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA1,
    source: "RFC 2202 section 3, test case 2",
    key: "4a656665",
    seed: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    output: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA2_256,
    source: "RFC 4231 section 4, test case 1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    seed: "4869205468657265",
    output: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA2_256,
    source: "RFC 4231 section 4, test case 2",
    key: "4a656665",
    seed: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    output: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA2_384,
    source: "RFC 4231 section 4, test case 1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    seed: "4869205468657265",
    output: "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA2_384,
    source: "RFC 4231 section 4, test case 2",
    key: "4a656665",
    seed: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    output: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA2_512,
    source: "RFC 4231 section 4, test case 1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    seed: "4869205468657265",
    output:
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4" +
      "be9d914eeb61f1702e696c203a126854",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA2_512,
    source: "RFC 4231 section 4, test case 2",
    key: "4a656665",
    seed: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    output:
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd" +
      "caeab1a34d4a6b4b636e070a38bce737",
  },
  {
    id: PseudoRandomFunction.PRF_HMAC_SHA1,
    source: "prf+ of RFC 7296 section 2.13, computed with CPython's hmac",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    seed: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    output:
      "066e3af6ce79e23211ea1fa44846323bde782b316eaefdf37c7b18b8194d45bedb46613fa2780ddf1d71eea3ac3aea4a" +
      "d017b97c968f1412b7eb5b7c36521f0ece3fd08c95a4",
    plus: true,
  },
  {
    id: PseudoRandomFunction.PRF_AES128_XCBC,
    source: "RFC 4434 section 4, key length 16",
    key: "000102030405060708090a0b0c0d0e0f",
    seed: "000102030405060708090a0b0c0d0e0f10111213",
    output: "47f51b4564966215b8985c63055ed308",
  },
  {
    id: PseudoRandomFunction.PRF_AES128_XCBC,
    source: "RFC 4434 section 4, key length 10",
    key: "00010203040506070809",
    seed: "000102030405060708090a0b0c0d0e0f10111213",
    output: "0fa087af7d866e7653434e602fdde835",
  },
  {
    id: PseudoRandomFunction.PRF_AES128_XCBC,
    source: "RFC 4434 section 4, key length 18",
    key: "000102030405060708090a0b0c0d0e0fedcb",
    seed: "000102030405060708090a0b0c0d0e0f10111213",
    output: "8cd3c93ae598a9803006ffb67c40e9e4",
  },
  {
    id: PseudoRandomFunction.PRF_AES128_CMAC,
    source: "RFC 4615 section 4, key length 16",
    key: "000102030405060708090a0b0c0d0e0f",
    seed: "000102030405060708090a0b0c0d0e0f10111213",
    output: "980ae87b5f4c9c5214f5b6a8455e4c2d",
  },
  {
    id: PseudoRandomFunction.PRF_AES128_CMAC,
    source: "RFC 4615 section 4, key length 10",
    key: "00010203040506070809",
    seed: "000102030405060708090a0b0c0d0e0f10111213",
    output: "290d9e112edb09ee141fcf64c0b72f3d",
  },
  {
    id: PseudoRandomFunction.PRF_AES128_CMAC,
    source: "RFC 4615 section 4, key length 18",
    key: "000102030405060708090a0b0c0d0e0fedcb",
    seed: "000102030405060708090a0b0c0d0e0f10111213",
    output: "84a348a4a45d235babfffc0d2b4da09a",
  },
  {
    id: PseudoRandomFunction.PRF_CAMELLIA128_XCBC,
    source: "RFC 3566 over Camellia of RFC 3713, computed block by block",
    key: "000102030405060708090a0b0c0d0e0f",
    seed: "000102030405060708090a0b0c0d0e0f10111213",
    output: "3d042dd4e7bc791cee320415c5e326d6",
  },
  {
    id: PseudoRandomFunction.PRF_FIPS_SHA1_160,
    source: "FIPS 186-2 appendix 5, as of change notice 1",
    key: "bd029bbe7f51960bcf9edb2b61f06f0feb5a38b6",
    seed: "",
    output: "2070b3223dba372fde1c0ffc7b2e3b498b2606143c6c18bacb0f6c55babb13788e20d737a3275116",
  },
  {
    id: PseudoRandomFunction.PRF_KEYED_SHA1,
    source: "FIPS 186-2 appendix 5: G of XKEY",
    key: "0000000000000000000000000000000000000000",
    seed:
      "bd029bbe7f51960bcf9edb2b61f06f0feb5a38b600000000000000000000000000000000000000000000000000000000" +
      "00000000000000000000000000000000",
    output: "2070b3223dba372fde1c0ffc7b2e3b498b260614",
  },
  {
    id: PseudoRandomFunction.PRF_KEYED_SHA1,
    source: "FIPS 180-2 appendix A.2, its second block under the first one's chaining value",
    key: "936d4b192cb68c279cb2297f9455253e89848482",
    seed:
      "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
      "000000000000000000000000000001c0",
    output: "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
  },
];
