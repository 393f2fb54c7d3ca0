import { Host, IkeSaState } from "@cygnet/plugin-api";
import type { ControlPort } from "@cygnet/daemon/testing";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";

/** Names as one end's control knows them; each look-up takes a moment. */
class Names {
  readonly asked: string[] = [];
  readonly addresses = new Map<string, readonly string[]>();

  readonly link = (control: ControlPort): ControlPort => {
    const resolveHost = async (name: string): Promise<readonly Uint8Array[]> => {
      this.asked.push(name);
      await Promise.resolve();
      return (this.addresses.get(name) ?? []).map((text) => Host.of(text).address);
    };
    return new Proxy(control, {
      get: (target, property) => {
        if (property === "resolveHost") return resolveHost;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
}

const NAME = "sun.example.org";

function setup(settings: Record<string, string> = {}, keyingTries = 1) {
  const names = new Names();
  const pair = new Pair({ moon: { link: names.link, settings } });
  pair.configure({ remoteAddresses: [NAME], keyingTries });
  return { pair, names };
}

describe("a peer with a host name", () => {
  it("is initiated to at the address of that moment, each time", async () => {
    const { pair, names } = setup();
    names.addresses.set(NAME, ["192.0.2.77"]);
    pair.moon.initiate("net");
    await pair.run();
    expect(pair.moon.ikeSas[0]!.remote.toString()).toBe("192.0.2.77");
    pair.moon.terminateIke();
    await pair.run();
    names.addresses.set(NAME, ["192.0.2.2"]);
    await pair.establish();
    expectUp(pair);
    expect(names.asked).toEqual([NAME, NAME]);
  });

  it("that cannot be resolved ends the initiation", async () => {
    const { pair } = setup();
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines().at(-1)).toBe(`unable to resolve ${NAME}, initiate aborted`);
    expect(pair.moon.manager.size).toBe(0);
  });

  it("is tried again with retry_initiate_interval until it can be resolved", async () => {
    const { pair, names } = setup({ retry_initiate_interval: "10s" });
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(pair.moon.lines().at(-1)).toBe(`unable to resolve ${NAME}, retrying in 10s`);
    expect(pair.moon.ikeSas.map(({ state }) => state)).toEqual([IkeSaState.CREATED]);
    await pair.run(11_000);
    expect(names.asked).toHaveLength(2);
    expect(operation.result()).toBeUndefined();
    names.addresses.set(NAME, ["192.0.2.2"]);
    await pair.run(11_000);
    expect(operation.result()).toBe("done");
    expectUp(pair);
  });

  it("is waited for by all that is initiated meanwhile", async () => {
    const { pair, names } = setup({ retry_initiate_interval: "10s" });
    const operations = [pair.moon.initiate("net"), pair.moon.initiate("net")];
    await pair.run();
    expect(pair.network.flights).toEqual([]);
    names.addresses.set(NAME, ["192.0.2.2"]);
    await pair.run(11_000);
    expect(operations.map(({ result }) => result())).toEqual(["done", "done"]);
    expectUp(pair);
  });

  it("is not tried again once it was given up", async () => {
    const { pair, names } = setup({ retry_initiate_interval: "10s" });
    const operation = pair.moon.initiate("net");
    await pair.run();
    pair.moon.terminateIke();
    names.addresses.set(NAME, ["192.0.2.2"]);
    await pair.run(30_000);
    expect(operation.result()).toBe("failed");
    expect(pair.network.flights).toEqual([]);
    expect(pair.moon.manager.size).toBe(0);
  });

  it("that does not answer is looked up before the next try", async () => {
    const { pair, names } = setup({}, 2);
    names.addresses.set(NAME, ["192.0.2.77"]);
    pair.moon.initiate("net");
    await pair.run(100_000);
    names.addresses.set(NAME, ["192.0.2.2"]);
    await pair.run(100_000);
    expect(pair.moon.lines()).toContain("peer not responding, trying again (2/2)");
    expectUp(pair);
  });

  it("is reauthenticated with at its new address", async () => {
    const names = new Names();
    const pair = new Pair({ moon: { link: names.link } });
    pair.configure({ remoteAddresses: [NAME], reauthTime: 3600 });
    names.addresses.set(NAME, ["192.0.2.2"]);
    await pair.establish();
    names.addresses.set(NAME, ["192.0.2.77"]);
    await pair.run(3_600_000, 200);
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toContain("192.0.2.77");
  });

  it("is answered at another address than before, after a look whether it is there now, and not one for each message", async () => {
    const names = new Names();
    const pair = new Pair({ sun: { link: names.link } });
    pair.configure({}, { remoteAddresses: ["moon.example.org"] });
    pair.sun.shard.applyConfig({ op: "resolve", name: "moon.example.org", addresses: ["192.0.2.9"] });
    await pair.establish();
    expect(pair.sun.lines()).toContain("no IKE config found for 192.0.2.2...192.0.2.1, sending NO_PROPOSAL_CHOSEN");
    names.addresses.set("moon.example.org", ["192.0.2.1"]);
    await pair.establish();
    expect(pair.moon.ikeSas).toHaveLength(0);
    await pair.run(3000);
    await pair.establish();
    expectUp(pair);
    expect(names.asked).toHaveLength(2);
  });
});
