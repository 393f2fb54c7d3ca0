import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Background } from "./harness/command.js";
import { until } from "./harness/deadline.js";
import { LogFile } from "./harness/log-file.js";
import { Network } from "./harness/network.js";
import { afterTest, startDaemon } from "./harness/pair.js";
import { requireAll } from "./harness/requirements.js";

requireAll(["root", "namespaces", "build", "strongswan"]);

/** Takes all questions and answers none; prints them. */
const NAME_SERVER = `
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (question) => console.log(question.toString("latin1").replace(/[^a-z]+/g, " ")));
socket.bind(53, "127.0.0.1", () => console.log("ready"));`;
const CONNECTIONS = 8;

describe("a name server that does not answer", () => {
  it("holds up neither the adding of connections, nor status, nor the end of the daemon", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    afterTest(async () => rmSync(folder, { recursive: true, force: true }));
    const network = await Network.create();
    afterTest(() => network.close());
    const on = network.on("moon");
    const asked = new LogFile(join(folder, "name-server"));
    const server = new Background(on[0]!, [...on.slice(1), process.execPath, "-e", NAME_SERVER], { output: asked.path });
    afterTest(async () => void (await server.stop()));
    await until("the name server", () => asked.text.includes("ready"));
    const resolvConf = join(folder, "resolv.conf");
    writeFileSync(resolvConf, "nameserver 127.0.0.1\noptions timeout:30\n");
    const moon = await startDaemon({
      kind: "cygnet",
      name: "moon",
      folder: join(folder, "moon"),
      on: [...on, "unshare", "-m", "sh", "-c", `mount --bind ${resolvConf} /etc/resolv.conf; exec "$@"`, "sh"],
    });
    const conns = Array.from(
      { length: CONNECTIONS },
      (_, i) => `conn c${i}\n keyexchange=ikev2\n authby=secret\n left=%any\n right=sun${"x".repeat(i)}.example.org\n auto=add\n`,
    );
    await moon.load(conns.join("\n"));
    await until("a question", () => asked.text.includes("sun example org"));
    const status = await moon.stroke("statusall");
    for (let i = 0; i < CONNECTIONS; i++) expect(status).toContain(`c${i}:  %any...sun${"x".repeat(i)}.example.org  IKEv2`);
    expect(await moon.stop()).toBe(0);
    expect(moon.log.text).not.toContain("resolving");
  });
});
