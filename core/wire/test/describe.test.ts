import type { Payload } from "@cygnet/wire";
import { describeMessage, makeNotifyPayload, PayloadType } from "@cygnet/wire";
import { expect, it } from "vitest";

const EMPTY = new Uint8Array(0);

function attribute(type: number) {
  return { type, value: EMPTY };
}

const cases: readonly [text: string, payloads: readonly Payload[]][] = [
  ["[ ]", []],
  ["[ D ]", [{ type: PayloadType.DELETE, protocol: 1, spis: [] }]],
  ["[ N(TS_UNACCEPT) ]", [makeNotifyPayload(38)]],
  ["[ N((40000)) ]", [makeNotifyPayload(40_000)]],
  ["[ CPRQ(ADDR DNS) ]", [{ type: PayloadType.CP, cfgType: 1, attributes: [attribute(1), attribute(3)] }]],
  ["[ CPRP(ADDR DNS DNS) ]", [{ type: PayloadType.CP, cfgType: 2, attributes: [attribute(1), attribute(3), attribute(3)] }]],
  ["[ CPA() ]", [{ type: PayloadType.CP, cfgType: 4, attributes: [] }]],
  ["[ EAP/REQ/MD5 ]", [{ type: PayloadType.EAP, code: 1, identifier: 0, method: 4, data: EMPTY }]],
  ["[ EAP/SUCC ]", [{ type: PayloadType.EAP, code: 3, identifier: 0, method: 0, data: EMPTY }]],
  [
    "[ V (77) ]",
    [
      { type: PayloadType.VENDOR_ID, data: EMPTY },
      { type: PayloadType.UNKNOWN, payloadType: 77, critical: false, body: EMPTY },
    ],
  ],
];

it.each(cases)("a message is summed up as %s", (text, payloads) => {
  expect(describeMessage({ payloads })).toBe(text);
});

it("a fragment is summed up by its number", () => {
  const encrypted = { type: PayloadType.SKF, firstPayload: 35, at: 36, end: 99, fragmentNumber: 1, totalFragments: 2 } as const;
  expect(describeMessage({ payloads: [], encrypted })).toBe("[ EF(1/2) ]");
});

it("a sealed message is summed up as such until it is opened", () => {
  const encrypted = { type: PayloadType.SK, firstPayload: 35, at: 32, end: 99, fragmentNumber: 1, totalFragments: 1 } as const;
  expect(describeMessage({ payloads: [], encrypted })).toBe("[ E ]");
  expect(describeMessage({ payloads: [], encrypted, isOpened: true })).toBe("[ ]");
});
