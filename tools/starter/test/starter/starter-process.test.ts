import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { decodeStrokeMessage, strokeMessageTypeName } from "@cygnet/plugin-stroke/abi";
import { Starter } from "../../src/starter/starter.js";
import { nodeStarterSystem } from "../../src/starter/starter-system.js";

/** A daemon that listens on the stroke socket and notes every request, one line of hex each; SIGINT ends it. */
const DAEMON = `
const { appendFileSync } = require("node:fs");
const [socketPath, notes, ...args] = process.argv.slice(1);
appendFileSync(notes, "args " + args.join(" ") + "\\n");
require("node:net").createServer((socket) => {
  let bytes = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < 2 || bytes.length < bytes.readUInt16LE(0)) return;
    appendFileSync(notes, bytes.toString("hex") + "\\n");
    socket.end("loaded\\n");
  });
}).listen(socketPath);
process.on("SIGINT", () => process.exit(0));
`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cygnet-starter-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

it("runs a real daemon process, loads it, updates it and stops it", async () => {
  const conf = join(directory, "ipsec.conf");
  const socket = join(directory, "s.ctl");
  const notes = join(directory, "notes");
  const pidFile = join(directory, "starter.charon.pid");
  writeFileSync(conf, 'config setup\n\tcharondebug="ike 2"\nconn a\n\tauto=start\n');
  let loaded = (): void => {};
  const isLoaded = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  const log: string[] = [];
  const starter = new Starter({
    confFile: conf,
    pidDir: directory,
    strokeUri: `unix://${socket}`,
    daemonName: "charon",
    daemonCommand: (args) => ({ file: process.execPath, args: ["-e", DAEMON, "--", socket, notes, ...args] }),
    version: "cygnet 0",
    nofork: false,
    autoUpdateSec: 0,
    log: (line) => {
      log.push(line);
      // The second answer is the one to INITIATE, the last request of the configuration.
      if (log.filter((other) => other === "loaded").length === 2) loaded();
    },
    system: nodeStarterSystem(),
  });
  const ended = starter.run();
  await isLoaded;
  expect(readFileSync(pidFile, "utf8")).toBe(`${process.pid}\n`);
  writeFileSync(conf, "conn b\n\tauto=add\n");
  await starter.update();
  await starter.stop();
  expect(await ended).toEqual({ code: 0, reason: "stopped" });
  const [args, ...requests] = readFileSync(notes, "utf8").trim().split("\n");
  expect(args).toBe("args --use-syslog --debug-ike 2");
  const names = requests
    .map((hex) => decodeStrokeMessage(Buffer.from(hex, "hex")))
    .map((m) => `${strokeMessageTypeName(m.type)} ${(m.fields as { name: string }).name}`);
  expect(names).toEqual(["ADD_CONN a", "INITIATE a", "DEL_CONN a", "ADD_CONN b"]);
  expect(() => readFileSync(pidFile)).toThrow(/ENOENT/);
  expect(log.at(-1)).toBe("ipsec starter stopped");
});

it("ends with a refusal when the daemon's program does not exist", async () => {
  const conf = join(directory, "ipsec.conf");
  writeFileSync(conf, "");
  const log: string[] = [];
  const starter = new Starter({
    confFile: conf,
    pidDir: directory,
    strokeUri: `unix://${join(directory, "s.ctl")}`,
    daemonName: "charon",
    daemonCommand: (args) => ({ file: join(directory, "nothing"), args }),
    version: "cygnet 0",
    nofork: true,
    autoUpdateSec: 0,
    log: (line) => log.push(line),
    system: nodeStarterSystem(),
  });
  expect(await starter.run()).toEqual({ code: 1, reason: "daemon-refused" });
  expect(log.slice(1)).toEqual([
    expect.stringMatching(/^running charon failed: .*ENOENT/),
    "charon refused to be started",
    "ipsec starter stopped",
  ]);
});
