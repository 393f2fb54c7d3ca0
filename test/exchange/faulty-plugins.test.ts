import {
  AttributeManager,
  Bus,
  ControlLink,
  Host,
  PLUGIN_API,
  ShardLinks,
  custom,
  definePlugin,
  linkTopic,
} from "@cygnet/plugin-api";
import type { AttributeProvider, Listener, Plugin } from "@cygnet/plugin-api";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it } from "vitest";
import { expectEmpty, expectUp } from "./expectations.js";

/** Plugins of a listener or a provider under this name. */
const listening = (listener: Omit<Listener, "name">): Plugin =>
  definePlugin({
    name: "acme",
    api: PLUGIN_API,
    features: () => [
      { provides: custom("acme"), register: ({ resolve }) => resolve(Bus).addListener({ name: "acme", ...listener }) },
    ],
  });
const providing = (provider: AttributeProvider): Plugin =>
  definePlugin({
    name: "acme",
    api: PLUGIN_API,
    features: () => [
      {
        provides: custom("acme"),
        on: "control",
        register: ({ resolve }) => resolve(AttributeManager).addProvider({ name: "acme", ...provider }),
      },
    ],
  });

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** A gateway with this plugin, and a peer that wants a virtual IP. */
async function gateway(plugin: Plugin): Promise<Pair> {
  const pair = await Pair.load({ sun: { plugins: [plugin] } });
  pair.configure(
    { virtualIps: ["0.0.0.0"], children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
    { pools: ["acme"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })] },
  );
  return pair;
}

describe("a listener", () => {
  it("that never says whether it authorizes costs the IKE_SA that it was asked about, after ten seconds, and is named", async () => {
    const pair = await Pair.load({ sun: { plugins: [listening({ authorize: () => never<boolean>() })] } });
    pair.configure();
    const operation = pair.moon.initiate("net");
    await pair.run(9_000, 90);
    expect(operation.result()).toBeUndefined();
    const { waits } = pair.sun.shard.profile();
    expect(waits).toContainEqual(expect.objectContaining({ on: "acme", name: "authorize" }));
    await pair.run(2_000, 20);
    expect(operation.result()).toBe("failed");
    expect(pair.sun.lines()).toContain("listener 'acme' has not answered on authorize within 10 s, going on without it");
    for (const end of pair.ends) expectEmpty(end);
    await pair.unload();
  });

  it("that keeps the thread is named, with the time that it took, and no IKE_SA is harmed", async () => {
    let pair: Pair | undefined;
    const busy = (): void => pair!.clock.skip(250);
    pair = await Pair.load({ sun: { plugins: [listening({ ikeUpdown: busy })] } });
    pair.configure();
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.lines()).toContain("listener 'acme' kept the thread for 250 ms on ikeUpdown");
    await pair.unload();
  });

  it("whose promise rejects where nobody waits for it is named, and the daemon lives", async () => {
    const rejects = async (): Promise<void> => {
      await Promise.resolve();
      throw new Error("out of order");
    };
    const pair = await Pair.load({ sun: { plugins: [listening({ childUpdown: rejects as () => void })] } });
    pair.configure();
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.lines()).toContain("listener 'acme' failed on childUpdown: out of order");
    await pair.unload();
  });
});

describe("a listener of a topic", () => {
  it("that throws is named, and who told it something goes on", async () => {
    const topic = linkTopic<number>("acme.numbers");
    const plugin = definePlugin({
      name: "acme",
      api: PLUGIN_API,
      features: () => [
        {
          provides: custom("acme"),
          register: ({ resolve }) => {
            const undo = resolve(ShardLinks).listen(topic, () => {
              throw new Error("no room");
            });
            const remove = resolve(Bus).addListener({ name: "acme", ikeUpdown: () => resolve(ControlLink).tell(topic, 7) });
            return () => {
              remove();
              void undo();
            };
          },
        },
      ],
    });
    const pair = await Pair.load({ sun: { plugins: [plugin] } });
    pair.configure();
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.lines()).toContain("listener of topic 'acme.numbers' failed on a message: no room");
    await pair.unload();
  });
});

describe("an attribute provider", () => {
  it("that never answers has no address for the peer, which is told so after ten seconds, and others go on", async () => {
    const pair = await gateway(providing({ acquire: () => never<Host>() }));
    pair.moon.initiate("net");
    await pair.run(9_000, 90);
    expect(pair.moon.children).toEqual([]);
    await pair.run(2_000, 20);
    expect(pair.sun.lines()).toContain("attribute provider 'acme' has not answered on acquire within 10 s, going on without it");
    expect(pair.sun.lines()).toContain("no virtual IP found for %any requested by 'moon'");
    expect(pair.moon.ikeSas.map(({ children }) => children.length)).toEqual([0]);
    await pair.unload();
  });

  it("that throws is named, and the IKE_SA goes on without an address", async () => {
    const acquire = (): never => {
      throw new Error("no database");
    };
    const pair = await gateway(providing({ acquire }));
    await pair.establish();
    expect(pair.sun.lines()).toContain("attribute provider 'acme' failed on acquire: no database");
    expect(pair.moon.ikeSas).toHaveLength(1);
    await pair.unload();
  });

  it("whose address comes too late gets it back", async () => {
    const released: string[] = [];
    let answer: (address: Host) => void = () => undefined;
    const pair = await gateway(
      providing({
        acquire: () => new Promise<Host>((resolve) => (answer = resolve)),
        release: (_context, address) => (released.push(String(address)), true),
      }),
    );
    pair.moon.initiate("net");
    await pair.run(11_000, 110);
    answer(Host.of("10.9.0.1"));
    await pair.run();
    expect(released).toEqual(["10.9.0.1"]);
    await pair.unload();
  });
});
