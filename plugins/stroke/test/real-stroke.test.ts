import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { LogGroup } from "@cygnet/plugin-api";
import { Daemon } from "./support/daemon.js";
import { childSaStatus, ikeSaStatus } from "./support/sa-status.js";

const STROKE = "/usr/lib/ipsec/stroke";
const isInstalled = existsSync(STROKE);
if (!isInstalled) console.log(`skipped: ${STROKE} is not installed (Debian package strongswan-starter)`);

let daemon: Daemon;

/** Runs strongSwan's own client. */
function stroke(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const conf = join(daemon.directory, "strongswan.conf");
  writeFileSync(conf, `charon { plugins { stroke { socket = unix://${daemon.socketPath} } } }\n`);
  return new Promise((resolve) => {
    execFile(STROKE, args, { env: { STRONGSWAN_CONF: conf } }, (error, output) => {
      resolve({ code: error ? Number(error.code) : 0, output });
    });
  });
}

describe.skipIf(!isInstalled)("strongSwan's stroke", () => {
  afterEach(() => daemon.stop());

  it("adds, lists, initiates, closes and deletes a connection", async () => {
    daemon = await Daemon.start();
    const { controller } = daemon;
    expect(await stroke("add", "home", "moon", "sun", "10.9.0.1", "10.9.0.2", "10.1.0.0/24", "10.2.0.0/24")).toEqual({
      code: 0,
      output: "",
    });
    const all = (await stroke("statusall")).output;
    expect(all).toContain(
      "        home:  10.9.0.1...10.9.0.2  IKEv2\n        home:   local:  [moon] uses public key authentication\n",
    );
    controller.operation = (observer) => {
      observer?.log(LogGroup.IKE, 1, "initiating IKE_SA home[1] to 10.9.0.2");
      return Promise.resolve("done");
    };
    expect((await stroke("up", "home")).output).toBe(
      "initiating IKE_SA home[1] to 10.9.0.2\nconnection 'home' established successfully\n",
    );
    controller.sas = [ikeSaStatus({ name: "home", children: [childSaStatus({ name: "home" })] })];
    expect((await stroke("status", "home")).output.split("\n").length).toBe(5);
    controller.operation = () => Promise.resolve("done");
    expect((await stroke("down", "home{*}")).output).toBe("CHILD_SA {1} closed successfully\n");
    expect((await stroke("down-nb", "home")).output).toBe("");
    await stroke("delete", "home");
    expect(daemon.connections.list()).toEqual([]);
  });

  it("gets an answer to all its other commands", async () => {
    daemon = await Daemon.start({ secrets: ": PSK one\n" });
    const commands = [
      "statusallnb",
      "listalgs",
      "listplugins",
      "listcerts",
      "listall",
      "leases",
      "listcounters",
      "rereadall",
      "purgeike",
    ];
    for (const command of [...commands, "memusage", "purgecrls"])
      expect([command, (await stroke(command)).code]).toEqual([command, 0]);
    expect((await stroke("loglevel", "foo", "2")).output).toBe("unknown type 'foo'!\n");
    expect((await stroke("route", "nope")).output).toBe("no config named 'nope'\n");
    expect((await stroke("unroute", "nope")).output).toBe("configuration 'nope' not found\n");
    expect((await stroke("user-creds", "nope", "alice", "pw")).output).toBe("no config named 'nope'\n");
  });
});
