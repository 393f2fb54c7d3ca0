import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attempt, run } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { HOSTS, Network } from "./harness/network.js";
import { Pair, afterTest } from "./harness/pair.js";
import { CYGNET, STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

/** Sends the datagrams that it gets as hexadecimal arguments to an address and port, from any free port. */
const SENDER = `
const [address, port, ...datagrams] = process.argv.slice(1);
const socket = require("node:dgram").createSocket("udp4");
let left = datagrams.length;
for (const text of datagrams) socket.send(Buffer.from(text, "hex"), Number(port), address, () => --left || socket.close());`;

async function send(pair: Pair, port: number, datagrams: readonly string[]): Promise<void> {
  const [ip, ...args] = pair.network.on("moon");
  await run(ip!, [...args, process.execPath, "-e", SENDER, HOSTS.sun.v4, String(port), ...datagrams]);
}

/** An IKE header, and what follows it. */
function message(
  spis: string,
  { next = 46, version = 0x20, exchange = 37, flags = 0x08, id = 2, body = "00", length = 0 },
): string {
  const octets = 28 + body.length / 2;
  const byte = (value: number): string => value.toString(16).padStart(2, "0");
  const word = (value: number): string => value.toString(16).padStart(8, "0");
  return spis + byte(next) + byte(version) + byte(exchange) + byte(flags) + word(id) + word(length || octets) + body;
}

const COUNTERS = /^(ike\w+) +(\d+)$/gm;
const counters = async (pair: Pair): Promise<Record<string, number>> =>
  Object.fromEntries(
    [...(await pair.sun.stroke("listcounters")).matchAll(COUNTERS)].map(([, name, value]) => [name!, Number(value)]),
  );

describe("what nobody should send", () => {
  async function established(): Promise<{ pair: Pair; spis: string }> {
    const pair = await Pair.start({ moon: "strongswan", sun: "cygnet", conn: { reauth: "no" } });
    await pair.moon.up();
    const [, initiator, responder] = /IKEv2 SPIs: ([0-9a-f]{16})_i ([0-9a-f]{16})_r/.exec(await pair.sun.sas())!;
    return { pair, spis: initiator! + responder! };
  }

  /** The IKE_SA and its CHILD_SA are the same as before, and can be used. */
  async function unharmed(pair: Pair, spis: string): Promise<void> {
    const sas = await pair.sun.sas();
    expect(sas).toContain("(1 up, 0 connecting)");
    expect(sas).toContain(`${spis.slice(0, 16)}_i ${spis.slice(16)}_r`);
    await pair.moon.stroke("rekey", "net{}");
    await pair.sun.log.seen(/^CHILD_SA net\{2\} established/);
  }

  it("does no harm to an IKE_SA: garbage, cut messages, other versions", async () => {
    const { pair, spis } = await established();
    await send(pair, 500, [
      "",
      "00",
      "ff".repeat(27),
      "ff".repeat(28),
      "00".repeat(2000),
      message(spis, { length: 5000 }),
      message(spis, { version: 0x30 }),
      message(spis, { version: 0x30, body: "00".repeat(9) }),
    ]);
    await send(pair, 4500, ["ff", "00000000", "000000", `00000000${"ab".repeat(20)}`, "deadbeef0000000100000000"]);
    await pair.sun.log.seen(/^received invalid IKE header from 192\.0\.2\.1/);
    await pair.sun.log.seen(/^received unsupported IKE version 3\.0 from .*, ignored$/);
    await pair.sun.log.seen(/^received unsupported IKE version 3\.0 from .*, sending INVALID_MAJOR_VERSION$/);
    await unharmed(pair, spis);
  });

  it("does no harm to an IKE_SA: SPIs that are nobody's", async () => {
    const { pair, spis } = await established();
    const before = (await counters(pair))["ikeInInvalidSpi"] ?? 0;
    await send(pair, 4500, [
      `00000000${message("0123456789abcdef" + "fedcba9876543210", {})}`,
      `00000000${message(spis.slice(0, 16) + "0000000000000001", {})}`,
      `00000000${message(spis.slice(16) + spis.slice(0, 16), {})}`,
    ]);
    await until("three invalid SPIs to be counted", async () => (await counters(pair))["ikeInInvalidSpi"] === before + 3);
    await unharmed(pair, spis);
  });

  it("does no harm to an IKE_SA: its SPIs, but not its keys", async () => {
    const { pair, spis } = await established();
    const before = (await counters(pair))["ikeInInvalid"] ?? 0;
    // An Encrypted payload of the right shape, full of nothing: as a request, as a response, with message ids in and out of the window.
    const sealed = (octets: number): string => `2a00${(octets + 4).toString(16).padStart(4, "0")}${"5a".repeat(octets)}`;
    const datagrams = [
      ...[2, 3, 7, 0xffffffff].map((id) => message(spis, { id, body: sealed(60) })),
      message(spis, { flags: 0x28, id: 0, body: sealed(60) }),
      message(spis, { exchange: 36, id: 2, body: sealed(60) }),
      message(spis, { exchange: 34, id: 0, body: sealed(60) }),
      message(spis, { id: 2, body: sealed(3) }),
      message(spis, { id: 2, next: 42, body: "000000080000ffff" }),
    ];
    await send(
      pair,
      4500,
      datagrams.map((datagram) => `00000000${datagram}`),
    );
    // Those with the right message id; the others are not worth a look.
    await until("four forged messages to be counted", async () => (await counters(pair))["ikeInInvalid"] === before + 4);
    await unharmed(pair, spis);
    // Nor was the peer's address taken from a message that proved nothing.
    expect(await pair.sun.sas()).toContain("192.0.2.2[sun.example.org]...192.0.2.1[moon.example.org]");
    await pair.sun.stop();
    await pair.sun.log.seen(
      /^received messages that came to nothing: 1 replayed, 4 with wrong message ID, 1 malformed, 2 failing the integrity check, 1 undecryptable$/,
    );
  });
});

describe("a start without privilege", () => {
  it("for ports below 1024 is refused in one line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    afterTest(async () => rmSync(folder, { recursive: true, force: true }));
    const network = await Network.create();
    afterTest(() => network.close());
    mkdirSync(join(folder, "run"));
    const conf = join(folder, "strongswan.conf");
    writeFileSync(
      conf,
      "charon {\n load = random nonce aes sha1 sha2 hmac gmp openssl socket-default\n filelog { stderr { default = 0\n } }\n}\n",
    );
    const command = [
      "setpriv",
      "--bounding-set=-net_bind_service",
      "--inh-caps=-net_bind_service",
      process.execPath,
      CYGNET,
      "charon",
    ];
    const [ip, ...args] = network.on("moon");
    const { code, stderr } = await attempt(ip!, [...args, ...command, "--conf", conf, "--piddir", join(folder, "run")]);
    expect(code).toBe(66);
    const lines = stderr.split("\n").filter((line) => /initialization failed/.test(line));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/500.*(privilege|CAP_NET_BIND_SERVICE|permission)/i);
  });
});
