import { Host } from "@cygnet/plugin-api";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it } from "vitest";
import { MarkedChildren } from "../src/index.js";
import type { Rule } from "../src/index.js";

/** The rules that are there, and whether any was removed that was not. */
class Table {
  readonly rules: string[] = [];
  missing = 0;

  add(rules: readonly Rule[]): void {
    this.rules.push(...rules.map(text));
  }

  remove(rules: readonly Rule[]): void {
    for (const rule of rules.map(text)) {
      const at = this.rules.indexOf(rule);
      if (at < 0) this.missing++;
      else this.rules.splice(at, 1);
    }
  }
}

const text = ({ chain, terms }: Rule): string => `${chain} ${terms.join(" ")}`;
const L2TP = { mode: "transport", markIn: "%unique", markOut: "%unique" } as const;
const SELECTORS = { localTs: ["dynamic[udp/1701]"], remoteTs: ["dynamic[udp/1701]"] };

async function establish(child: Parameters<Pair["configure"]>[2] = { ...L2TP, ...SELECTORS }) {
  const pair = new Pair();
  const table = new Table();
  const listener = new MarkedChildren(table);
  pair.sun.bus.addListener(listener);
  pair.configure({ forceEncap: true }, {}, child);
  await pair.establish();
  expect(pair.sun.children).toHaveLength(1);
  return { pair, table, listener };
}

/** What is expected for sun's CHILD_SA. */
function expected({ sun }: Pair, remote = "192.0.2.1", port = 4500): string[] {
  const [child] = sun.children;
  const spi = `0x${child!.spiIn.toString(16)}`;
  const mark = `0x${(2 * child!.reqid).toString(16)}/0xffffffff`;
  const ports = `--sport ${port} --dport 4500 -m u32 --u32 0>>22&0x3C@8=${spi}`;
  return [
    `PREROUTING -s ${remote} -d 192.0.2.2 -p udp ${ports} -j MARK --set-xmark ${mark}`,
    `INPUT -d 192.0.2.2 -m policy --dir in --pol ipsec --proto esp --mode transport --reqid ${child!.reqid} -j CONNMARK --set-xmark ${mark}`,
    `OUTPUT -s 192.0.2.2 -d ${remote} -p 17 --sport 1701:1701 --dport 1701:1701 -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff`,
  ];
}

describe("the rules of a CHILD_SA with marks in transport mode", () => {
  it("are there while it is, and follow it when it is rekeyed from either side", async () => {
    const { pair, table } = await establish();
    expect(table.rules).toEqual(expected(pair));
    const before = table.rules[0];
    for (const end of [pair.moon, pair.sun]) {
      end.rekeyChild();
      await pair.run(10_000);
      expect(table.rules).toEqual(expected(pair));
    }
    expect(table.rules[0]).not.toBe(before);
    pair.moon.terminateChild();
    await pair.run(10_000);
    expect([table.rules, table.missing]).toEqual([[], 0]);
  });

  it("go with the IKE_SA, and with the plugin", async () => {
    const { pair, table } = await establish();
    pair.moon.terminateIke();
    await pair.run(10_000);
    expect(table.rules).toEqual([]);
    const other = await establish();
    other.listener.clear();
    expect([other.table.rules, other.table.missing]).toEqual([[], 0]);
  });

  it("follow a client that the NAT gives another address", async () => {
    const { pair, table, listener } = await establish();
    const [ikeSa] = pair.sun.ikeSas;
    listener.ikeUpdate(ikeSa!, ikeSa!.local, Host.of("192.0.2.77", 1234));
    expect(table.rules).toEqual(expected(pair, "192.0.2.77", 1234));
    expect(table.missing).toBe(0);
  });

  it.each([
    ["there is no mark", { mode: "transport" }],
    ["it is tunnel mode", { ...L2TP, mode: "tunnel" }],
  ] as const)("are none where %s", async (_, child) => {
    const { table } = await establish({ ...child, localTs: ["dynamic"], remoteTs: ["dynamic"] });
    expect(table.rules).toEqual([]);
  });
});
