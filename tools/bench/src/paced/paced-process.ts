import { PacedClient } from "./paced-client.js";
import type { PacedCommand, PacedReply } from "./paced-load.js";

// The process behind `PacedLoad`: takes commands over its IPC channel, one at a time, and ends with it.
const [address, port] = process.argv.slice(2);
const octets = (text: string): Uint8Array => Uint8Array.from(text.split("."), Number);
const client = new PacedClient(Uint8Array.of(127, 0, 0, 2), { address: octets(address), port: Number(port) });

process.on("message", (command: PacedCommand) => {
  const load =
    command.kind === "closed" ? client.closed(command.sessions, command.window, command.keeps) : client.open(command.pace);
  void load.then((counts) => process.send?.(counts satisfies PacedReply));
});
process.once("disconnect", () => client.close());
