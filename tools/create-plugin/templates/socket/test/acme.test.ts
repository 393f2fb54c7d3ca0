import { Host } from "@cygnet/plugin-api";
import { collect, describeSharedSocket, describeSocket, openSocket } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import plugin from "../src/index.js";

describeSocket("acme", plugin);
describeSharedSocket("acme", plugin);

it("hears nothing from a blocked address", async () => {
  const receiver = await openSocket(plugin, { plugins: { [plugin.name]: { block: "127.0.0.7" } } });
  const sender = await openSocket(plugin);
  const arrived = collect(receiver.socket, 1);
  const to = Host.of("127.0.0.1", receiver.socket.port(true));
  for (const from of ["127.0.0.7", "127.0.0.8"])
    sender.socket.send(Buffer.from(`from ${from}`), Host.of(from, sender.socket.port(true)), to, 0);
  sender.socket.flush();
  expect((await arrived).map(({ text }) => text)).toEqual(["from 127.0.0.8"]);
  await receiver.undo();
  await sender.undo();
});
