import { PacedClient } from "./paced-client.js";
import type { Flood, FloodCounts, PacedCommand, PacedReply } from "./paced-load.js";
import { SpoofedFlood } from "./spoofed-flood.js";

// The process behind `PacedLoad`: takes commands over its IPC channel, one at a time, and ends with it.
const [address, port, firstNumber] = process.argv.slice(2);
const octets = (text: string): Uint8Array => Uint8Array.from(text.split("."), Number);
const peer = { address: octets(address), port: Number(port) };
const client = new PacedClient(Uint8Array.of(127, 0, 0, 2), peer, Number(firstNumber));

function run(command: PacedCommand): Promise<PacedReply> {
  switch (command.kind) {
    case "closed":
      return client.closed(command.sessions, command.window, command.keeps);
    case "open":
      return client.open(command.pace);
    case "flood":
      return flood(command.flood);
  }
}

async function flood({ datagrams, perSecond, sessions }: Flood): Promise<FloodCounts> {
  const spoofed = new SpoofedFlood(peer);
  const honest = client.closed(sessions, 1);
  const flooded = await spoofed.run(datagrams, perSecond, honest);
  spoofed.close();
  return { ...(await honest), flooded };
}

process.on("message", (command: PacedCommand) => {
  void run(command).then((reply) => process.send?.(reply));
});
process.once("disconnect", () => client.close());
