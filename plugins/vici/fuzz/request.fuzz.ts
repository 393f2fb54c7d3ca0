import type { PeerDefinition } from "@cygnet/plugin-api";
import {
  PacketSplitter,
  PacketType,
  Section,
  ViciEncodingError,
  encodeMessage,
  encodePacket,
  parseMessage,
  parsePacket,
} from "@cygnet/vici";
import type { MessageData, Scalar } from "@cygnet/vici";
import { buildConnection } from "../src/index.js";
import { CommandFailed } from "../src/command-failed.js";

/** How the inputs of a run ended. */
export interface FuzzReport {
  inputs: number;
  /** Octets that are no packet or message. */
  malformed: number;
  /** Messages that are no connection. */
  refused: number;
  connections: number;
}

/** An input on which the plugin broke its word; `hex` belongs into the test's corpus. */
export class FuzzFailure extends Error {
  readonly hex: string;

  constructor(octets: Uint8Array, cause: unknown) {
    const hex = Buffer.from(octets).toString("hex");
    super(`fuzz input ${hex}`, { cause });
    this.hex = hex;
  }
}

/** Small deterministic random numbers (xorshift32): a run with the same seed is the same. */
class Random {
  constructor(private state: number) {}

  below(bound: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return bound <= 0 ? 0 : this.state % bound;
  }
}

const CHILD: MessageData = {
  local_ts: ["dynamic"],
  remote_ts: ["10.2.0.0/16", "10.3.0.0/16[tcp/80]"],
  mode: "tunnel",
  rekey_time: "1h",
  life_bytes: "10m",
  start_action: "trap|start",
  mark_in: "42/0xff",
};

/** What swanctl sends for a connection with something of everything. */
const CONNECTION: MessageData = {
  version: "2",
  local_addrs: ["192.0.2.1"],
  remote_addrs: ["192.0.2.2", "host.example.org"],
  proposals: ["aes128-sha256-modp2048", "default"],
  vips: ["0.0.0.0", "::"],
  dpd_delay: "30s",
  unique: "replace",
  local: { auth: "psk", id: "moon", round: "1" },
  remote: { auth: "eap-mschapv2", id: "sun", groups: ["a", "b"] },
  children: { net: CHILD, other: { mode: "pass" } },
};

const SEEDS: readonly Uint8Array[] = [
  encodePacket(PacketType.CMD_REQUEST, "load-conn", encodeMessage({ home: CONNECTION })),
  encodePacket(PacketType.CMD_REQUEST, "load-conn", encodeMessage({ home: { children: { net: CHILD } } })),
  encodePacket(PacketType.CMD_REQUEST, "initiate", encodeMessage({ child: "net", timeout: -1, loglevel: "0x1" })),
  encodePacket(PacketType.CMD_REQUEST, "load-pool", encodeMessage({ pool: { addrs: "10.4.0.0/24", dns: ["10.2.0.53"] } })),
  encodePacket(PacketType.EVENT_REGISTER, "child-updown"),
];

const INTERESTING = [0, 1, 2, 3, 4, 5, 6, 7, 127, 128, 255];

/** Changes an input in one to four ways: bits, octets, lengths, cuts, and pieces of another one. */
function mutate(random: Random, seed: Uint8Array): Uint8Array {
  let octets = Buffer.from(seed);
  for (let changes = 1 + random.below(4); changes > 0 && octets.length > 0; changes--) {
    const at = random.below(octets.length);
    switch (random.below(6)) {
      case 0:
        octets[at]! ^= 1 << random.below(8);
        break;
      case 1:
        octets[at] = INTERESTING[random.below(INTERESTING.length)]!;
        break;
      case 2:
        octets = octets.subarray(0, at);
        break;
      case 3:
        octets = Buffer.concat([octets.subarray(0, at), octets.subarray(random.below(octets.length))]);
        break;
      case 4: {
        const other = SEEDS[random.below(SEEDS.length)]!;
        const from = random.below(other.length);
        octets = Buffer.concat([octets.subarray(0, at), other.subarray(from, from + random.below(40)), octets.subarray(at)]);
        break;
      }
      default:
        octets = Buffer.concat([octets.subarray(0, at), Buffer.alloc(random.below(20), random.below(256)), octets.subarray(at)]);
    }
  }
  // Three in four get the length that they have, to get past it.
  if (octets.length >= 4 && random.below(4) > 0) octets.writeUInt32BE(octets.length - 4);
  return octets;
}

/** The target: all that happens to octets of a client before anything is carried out. */
function target(octets: Uint8Array, report: FuzzReport): void {
  const splitter = new PacketSplitter();
  const half = octets.length >> 1;
  for (const chunk of [octets.subarray(0, half), octets.subarray(half)]) {
    for (const packet of splitter.push(chunk)) {
      const message = parseMessage(parsePacket(packet).message);
      expectStable(message);
      for (const [name, section] of message.sections()) {
        try {
          expectPlain(buildConnection(name, section).peer);
          report.connections++;
        } catch (error) {
          if (!(error instanceof CommandFailed)) throw error;
          report.refused++;
        }
      }
    }
  }
}

/** What a message says stays the same when it is written and read again. */
function expectStable(message: Section): void {
  // Names that are no text grow when they are read.
  if (JSON.stringify(message).includes("\uFFFD")) return;
  const again = parseMessage(encodeMessage(dataOf(message)));
  if (JSON.stringify(sorted(again)) !== JSON.stringify(sorted(message))) throw new Error("the message changed");
}

function dataOf(section: Section): MessageData {
  return Object.fromEntries(
    Array.from(section, ([name, element]) => [
      name,
      element instanceof Section ? dataOf(element) : (element as Scalar | readonly Scalar[]),
    ]),
  );
}

/** Names that look like numbers change their place in plain objects. */
function sorted(section: Section): unknown {
  return Array.from(section, ([name, element]): [string, unknown] => [
    name,
    element instanceof Section ? sorted(element) : Array.isArray(element) ? element.map(hex) : hex(element as Uint8Array),
  ]).sort(([a], [b]) => (a < b ? -1 : 1));
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/** It can cross to the shards. */
function expectPlain(peer: PeerDefinition): void {
  structuredClone(peer);
}

/**
 * Feeds mutated requests to the target.
 * @param seed of the random numbers
 * @throws {FuzzFailure} for the first input that gives anything but a value or the error that is foreseen
 */
export function fuzzRequests(count: number, seed: number): FuzzReport {
  const random = new Random(seed);
  const report: FuzzReport = { inputs: 0, malformed: 0, refused: 0, connections: 0 };
  for (; report.inputs < count; report.inputs++) {
    const octets = mutate(random, SEEDS[random.below(SEEDS.length)]!);
    try {
      target(octets, report);
    } catch (error) {
      if (!(error instanceof ViciEncodingError)) throw new FuzzFailure(octets, error);
      report.malformed++;
    }
  }
  return report;
}
