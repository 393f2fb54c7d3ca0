import { WireError } from "@cygnet/wire";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzMessages, fuzzTarget } from "../fuzz/message.fuzz.js";
import { clearMessage, encoderSeeds } from "../fuzz/seeds.js";
import { CAPTURES, messageOctets } from "./vectors.js";

const COUNT = 1_000_000;
const CORPUS = new URL("../fuzz/corpus/", import.meta.url);

/** Captured messages, their insides as messages in the clear, and what the encoder makes. */
function seeds(): Uint8Array[] {
  const all = encoderSeeds();
  for (const { packets } of CAPTURES) {
    for (const packet of packets) {
      const octets = messageOctets(packet);
      all.push(octets);
      if (packet.sk === undefined) continue;
      const plaintext = Uint8Array.from(Buffer.from(packet.sk.plaintext_with_padding, "hex"));
      all.push(clearMessage(packet.sk.first_payload, plaintext.subarray(0, plaintext.length - 1 - packet.sk.pad_length)));
      // The plaintext in place of the ciphertext, which the target's identity cipher opens.
      const opened = Uint8Array.from([...octets.subarray(0, 32), ...new Uint8Array(8), ...plaintext, ...new Uint8Array(12)]);
      opened[26] = opened.length >>> 8;
      opened[27] = opened.length;
      opened[30] = (opened.length - 28) >>> 8;
      opened[31] = opened.length - 28;
      all.push(opened);
    }
  }
  return all;
}

describe("a million mutated messages", () => {
  it("are all taken as values or refused with a WireError inside the input", { timeout: 120_000 }, () => {
    const report = fuzzMessages({ seeds: seeds(), count: COUNT, seed: 20_260_801 });
    expect(report.inputs).toBe(COUNT);
    // Neither side may dry up, else the mutations or the seeds are broken.
    expect(report.values).toBeGreaterThan(COUNT / 20);
    for (const code of ["TRUNCATED", "TRAILING", "LENGTH", "VALUE", "COUNT", "EMPTY_FIELD", "VERSION", "PADDING"]) {
      expect(report.errors.get(`CYG_WIRE_${code}`), code).toBeGreaterThan(100);
    }
  });

  it("start from seeds that all parse", () => {
    for (const seed of seeds()) {
      // Real ciphertext does not open under the identity cipher.
      const isSealed = seed[16] === 46 && seed.subarray(32, 40).some((octet) => octet !== 0);
      if (!isSealed) expect(fuzzTarget(seed, seed.length)).toBe(true);
    }
  });

  it("repeat exactly for the same seed", () => {
    const options = { seeds: seeds(), count: 5_000, seed: 7 };
    expect(fuzzMessages(options)).toEqual(fuzzMessages(options));
  });
});

describe("earlier finds and hand-made hostile inputs", () => {
  it.each(readdirSync(CORPUS).filter((file) => file.endsWith(".hex")))("%s is refused with a WireError", (file) => {
    const bytes = Uint8Array.from(Buffer.from(readFileSync(new URL(file, CORPUS), "utf8").trim(), "hex"));
    expect(() => fuzzTarget(bytes, bytes.length)).toThrow(WireError);
  });
});
