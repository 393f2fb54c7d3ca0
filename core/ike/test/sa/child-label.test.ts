import { childDefinition } from "@cygnet/plugin-api";
import { PayloadType, TrafficSelectorType, Writer, generateMessage, IkeHeader, parseHeader, parseMessage } from "@cygnet/wire";
import type { TsPayload, WireTrafficSelector } from "@cygnet/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TrafficSelector } from "../../src/config/index.js";
import { compileChild } from "../../src/config/compile-peer.js";
import type { ChildConfig } from "../../src/config/index.js";
import { labelledSelectors, labelsOf } from "../../src/sa/ikev2/child-label.js";

const NET = TrafficSelector.parse("10.1.0.0/16")!;
const EMPTY = new Uint8Array(0);

function config(label?: string): ChildConfig {
  const env = { parseProposal: () => expect.unreachable(), defaultProposals: () => expect.unreachable() };
  // A shunt needs no proposals.
  return compileChild(
    childDefinition("net", { mode: "pass", localTs: ["10.1.0.0/16"], remoteTs: ["10.2.0.0/16"], label }),
    env,
    "x",
  );
}

const ofLabel = (text: string): WireTrafficSelector => ({
  tsType: TrafficSelectorType.TS_SECLABEL,
  ...{ protocol: 0, startPort: 0, endPort: 0, startAddress: EMPTY, endAddress: EMPTY },
  body: new Uint8Array(Buffer.from(text)),
});

/** What both payloads hold beside a network. */
const labels = (tsi: readonly string[], tsr: readonly string[]): string[] | undefined => {
  const payload = <T extends PayloadType.TSi | PayloadType.TSr>(type: T, texts: readonly string[]): TsPayload<T> => ({
    type,
    selectors: [NET.toWire(), ...texts.map(ofLabel)],
  });
  return labelsOf(payload(PayloadType.TSi, tsi), payload(PayloadType.TSr, tsr))?.map((octets) => Buffer.from(octets).toString());
};

describe("the label of TS payloads", () => {
  it("is of both sides, or of none", () => {
    expect(labels([], [])).toBeUndefined();
    expect(labels(["a", "b", "c"], ["c", "b"])).toEqual(["b", "c"]);
    for (const [tsi, tsr] of [
      [["a"], []],
      [[], ["a"]],
      [["a"], ["b"]],
    ] as const)
      expect(labels(tsi, tsr)).toEqual([]);
  });

  it("is none that can be used where it is empty", () => {
    expect(labels([""], [""])).toEqual([]);
    expect(labels(["", "a"], ["a", ""])).toEqual(["a"]);
  });

  it("comes behind the selectors, and takes the place of the last one where there is no room", () => {
    expect(labelledSelectors([NET], config())).toEqual([NET.toWire()]);
    expect(labelledSelectors([NET], config("dscp-ef"))).toEqual([NET.toWire(), ofLabel("dscp-ef\0")]);
    const full = labelledSelectors(
      Array.from({ length: 255 }, () => NET),
      config("x"),
    );
    expect([full.length, full.at(-1), full.at(-2)]).toEqual([255, ofLabel("x\0"), NET.toWire()]);
  });

  it("arrives as it was sent, whatever it is", () => {
    const writer = new Writer(new Uint8Array(65_535));
    const head = {
      spiInitiatorHi: 1,
      spiInitiatorLo: 1,
      spiResponderHi: 0,
      spiResponderLo: 0,
      exchangeType: 36,
      flags: 8,
      messageId: 1,
    };
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }).filter((label) => !label.includes("\0"));
    fc.assert(
      fc.property(text, (label) => {
        const sent = config(label);
        const selectors = labelledSelectors([NET], sent);
        const payloads = [PayloadType.TSi as const, PayloadType.TSr as const].map((type) => ({ type, selectors }) as TsPayload);
        const length = generateMessage(writer.reset(), head, payloads as never);
        const header = new IkeHeader();
        parseHeader(writer.bytes, length, header);
        const message = parseMessage(writer.bytes, length, header);
        const received = labelsOf(message.payload(PayloadType.TSi)!, message.payload(PayloadType.TSr)!);
        expect(received).toEqual([sent.label]);
        expect([sent.takesLabel(received), config().takesLabel(received), sent.takesLabel(undefined)]).toEqual([
          true,
          false,
          false,
        ]);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
