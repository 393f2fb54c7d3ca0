import { describe, expect, it } from "vitest";
import { decodeStrokeMessage } from "@cygnet/plugin-stroke/abi";
import { IPSEC_COMMANDS, ipsecMisuse } from "../../src/stroke/ipsec-commands.js";
import {
  STROKE_COMMANDS,
  strokeCommand,
  strokeCommandRequest,
  strokeUsage,
  StrokeUsageError,
} from "../../src/stroke/stroke-commands.js";
import { vectors } from "../helpers.js";

describe("stroke commands", () => {
  const { messages } = vectors<{ messages: { command?: string; request_hex: string }[] }>("stroke-messages.json");
  it.each(messages.filter((m) => m.command !== undefined).map((m) => [m.command ?? "", m.request_hex] as const))(
    "%s makes the bytes that the real tool sends",
    (command, hex) => {
      expect(Buffer.from(strokeCommandRequest(command.split(" ").slice(1))).toString("hex")).toBe(hex);
    },
  );

  it("know up-nb and down-nb as requests that do not wait", () => {
    expect(decodeStrokeMessage(strokeCommandRequest(["up-nb", "x"]))).toMatchObject({ type: 0, outputVerbosity: -1 });
    expect(decodeStrokeMessage(strokeCommandRequest(["down-nb", "x{*}"]))).toMatchObject({
      type: 5,
      outputVerbosity: -1,
      fields: { name: "x{*}" },
    });
  });

  it("accept --utc in front of the command and behind it", () => {
    for (const argv of [
      ["--utc", "listcerts"],
      ["listcerts", "--utc"],
    ]) {
      expect(decodeStrokeMessage(strokeCommandRequest(argv)).fields).toEqual({ flags: 2, utc: 1 });
    }
  });

  it("refuse unknown commands with the whole usage and missing arguments with their own", () => {
    expect(() => strokeCommandRequest([])).toThrow(StrokeUsageError);
    expect(() => strokeCommandRequest(["foo"])).toThrow(strokeUsage());
    for (const command of STROKE_COMMANDS.filter((c) => c.minArgs > 0)) {
      const argv = [command.names[0], ...Array<string>(command.minArgs - 1).fill("x")];
      expect(() => strokeCommandRequest(argv)).toThrow(`Usage: stroke ${command.names[0]} ${command.args}`);
      expect(decodeStrokeMessage(strokeCommandRequest([...argv, "1"])).outputVerbosity).toBeLessThanOrEqual(1);
    }
  });

  it("have each name once and a line in the usage", () => {
    const names = STROKE_COMMANDS.flatMap((c) => c.names);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(strokeUsage()).toContain(name);
  });

  it("stand behind every ipsec subcommand of that kind", () => {
    for (const command of IPSEC_COMMANDS) if (command.kind === "stroke") expect(strokeCommand(command.request)).toBeDefined();
    expect(IPSEC_COMMANDS.filter((c) => c.kind === "signal").map((c) => [c.name, c.kind === "signal" && c.signal])).toEqual([
      ["stop", "SIGTERM"],
      ["update", "SIGHUP"],
      ["reload", "SIGUSR1"],
    ]);
  });
});

// The lines that /usr/sbin/ipsec of Debian's strongSwan 5.9.8 prints.
it.each([
  ["up", [], "Usage: ipsec up <connection name>"],
  ["up", ["a", "b"], "Usage: ipsec up <connection name>"],
  ["down", [], "Usage: ipsec down <connection name>"],
  ["route", [], "Usage: ipsec route <connection name>"],
  ["down-srcip", [], "Usage: ipsec down-srcip <start> [<end>]"],
  ["up", ["a"], undefined],
  ["down-srcip", ["10.0.0.1", "10.0.0.9"], undefined],
  ["status", [], undefined],
  ["leases", ["pool", "10.0.0.1"], undefined],
  ["listcerts", ["--utc"], undefined],
] as const)("ipsec %s with %j is answered with %j", (name, words, usage) => {
  const command = IPSEC_COMMANDS.find((candidate) => candidate.name === name);
  if (command?.kind !== "stroke") expect.unreachable();
  expect(ipsecMisuse(command, words)).toBe(usage);
});
