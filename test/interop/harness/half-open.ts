import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { randomBytes } from "node:crypto";
import { run } from "./command.js";
import { HOSTS } from "./network.js";
import type { HostName, Network } from "./network.js";

const CAPTURE = new URL("../../../core/crypto/test/vectors/ikev2-psk-aes128-sha1-modp1024.json", import.meta.url);

/** Sends the datagrams that it gets as hexadecimal arguments, from any free port. */
const SENDER = `
const [address, ...datagrams] = process.argv.slice(1);
const socket = require("node:dgram").createSocket("udp4");
let left = datagrams.length;
for (const text of datagrams) socket.send(Buffer.from(text, "hex"), 500, address, () => --left || socket.close());`;

/** The proposal of the IKE_SA_INITs that {@link leaveHalfOpen} sends. */
export const HALF_OPEN_PROPOSAL = "aes128-sha1-modp1024";

/**
 * Leaves IKE_SAs half open on a responder: captured IKE_SA_INIT requests, each with an SPI of its own, and nothing after them.
 * The responder must accept {@link HALF_OPEN_PROPOSAL}.
 */
export async function leaveHalfOpen(network: Network, from: HostName, count: number): Promise<void> {
  const { packets } = JSON.parse(readFileSync(fileURLToPath(CAPTURE), "utf8")) as {
    readonly packets: readonly { readonly udp_payload: string }[];
  };
  const request = packets[0]!.udp_payload;
  const datagrams = Array.from({ length: count }, () => randomBytes(8).toString("hex") + request.slice(16));
  const to = HOSTS[from === "moon" ? "sun" : "moon"].v4;
  const [ip, ...args] = network.on(from);
  await run(ip!, [...args, process.execPath, "-e", SENDER, to, ...datagrams]);
}
