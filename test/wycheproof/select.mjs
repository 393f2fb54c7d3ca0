// `node test/wycheproof/select.mjs FOLDER`: makes `vectors` from a folder of Project Wycheproof's test vectors (`testvectors` or `testvectors_v1`
// of its repository). Of tests that look for the same thing, as result, flags and comment tell, one is taken.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is taken of a group; the rest says the same in other words. */
const GROUP_FIELDS = ["ivSize", "keySize", "tagSize", "curve", "encoding", "sha", "mgfSha", "sLen"];
/** The files, how many tests of each at most, and which groups are of use: those with sizes that IKE and ESP have. */
const FILES = {
  aes_gcm: { most: 50, takes: ({ ivSize }) => ivSize === 96, also: lengths },
  aes_ccm: { most: 18, takes: ({ ivSize, tagSize }) => ivSize === 88 && tagSize === 128, also: lengths },
  chacha20_poly1305: { most: 30, takes: ({ ivSize }) => ivSize === 96, also: lengths },
  aes_cbc_pkcs5: { most: 30, also: lengths },
  aes_cmac: { most: 24, takes: ({ keySize }) => keySize === 128, also: lengths },
  hmac_sha1: { most: 30, also: lengths },
  hmac_sha256: { most: 30, also: lengths },
  hmac_sha384: { most: 30, also: lengths },
  hmac_sha512: { most: 30, also: lengths },
  ecdh_secp224r1_ecpoint: { most: 40 },
  ecdh_secp256r1_ecpoint: { most: 40 },
  ecdh_secp384r1_ecpoint: { most: 40 },
  ecdh_secp521r1_ecpoint: { most: 40 },
  ecdh_brainpoolP224r1: { most: 8, keeps: hasNamedCurve },
  ecdh_brainpoolP256r1: { most: 16, keeps: hasNamedCurve },
  ecdh_brainpoolP384r1: { most: 8, keeps: hasNamedCurve },
  ecdh_brainpoolP512r1: { most: 8, keeps: hasNamedCurve },
  x25519: { most: 40 },
  x448: { most: 24 },
  ecdsa_secp256r1_sha256: { most: 60 },
  ecdsa_secp256r1_sha256_p1363: { most: 16 },
  ecdsa_secp384r1_sha384: { most: 24 },
  ecdsa_secp384r1_sha384_p1363: { most: 12 },
  ecdsa_secp521r1_sha512: { most: 20 },
  ecdsa_secp521r1_sha512_p1363: { most: 10 },
  eddsa: { most: 30 },
  ed448: { most: 20 },
  rsa_signature_2048_sha256: { most: 36 },
  rsa_signature_3072_sha384: { most: 8 },
  rsa_signature_4096_sha512: { most: 8 },
  rsa_pss_2048_sha1_mgf1_20: { most: 10 },
  rsa_pss_2048_sha256_mgf1_32: { most: 24 },
  rsa_pss_4096_sha512_mgf1_32: { most: 8 },
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node test/wycheproof/select.mjs FOLDER");
for (const [name, choice] of Object.entries(FILES)) {
  const file = `${name}_test.json`;
  const all = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const groups = selectGroups(all.testGroups, choice);
  const head = { source: `Project Wycheproof, ${file}, ${all.generatorVersion}`, algorithm: all.algorithm };
  writeFileSync(join(import.meta.dirname, "vectors", `${name}.json`), print(head, groups));
}

/** Where messages of many lengths have no other comment. */
function lengths({ msg, aad = "" }) {
  return `${msg.length},${aad.length}`;
}

/** The curve called by its name, and a point that is not compressed: nothing else is told in IKE. As long as the first one, which is that. */
function hasNamedCurve(test, group) {
  const [first] = group.tests;
  const head = first.public.slice(0, 48);
  return test.public.startsWith(head) && test.public.length === first.public.length;
}

function selectGroups(groups, { most, takes = () => true, keeps = () => true, also = () => "" }) {
  const seen = new Set();
  const chosen = [];
  for (const group of groups.filter((candidate) => takes(candidate))) {
    const own = group.key ?? group;
    const fields = Object.fromEntries([...GROUP_FIELDS, "keyDer"].flatMap((key) => (key in group ? [[key, group[key]]] : [])));
    const shape = GROUP_FIELDS.map((key) => own[key] ?? group[key] ?? "").join();
    for (const test of group.tests.filter((each) => keeps(each, group))) {
      const words = test.comment.replaceAll(/[0-9a-f]*\d[0-9a-f]*/g, "N");
      const looksFor = [shape, test.result, test.flags.join(), words, also(test)].join("|");
      if (seen.has(looksFor)) continue;
      seen.add(looksFor);
      chosen.push({ fields, test });
    }
  }
  // Evenly over the file, which goes from one kind of mistake to the next.
  const step = Math.max(1, chosen.length / most);
  const kept = Array.from({ length: Math.min(most, chosen.length) }, (_, index) => chosen[Math.floor(index * step)]);
  const byGroup = new Map();
  for (const { fields, test } of kept) {
    const key = JSON.stringify(fields);
    if (!byGroup.has(key)) byGroup.set(key, { fields, tests: [] });
    byGroup.get(key).tests.push(test);
  }
  return [...byGroup.values()];
}

/** A test on each line. */
function print(head, groups) {
  const printed = groups.map(({ fields, tests }) => {
    const lines = tests.map((test) => JSON.stringify(test)).join(",\n");
    return `${JSON.stringify(fields).replace(/\}$/, Object.keys(fields).length === 0 ? "" : ",")}"tests":[\n${lines}\n]}`;
  });
  return `${JSON.stringify(head).replace(/\}$/, ",")}"testGroups":[\n${printed.join(",\n")}\n]}\n`;
}
