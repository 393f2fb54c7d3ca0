import { IntegrityAlgorithm } from "@cygnet/wire";
import type { SignerVector } from "../vector-types.js";

/** Integrity algorithms. */
export const signerVectors: readonly SignerVector[] = [
  {
    id: IntegrityAlgorithm.AUTH_HMAC_MD5_96,
    source: "RFC 2202 section 2, test case 1, truncated",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "9294727a3638bb1c13f48ef8",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_MD5_128,
    source: "RFC 2202 section 2, test case 1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "9294727a3638bb1c13f48ef8158bfc9d",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA1_96,
    source: "RFC 2202 section 3, test case 1, truncated",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "b617318655057264e28bc0b6",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA1_128,
    source: "RFC 2202 section 3, test case 1, truncated",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "b617318655057264e28bc0b6fb378c8e",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA1_160,
    source: "RFC 2202 section 3, test case 1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "b617318655057264e28bc0b6fb378c8ef146be00",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA2_256_96,
    source: "RFC 4868 section 2.7.2.1, truncated to 96 bits",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "198a607eb44bfbc69903a0f1",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128,
    source: "RFC 4868 section 2.7.2.1",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "198a607eb44bfbc69903a0f1cf2bbdc5",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA2_256_256,
    source: "RFC 4868 section 2.7.2.1, all of it computed with CPython's hmac",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA2_384_192,
    source: "RFC 4868 section 2.7.2.2",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA2_384_384,
    source: "RFC 4868 section 2.7.2.2, all of it computed with CPython's hmac",
    key: "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee9737a959796489bddbc4c5df61d5b3297b4fb68dab9f1b582c2",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA2_512_256,
    source: "RFC 4868 section 2.7.2.3",
    key:
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b" +
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv: "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8",
  },
  {
    id: IntegrityAlgorithm.AUTH_HMAC_SHA2_512_512,
    source: "RFC 4868 section 2.7.2.3, all of it computed with CPython's hmac",
    key:
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b" +
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    data: "4869205468657265",
    icv:
      "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8ac2878ebd5803f6f0b61dbce5e251ff8" +
      "789a4722c1be65aea45fd464e89f8f5b",
  },
  {
    id: IntegrityAlgorithm.AUTH_AES_XCBC_96,
    source: "RFC 3566 section 4.6, test case 1",
    key: "000102030405060708090a0b0c0d0e0f",
    data: "",
    icv: "75f0251d528ac01c4573dfd5",
  },
  {
    id: IntegrityAlgorithm.AUTH_AES_XCBC_96,
    source: "RFC 3566 section 4.6, test case 3",
    key: "000102030405060708090a0b0c0d0e0f",
    data: "000102030405060708090a0b0c0d0e0f",
    icv: "d2a246fa349b68a79998a439",
  },
  {
    id: IntegrityAlgorithm.AUTH_AES_XCBC_96,
    source: "RFC 3566 section 4.6, test case 4",
    key: "000102030405060708090a0b0c0d0e0f",
    data: "000102030405060708090a0b0c0d0e0f10111213",
    icv: "47f51b4564966215b8985c63",
  },
  {
    id: IntegrityAlgorithm.AUTH_AES_CMAC_96,
    source: "RFC 4494 section 4, test case 1",
    key: "2b7e151628aed2a6abf7158809cf4f3c",
    data: "",
    icv: "bb1d6929e95937287fa37d12",
  },
  {
    id: IntegrityAlgorithm.AUTH_AES_CMAC_96,
    source: "RFC 4494 section 4, test case 2",
    key: "2b7e151628aed2a6abf7158809cf4f3c",
    data: "6bc1bee22e409f96e93d7e117393172a",
    icv: "070a16b46b4d4144f79bdd9d",
  },
  {
    id: IntegrityAlgorithm.AUTH_AES_CMAC_96,
    source: "RFC 4494 section 4, test case 3",
    key: "2b7e151628aed2a6abf7158809cf4f3c",
    data: "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
    icv: "dfa66747de9ae63030ca3261",
  },
  {
    id: IntegrityAlgorithm.AUTH_CAMELLIA_XCBC_96,
    source: "RFC 3566 over Camellia of RFC 3713, computed block by block",
    key: "000102030405060708090a0b0c0d0e0f",
    data: "000102030405060708090a0b0c0d0e0f10111213",
    icv: "3d042dd4e7bc791cee320415",
  },
];
