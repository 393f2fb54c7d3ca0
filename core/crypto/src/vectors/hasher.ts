import { HashAlgorithm } from "@cygnet/wire";
import type { HasherVector } from "../vector-types.js";

/** Hashes. MD4 and MD5 are there for EAP and IKEv1. */
export const hasherVectors: readonly HasherVector[] = [
  {
    id: HashAlgorithm.SHA1,
    source: "FIPS 180-2 appendix A.1",
    data: "616263",
    hash: "a9993e364706816aba3e25717850c26c9cd0d89d",
  },
  {
    id: HashAlgorithm.SHA1,
    source: "FIPS 180-2 appendix A.2",
    data: "6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f" + "6d6e6f706e6f7071",
    hash: "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
  },
  {
    id: HashAlgorithm.SHA256,
    source: "FIPS 180-2 appendix B.1",
    data: "616263",
    hash: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  },
  {
    id: HashAlgorithm.SHA256,
    source: "FIPS 180-2 appendix B.2",
    data: "6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f" + "6d6e6f706e6f7071",
    hash: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  },
  {
    id: HashAlgorithm.SHA384,
    source: "FIPS 180-2 appendix D.1",
    data: "616263",
    hash: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
  },
  {
    id: HashAlgorithm.SHA512,
    source: "FIPS 180-2 appendix C.1",
    data: "616263",
    hash:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd" +
      "454d4423643ce80e2a9ac94fa54ca49f",
  },
  {
    id: HashAlgorithm.SHA224,
    source: "FIPS 180-2 change notice 1",
    data: "616263",
    hash: "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
  },
  {
    id: HashAlgorithm.MD4,
    source: "RFC 1320 appendix A.5",
    data: "616263",
    hash: "a448017aaf21d8525fc10ae87aa6729d",
  },
  {
    id: HashAlgorithm.MD5,
    source: "RFC 1321 appendix A.5",
    data: "616263",
    hash: "900150983cd24fb0d6963f7d28e17f72",
  },
  {
    id: HashAlgorithm.MD5,
    source: "RFC 1321 appendix A.5",
    data: "",
    hash: "d41d8cd98f00b204e9800998ecf8427e",
  },
  {
    id: HashAlgorithm.SHA3_224,
    source: "NIST SHA-3 example values",
    data: "616263",
    hash: "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
  },
  {
    id: HashAlgorithm.SHA3_256,
    source: "NIST SHA-3 example values",
    data: "616263",
    hash: "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
  },
  {
    id: HashAlgorithm.SHA3_384,
    source: "NIST SHA-3 example values",
    data: "616263",
    hash: "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
  },
  {
    id: HashAlgorithm.SHA3_512,
    source: "NIST SHA-3 example values",
    data: "616263",
    hash:
      "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e39340" +
      "57340b4cf408d5a56592f8274eec53f0",
  },
  {
    id: HashAlgorithm.IDENTITY,
    source: "RFC 8420 section 2: no hash, so no octets of its own",
    data: "",
    hash: "",
  },
];
