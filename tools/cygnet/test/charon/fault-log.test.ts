import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { expect, it } from "vitest";
import { FaultLog } from "../../src/charon/fault-log.js";
import { StartWitness } from "../../src/charon/start-witness.js";

it("logs a fault with its stack, counts all, and does not fill the log with one that repeats", () => {
  const lines: string[] = [];
  const log: Logger = {
    enabled: () => true,
    log: (group, level, message) => lines.push(`${LogGroup[group]}${level} ${message}`),
  };
  const faults = new FaultLog(log);
  faults.note("uncaught exception", new Error("boom"));
  expect(lines).toEqual([expect.stringMatching(/^DMN1 uncaught exception \(number 1\), going on: Error: boom\n {4}at /)]);
  for (let i = 2; i <= 3000; i++) faults.note("unhandled rejection", "text");
  expect(faults.count).toBe(3000);
  expect(lines).toHaveLength(20 + 1 + 3);
  expect(lines.at(-1)).toBe("DMN1 unhandled rejection (number 3000), going on: text");
});

it("finds the cause of a failed start in the log, rather than its consequences", () => {
  const witness = new StartWitness();
  const log = (message: string): void =>
    witness.write({ group: LogGroup.LIB, level: 1, message, thread: 0, ikeSaId: 0, ikeSaName: "", timeMs: 0 });
  log("plugin 'x509': failed to load - not available in this release");
  expect(witness.reason).toBeUndefined();
  log("feature CUSTOM:libcharon in critical plugin 'charon' has unmet dependency: CUSTOM:socket");
  expect(witness.reason).toBe("feature CUSTOM:libcharon in critical plugin 'charon' has unmet dependency: CUSTOM:socket");
  log("registering CUSTOM:socket of plugin 'socket-default' failed: port in use");
  log("registering CUSTOM:stroke of plugin 'stroke' failed: later");
  expect(witness.reason).toBe("port in use");
});
