import { EncryptionAlgorithm } from "@cygnet/wire";
import type { AeadVector } from "../vector-types.js";

/** Authenticated encryption. Keys end with the salt; additional data are in front of the IV, as in an IKE message. */
export const aeadVectors: readonly AeadVector[] = [
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV8,
    source: "GCM specification (McGrew, Viega), test case 4, truncated",
    keyBytes: 16,
    key: "feffe9928665731c6d6a8f9467308308cafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05" +
      "1ba30b396a0aac973d58e091",
    icv: "5bc94fbc3221a5db",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV12,
    source: "GCM specification (McGrew, Viega), test case 4, truncated",
    keyBytes: 16,
    key: "feffe9928665731c6d6a8f9467308308cafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05" +
      "1ba30b396a0aac973d58e091",
    icv: "5bc94fbc3221a5db94fae95a",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV16,
    source: "GCM specification (McGrew, Viega), test case 4",
    keyBytes: 16,
    key: "feffe9928665731c6d6a8f9467308308cafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05" +
      "1ba30b396a0aac973d58e091",
    icv: "5bc94fbc3221a5db94fae95ae7121a47",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV8,
    source: "GCM specification (McGrew, Viega), test case 10, truncated",
    keyBytes: 24,
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f47" +
      "18e2448b2fe324d9ccda2710",
    icv: "2519498e80f1478f",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV12,
    source: "GCM specification (McGrew, Viega), test case 10, truncated",
    keyBytes: 24,
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f47" +
      "18e2448b2fe324d9ccda2710",
    icv: "2519498e80f1478f37ba55bd",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV16,
    source: "GCM specification (McGrew, Viega), test case 10",
    keyBytes: 24,
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f47" +
      "18e2448b2fe324d9ccda2710",
    icv: "2519498e80f1478f37ba55bd6d27618c",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV8,
    source: "GCM specification (McGrew, Viega), test case 16, truncated",
    keyBytes: 32,
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838" +
      "c5f61e6393ba7a0abcc9f662",
    icv: "76fc6ece0f4e1768",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV12,
    source: "GCM specification (McGrew, Viega), test case 16, truncated",
    keyBytes: 32,
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838" +
      "c5f61e6393ba7a0abcc9f662",
    icv: "76fc6ece0f4e1768cddf8853",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_GCM_ICV16,
    source: "GCM specification (McGrew, Viega), test case 16",
    keyBytes: 32,
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
    iv: "facedbaddecaf888",
    aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    plain:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525" +
      "b16aedf5aa0de657ba637b39",
    cipher:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838" +
      "c5f61e6393ba7a0abcc9f662",
    icv: "76fc6ece0f4e1768cddf8853bb2d551b",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV8,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 16,
    key: "404142434445464748494a4b4c4d4e4f000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "7abca4b6f2ac16ec0349b0e39d66e8eb87f42e01b9b912f4",
    icv: "2be20fab1ee17802",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV12,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 16,
    key: "404142434445464748494a4b4c4d4e4f000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "7abca4b6f2ac16ec0349b0e39d66e8eb87f42e01b9b912f4",
    icv: "e8ab8ad2de0540421c433e5d",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV16,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 16,
    key: "404142434445464748494a4b4c4d4e4f000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "7abca4b6f2ac16ec0349b0e39d66e8eb87f42e01b9b912f4",
    icv: "ef10ee42227bcbc0fc8c958e715e72bb",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV8,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 24,
    key: "404142434445464748494a4b4c4d4e4f5051525354555657000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "2d824f6c203f5d100358f47cab3e43b33481e64043b55ccc",
    icv: "af34de662bf3528d",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV12,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 24,
    key: "404142434445464748494a4b4c4d4e4f5051525354555657000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "2d824f6c203f5d100358f47cab3e43b33481e64043b55ccc",
    icv: "0946822b125a762ecf3123ad",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV16,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 24,
    key: "404142434445464748494a4b4c4d4e4f5051525354555657000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "2d824f6c203f5d100358f47cab3e43b33481e64043b55ccc",
    icv: "9dd6a57c4edb534624b3e4ccb26b6411",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV8,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 32,
    key: "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "7c6754502d489d5ca1bc84f898b196be47be4d6555800989",
    icv: "ddf1e2d71e3758f2",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV12,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 32,
    key: "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "7c6754502d489d5ca1bc84f898b196be47be4d6555800989",
    icv: "5cd74072eb830efac6d9b427",
  },
  {
    id: EncryptionAlgorithm.ENCR_AES_CCM_ICV16,
    source: "RFC 3610 with a nonce of 11 octets, computed block by block",
    keyBytes: 32,
    key: "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f000102",
    iv: "030405060708090a",
    aad: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
    plain: "202122232425262728292a2b2c2d2e2f3031323334353637",
    cipher: "7c6754502d489d5ca1bc84f898b196be47be4d6555800989",
    icv: "a57f1f75e7bb29a32c2fac5d7d517959",
  },
  {
    id: EncryptionAlgorithm.ENCR_CHACHA20_POLY1305,
    source: "RFC 8439 section 2.8.2",
    keyBytes: 32,
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f07000000",
    iv: "4041424344454647",
    aad: "50515253c0c1c2c3c4c5c6c7",
    plain:
      "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20496620492063" +
      "6f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73" +
      "637265656e20776f756c642062652069742e",
    cipher:
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b" +
      "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
      "3ff4def08e4b7a9de576d26586cec64b6116",
    icv: "1ae10b594f09e26a7e902ecbd0600691",
  },
];
