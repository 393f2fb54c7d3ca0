// Prints nanoseconds (CPU of the process) per operation of the addon's hot algorithms: the median of eleven rounds, and the best one, which
// a busy machine disturbs least. `--json` prints one object.
// Run after the addon is built: node native/bench/crypto.mjs [--json] [filter]
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const path = process.env["CYGNET_NATIVE"] ?? fileURLToPath(new URL("../build/Release/cygnet.node", import.meta.url));
const addon = createRequire(import.meta.url)(path);
const args = process.argv.slice(2);
const json = args.includes("--json");
const filter = args.find((argument) => !argument.startsWith("--")) ?? "";
const results = {};

/** Median over rounds of the CPU time per call; each round lasts about 20 ms. */
function measure(name, run) {
  if (!name.includes(filter)) return;
  let count = 1;
  for (;;) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) run();
    if (process.hrtime.bigint() - start > 20_000_000n) break;
    count *= 2;
  }
  const rounds = [];
  for (let round = 0; round < 11; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) run();
    const { user, system } = process.cpuUsage(before);
    rounds.push(((user + system) * 1000) / count);
  }
  rounds.sort((a, b) => a - b);
  results[name] = { median: Math.round(rounds[5]), best: Math.round(rounds[0]) };
  if (!json)
    console.log(
      `${name.padEnd(44)} ${String(results[name].median).padStart(12)} ns ${String(results[name].best).padStart(12)} best`,
    );
}

const octets = (size) => new Uint8Array(new ArrayBuffer(size + 64), 0, size).fill(7);

for (const [hash, label] of [
  ["SHA1", "HMAC-SHA1"],
  ["SHA256", "HMAC-SHA2-256"],
  ["SHA512", "HMAC-SHA2-512"],
]) {
  const { id, hashBytes, stateBytes } = addon.hmacSpec(hash);
  const [key, state, data, out, seed, keys] = [
    octets(hashBytes),
    octets(stateBytes),
    octets(100),
    octets(hashBytes),
    octets(80),
    octets(132),
  ];
  measure(`${label} set key`, () => addon.hmacSetKey(id, key, state));
  measure(`${label} 100 octets`, () => addon.hmacCompute(id, state, data, out));
  measure(`${label} prf+ 132 octets`, () => addon.hmacExpand(id, state, seed, keys));
}
{
  const { id } = addon.hashSpec("SHA1");
  const [data, out] = [octets(100), octets(20)];
  measure("SHA1 100 octets", () => addon.hash(id, data, out));
}
for (const name of ["AES-128-CBC", "AES-256-CBC", "AES-128-CTR", "3DES-CBC"]) {
  const { id, keyBytes, ivBytes } = addon.cipherSpec(name);
  const [key, iv, data] = [octets(keyBytes), octets(ivBytes), octets(208)];
  measure(`${name} encrypt 208 octets`, () => addon.cipherEncrypt(id, key, iv, data));
  measure(`${name} decrypt 208 octets`, () => addon.cipherDecrypt(id, key, iv, data));
}
for (const name of ["AES-128-GCM-16", "AES-128-CCM-16", "CHACHA20-POLY1305"]) {
  const { id, keyBytes, ivBytes, icvBytes } = addon.aeadSpec(name);
  const [key, message] = [octets(keyBytes), octets(32 + ivBytes + 208 + icvBytes)];
  measure(`${name} seal 208 octets`, () => addon.aeadSeal(id, key, message, 32));
  const copy = octets(message.length);
  measure(`${name} open 208 octets`, () => {
    copy.set(message);
    if (!addon.aeadOpen(id, key, copy, 32)) throw new Error("not opened");
  });
}
{
  const out = octets(32);
  measure("random 32 octets", () => addon.randomBytes(out));
}
const providers = addon.gmpVersion() === undefined ? [0] : [0, 1];
for (const group of ["768", "1024", "1536", "2048", "3072", "4096", "6144", "8192", "1024_160", "2048_224", "2048_256"]) {
  const { id, privateBytes, publicBytes } = addon.modpSpec(group);
  const [own, value, secret, response] = [octets(privateBytes), octets(publicBytes), octets(publicBytes), octets(publicBytes)];
  addon.modpGenerate(id, 0, own, value);
  measure(`modp${group} g^x`, () => addon.modpGenerate(id, 0, own, value));
  for (const gmp of providers) {
    const label = gmp === 1 ? "libgmp" : "openssl";
    measure(`modp${group} shared (${label})`, () => {
      if (!addon.modpDerive(id, gmp, own, value, secret)) throw new Error("refused");
    });
  }
  measure(`modp${group} respond`, () => {
    if (!addon.modpRespond(id, 0, value, response, secret)) throw new Error("refused");
  });
}
for (const curve of ["X25519", "X448"]) {
  const { id, bytes } = addon.xdhSpec(curve);
  const [own, value, secret] = [octets(bytes), octets(bytes), octets(bytes)];
  measure(`${curve} generate`, () => addon.xdhGenerate(id, own, value));
  measure(`${curve} shared`, () => addon.xdhDerive(id, own, value, secret));
}
for (const curve of ["P-256", "P-384", "P-521", "BP-256"]) {
  const { id, privateBytes, publicBytes, secretBytes } = addon.ecSpec(curve);
  const [own, value, secret] = [octets(privateBytes), octets(publicBytes), octets(secretBytes)];
  measure(`${curve} generate`, () => addon.ecGenerate(id, own, value));
  measure(`${curve} shared`, () => addon.ecDerive(id, own, value, secret));
}
if (json)
  console.log(JSON.stringify({ node: process.version, openssl: process.versions.openssl, gmp: addon.gmpVersion(), ns: results }));
