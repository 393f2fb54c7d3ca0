import { LogGroup } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";

const ALL = { logLevel: 4 };

/** Octets that an end dumped at a level, by their labels, in hexadecimal. */
function dumps({ sink }: End, group: LogGroup, level: number): Map<string, string> {
  const found = new Map<string, string>();
  const tag = new RegExp(`^\\d\\d\\[${LogGroup[group]}${level}\\] (?:<[^>]*> )?(.*)$`);
  let label = "";
  for (const line of sink.lines) {
    const text = tag.exec(line)?.[1];
    if (text === undefined) continue;
    const [, begun, size] = /^(.+) => (\d+) bytes @ 0x/.exec(text) ?? [];
    const [, octets] = /^ *\d+: ((?:[0-9A-F]{2} ){1,16})/.exec(text) ?? [];
    if (begun !== undefined) found.set((label = begun), `${size}: `);
    else if (octets !== undefined) found.set(label, found.get(label) + octets.replaceAll(" ", ""));
  }
  return found;
}

async function established(logLevel = ALL.logLevel): Promise<Pair> {
  const pair = new Pair({ moon: { logLevel }, sun: { logLevel } });
  pair.configure();
  await pair.establish();
  return pair;
}

describe("raw data in the log", () => {
  it("has the keys of an IKE_SA at level 4, the same at both ends, and again when it is rekeyed", async () => {
    const pair = await established();
    const labels = ["shared Diffie Hellman secret", "SKEYSEED", "d", "ai", "ar", "ei", "er", "pi", "pr"];
    const names = labels.map((label) => (label.length === 1 || label.length === 2 ? `Sk_${label} secret` : label));
    const first = dumps(pair.moon, LogGroup.IKE, 4);
    expect([...first.keys()]).toEqual(names);
    expect(first.get("SKEYSEED")).toMatch(/^20: [0-9A-F]{40}$/);
    expect(dumps(pair.sun, LogGroup.IKE, 4)).toEqual(first);
    pair.sun.rekeyIke();
    await pair.run(10_000);
    const second = dumps(pair.moon, LogGroup.IKE, 4);
    expect([...second.keys()]).toEqual(names);
    expect(second.get("Sk_d secret")).not.toBe(first.get("Sk_d secret"));
    expect(dumps(pair.sun, LogGroup.IKE, 4)).toEqual(second);
  });

  it("has the keys of a CHILD_SA at level 4, the same at both ends", async () => {
    const pair = await established();
    const names = ["encryption initiator key", "encryption responder key", "integrity initiator key", "integrity responder key"];
    const keys = dumps(pair.moon, LogGroup.CHD, 4);
    expect([...keys.keys()]).toEqual(names);
    expect([...keys.values()].map((text) => text.split(":")[0])).toEqual(["16", "16", "20", "20"]);
    expect(dumps(pair.sun, LogGroup.CHD, 4)).toEqual(keys);
  });

  it("has the datagrams at level 3: what one end sends the other receives", async () => {
    const { moon, sun } = await established();
    const received = dumps(sun, LogGroup.NET, 3).get("received packet");
    expect(received).toMatch(/^\d+: [0-9A-F]{100,}$/);
    expect(dumps(moon, LogGroup.NET, 3).get("sending packet")).toBe(received);
  });

  it("has no secrets below level 4, and no raw data below level 3", async () => {
    for (const logLevel of [3, 2]) {
      const pair = await established(logLevel);
      for (const end of pair.ends) {
        expect(dumps(end, LogGroup.IKE, 4).size + dumps(end, LogGroup.CHD, 4).size).toBe(0);
        expect(end.sink.lines.join("\n")).not.toMatch(/secret|SKEYSEED|initiator key/i);
        expect(end.sink.lines.some((line) => line.includes(" bytes @ 0x"))).toBe(logLevel === 3);
      }
    }
  });
});
