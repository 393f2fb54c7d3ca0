import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Controller } from "@cygnet/plugin-api";

/** Answers a client until it has had enough. What arrives on a control socket may be anything. */
export async function serve(connection: Socket, controller: Controller): Promise<void> {
  // A client that is gone is no fault of the daemon.
  connection.on("error", () => connection.destroy());
  for await (const line of createInterface({ input: connection })) {
    connection.write(`${JSON.stringify(await answer(line, controller))}\n`);
  }
  connection.end();
}

/** What there is to say to a command. */
async function answer(line: string, controller: Controller): Promise<object> {
  const [command = "", argument = ""] = line.trim().split(/\s+/);
  switch (command) {
    case "count":
      return await controller.count();
    case "list":
      return await list(controller);
    case "terminate": {
      const id = /^\d{1,10}$/.test(argument) ? Number(argument) : 0;
      return id > 0 ? { result: await controller.terminateIke(id) } : { error: "terminate takes the number of an IKE_SA" };
    }
    default:
      return { error: "commands are count, list and terminate NUMBER" };
  }
}

async function list(controller: Controller): Promise<object> {
  const all: object[] = [];
  // In pieces, so that many IKE_SAs hold nobody up.
  for await (const piece of controller.ikeSas({}, false)) {
    for (const { uniqueId, name, remoteId, remote } of piece) all.push({ uniqueId, name, remoteId, remote });
  }
  return { ikeSas: all };
}
