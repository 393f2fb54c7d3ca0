import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PacedClient, SpoofedFlood } from "@cygnet/bench";
import { daemonSettings, freePorts, parseLoadTestArguments, readStatus, sidePaths, spawnDaemon } from "@cygnet/load-test";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { CLI, testFolder } from "./cli-process.js";

const OWN = Uint8Array.of(127, 0, 0, 2);
const RESPONDER = Uint8Array.of(127, 0, 0, 1);

/** A responder with the limits that it has by default, and half-open IKE_SAs that are soon over. */
async function startResponder() {
  const folder = testFolder();
  const [port] = await freePorts(1);
  const conf = join(folder, "own.conf");
  writeFileSync(conf, "charon {\n  dos_protection = yes\n  half_open_timeout = 2\n}\n");
  const side = { role: "responder", folder: join(folder, "responder"), port: port!, natPort: 0 } as const;
  const addresses = { initiator: "127.0.0.2", responder: "127.0.0.1", responderPort: port! };
  const settings = daemonSettings(side, addresses, parseLoadTestArguments(["--conf", conf]));
  const daemon = spawnDaemon(side, settings, [process.execPath, CLI]);
  onTestFinished(() => daemon.process.stop());
  await daemon.process.ready;
  return { daemon, endPoint: { address: RESPONDER, port: port! }, stroke: sidePaths(side.folder).stroke };
}

describe("a flood of 100,000 IKE_SA_INITs from spoofed addresses", () => {
  it("does not keep an honest client out, and leaves nothing behind", async () => {
    const { daemon, endPoint, stroke } = await startResponder();
    const client = new PacedClient(OWN, endPoint);
    const spoofed = new SpoofedFlood(endPoint);
    onTestFinished(() => client.close());
    onTestFinished(() => spoofed.close());
    expect(await client.closed(3, 1)).toMatchObject({ established: 3 });

    const honest = client.closed(5, 1);
    // It ends behind the honest client's last session, so all of that was set up during the flood.
    expect(await spoofed.run(100_000, 50_000, honest)).toBeGreaterThanOrEqual(100_000);
    expect(await honest).toMatchObject({ established: 5, failed: 0 });

    const status = await vi.waitFor(
      async () => {
        const now = await daemon.control.status();
        expect(now.half_open).toBe(0);
        return now;
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(status.up).toBe(8);
    expect(status.processor.queued).toEqual([0, 0, 0, 0]);
    expect(status.messages.cookiesSent).toBeGreaterThan(0);
    expect(await readStatus(stroke, 100)).toContain("Security Associations (8 up, 0 connecting)");
  });
});
