import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { onTestFinished } from "vitest";
import loadTester from "../src/index.js";
import { Client } from "./client.js";

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ldt-ca-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Options of the plugin as settings. */
export type TestOptions = Readonly<Record<string, string>>;

/** How a pair differs from one with nothing but defaults. */
export interface LoadTestRequest {
  /** Options of both, beside those of one. */
  readonly both?: TestOptions;
  readonly moon?: TestOptions;
  readonly sun?: TestOptions;
  /** Milliseconds since 1970. */
  readonly nowMs?: number;
}

/** Two daemons in memory with load-testers: moon initiates, sun responds. */
export class LoadTestPair {
  static readonly NOW = Date.UTC(2031, 1, 1, 12);

  private constructor(
    readonly pair: Pair,
    private readonly sockets: Readonly<Record<"moon" | "sun", string>>,
  ) {}

  static async start({ both = {}, moon = {}, sun = {}, nowMs = LoadTestPair.NOW }: LoadTestRequest = {}): Promise<LoadTestPair> {
    const folder = testFolder();
    const sockets = { moon: join(folder, "moon"), sun: join(folder, "sun") };
    const end = (name: "moon" | "sun", own: TestOptions) => {
      const options = { enable: "yes", proposal: "aes128-sha1-modp1024", responder: "192.0.2.2", ...both, ...own };
      const all = { ...options, initiator: name === "moon" ? "192.0.2.1" : "0.0.0.0", socket: `unix://${sockets[name]}` };
      const settings = Object.entries(all).map(([key, value]) => [`plugins.load-tester.${key}`, value]);
      return { plugins: [loadTester], settings: { reuse_ikesa: "no", dos_protection: "no", ...Object.fromEntries(settings) } };
    };
    const made = new Pair({ moon: end("moon", moon), sun: end("sun", sun) });
    made.clock.setWall(nowMs);
    const test = new LoadTestPair(made, sockets);
    onTestFinished(() => made.unload());
    for (const each of made.ends) await each.load();
    return test;
  }

  /** Has moon initiate. @returns what the control socket says of it */
  async initiate(count: number): Promise<string> {
    const client = new Client(this.sockets.moon, `${count} 0\n`);
    let isClosed = false;
    void client.closed.then(() => (isClosed = true));
    while (!isClosed) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.pair.run(0.01, 1);
    }
    await this.pair.run();
    return client.text;
  }

  /** Both ends' identities of all IKE_SAs of an end, as `initiator - responder`, sorted. */
  identities(end: End): string[] {
    return end.ikeSas
      .map(({ isInitiator, localId, remoteId }) => (isInitiator ? `${localId} - ${remoteId}` : `${remoteId} - ${localId}`))
      .sort();
  }

  /** The certificates that were sent so far, but the authority's, in order. */
  sent(end: End): X509Certificate[] {
    return this.#sent.get(end) ?? [];
  }

  readonly #sent = new Map<End, X509Certificate[]>();

  /** Notes what certificates an end's source makes from now on. */
  watch(end: End): void {
    const { sources } = end.shard.context;
    const all: X509Certificate[] = [];
    this.#sent.set(end, all);
    const make = sources.make.bind(sources);
    sources.make = async (id) => {
      const made = await make(id);
      if (made?.certificate) all.push(new X509Certificate(made.certificate.der));
      return made;
    };
  }
}
