import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Host } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext } from "@cygnet/plugin-api";
import { LogManager, MemorySink, VirtualClock } from "@cygnet/plugin-testkit/parts";
import { onTestFinished } from "vitest";

export const context: AttributeContext = { connection: "home", ikeSaId: 1, identity: "moon", remote: "192.0.2.1", pools: [] };

export function dns(text: string): Attribute {
  const { family, address } = Host.of(text);
  return { type: family === 4 ? 3 : 10, value: address };
}

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "resolve-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function memoryLog() {
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink();
  log.addSink(sink);
  return { log, sink };
}
