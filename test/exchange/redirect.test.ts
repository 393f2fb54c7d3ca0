import { Host, authRound, peerDefinition } from "@cygnet/plugin-api";
import type { ControlPort } from "@cygnet/daemon/testing";
import { End, Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { EndOptions, Flight } from "@cygnet/plugin-testkit/pair";
import { PayloadType, makeNotifyPayload } from "@cygnet/wire";
import type { Payload } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { expectUp } from "./expectations.js";

const SUN = "192.0.2.2";
const VENUS = "192.0.2.3";
const NONCE = 40;
const NOTIFY = 41;
const REDIRECT = 16407;

/** moon connects to sun; venus is another gateway with the same connection. */
function three(
  moon: EndOptions = {},
  {
    sun = {},
    ...connection
  }: { readonly sun?: EndOptions; readonly remoteAddresses?: readonly string[]; readonly keyingTries?: number } = {},
): { readonly pair: Pair; readonly venus: End } {
  const pair = new Pair({ moon, sun });
  pair.configure(connection);
  const venus = new End(pair.clock, pair.network.socket(VENUS), { firstSpi: 0xe000_0000 });
  venus.secret("secret", "moon", "sun");
  venus.connection(
    peerDefinition("net", {
      localAddresses: [VENUS],
      remoteAddresses: ["192.0.2.1"],
      proposals: ["aes128-sha1-modp768"],
      local: [authRound({ auth: "psk", id: "sun" })],
      remote: [authRound({ auth: "psk", id: "moon" })],
      rekeyTime: 0,
      mobike: false,
      children: [usualChild("sun")],
    }),
  );
  return { pair, venus };
}

const gateway = (address: string) => ({ type: "ipv4", name: address, data: Host.of(address).address }) as const;
/** A gateway in the notify: an address, or a name. */
const identity = (text: string): number[] =>
  /^[\d.]+$/.test(text) ? [1, 4, ...Host.of(text).address] : [3, text.length, ...Buffer.from(text)];

/** The nonce of an IKE_SA_INIT request. */
function nonceOf(request: Uint8Array): Uint8Array {
  let type = request[16]!;
  for (let at = 28; at < request.length; at += request[at + 2]! * 256 + request[at + 3]!) {
    if (type === NONCE) return request.slice(at + 4, at + request[at + 2]! * 256 + request[at + 3]!);
    type = request[at]!;
  }
  return new Uint8Array(0);
}

/** Moon has names looked up. */
function knowing(hosts: Readonly<Record<string, string>>): EndOptions {
  const resolveHost = async (name: string): Promise<readonly Uint8Array[]> => {
    const host = hosts[name];
    return host === undefined ? [] : [Host.of(host).address];
  };
  const link = (control: ControlPort): ControlPort =>
    new Proxy(control, {
      get: (target, property) => {
        if (property === "resolveHost") return resolveHost;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  return { link };
}

/** Sun answers each first message with a redirect. @param alter what it has in place of the right nonce */
function redirectFirst(pair: Pair, to: string, alter = (nonce: Uint8Array) => nonce): void {
  pair.network.fate = ({ source, destination, data }: Flight) => {
    if (source.toString() === SUN) return [];
    if (destination.toString() !== SUN || data[18] !== 34) return [1];
    const notify = [...identity(to), ...alter(nonceOf(data))];
    const length = 28 + 8 + notify.length;
    const answer = Uint8Array.from([
      ...data.subarray(0, 8),
      ...new Uint8Array(8),
      ...[NOTIFY, 0x20, 34, 0x20, 0, 0, 0, 0, 0, 0, length >> 8, length & 0xff],
      ...[0, 0, (8 + notify.length) >> 8, (8 + notify.length) & 0xff, 0, 0, REDIRECT >> 8, REDIRECT & 0xff, ...notify],
    ]);
    pair.clock.timer(() => pair.network.deliver({ data: answer, source: destination, destination: source })).arm(2);
    return [];
  };
}

/** Sun has a redirect in its IKE_AUTH response in place of a CHILD_SA. @param data of the notify */
function redirectAuth(pair: Pair, data: readonly number[]): void {
  pair.sun.bus.addListener({
    name: "redirecting",
    message: (_ikeSa, { exchangeType, isResponse, payloads }, isIncoming) => {
      if (exchangeType !== 35 || !isResponse || isIncoming) return;
      const kept = payloads.filter(({ type }) => type === PayloadType.IDr || type === PayloadType.AUTH);
      (payloads as Payload[]).splice(0, payloads.length, ...kept, makeNotifyPayload(REDIRECT, Uint8Array.from(data)));
    },
  });
}

describe("a client that is redirected with IKE_AUTH", () => {
  it("deletes what the gateway has of it, and sets up the same at the other one", async () => {
    const { pair, venus } = three();
    redirectAuth(pair, identity(VENUS));
    const operation = pair.moon.initiate("net");
    await pair.run(500);
    expect(operation.result()).toBe("done");
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([VENUS]);
    expect(pair.moon.children.map(({ name, remote }) => [name, remote.toString()])).toEqual([["net", VENUS]]);
    expect([venus.ikeSas.length, venus.children.length, pair.sun.ikeSas.length]).toEqual([1, 1, 0]);
    expect(pair.moon.lines().filter((line) => /^IKE_SA .* established/.test(line))).toHaveLength(1);
    expect(pair.moon.lines()).toContain(
      "generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(REDIR_FROM) ]",
    );
    // The SPI of the first try was of an SA with sun.
    expect(pair.moon.kernel.installed.size).toBe(2);
    expect(pair.moon.kernel.missing).toEqual([]);
  });

  it("by a name looks that up first", async () => {
    const { pair, venus } = three(knowing({ "venus.example.org": VENUS }));
    redirectAuth(pair, identity("venus.example.org"));
    pair.moon.initiate("net");
    await pair.run(500);
    expect([venus.children.length, pair.sun.ikeSas.length]).toEqual([1, 0]);
  });

  it("by whoever cannot prove to be the gateway takes no notice", async () => {
    const { pair, venus } = three();
    redirectAuth(pair, identity(VENUS));
    pair.sun.secret("another secret", "moon", "sun");
    const operation = pair.moon.initiate("net");
    await pair.run(500);
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).not.toContain(`redirected to ${VENUS}`);
    expect(venus.ikeSas).toEqual([]);
  });

  it("in circles gives up, and leaves nothing behind", async () => {
    const { pair } = three();
    redirectAuth(pair, identity(SUN));
    const operation = pair.moon.initiate("net");
    await pair.run(500);
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("only 5 redirects are allowed within 300 seconds");
    expect([pair.moon.ikeSas, pair.sun.ikeSas]).toEqual([[], []]);
  });

  it.each([
    ["malformed", [1, 4, 192, 0], {}, "received invalid REDIRECT notify"],
    ["unwanted", identity(VENUS), { settings: { follow_redirects: "no" } }, "server sent REDIRECT even though we disabled it"],
  ] as const)("by a notify that is %s stays", async (_, data, moon, line) => {
    const { pair, venus } = three(moon);
    redirectAuth(pair, data);
    pair.moon.initiate("net");
    await pair.run(500);
    expect(pair.moon.lines()).toContain(line);
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([SUN]);
    expect(venus.ikeSas).toEqual([]);
  });
});

describe("a client that is redirected", () => {
  it("while it begins goes to the other gateway, and says where it comes from", async () => {
    const { pair, venus } = three();
    redirectFirst(pair, VENUS);
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("done");
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([VENUS]);
    expect(venus.ikeSas).toHaveLength(1);
    expect(pair.moon.lines()).toContain(`redirected to ${VENUS}`);
    expect(pair.moon.lines()).toContain(
      "generating IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(REDIR_FROM) ]",
    );
    const [first, second] = pair.network.flights.filter(({ data }) => data[18] === 34 && data[19] === 0x08);
    expect(nonceOf(second!.data)).not.toEqual(nonceOf(first!.data));
    expect(second!.data.subarray(0, 8)).not.toEqual(first!.data.subarray(0, 8));
  });

  it("by whoever does not know its nonce takes no notice", async () => {
    const { pair, venus } = three();
    redirectFirst(pair, VENUS, (nonce) => nonce.map((octet) => octet ^ 1));
    pair.moon.initiate("net");
    await pair.run(500);
    expect(pair.moon.lines()).not.toContain(`redirected to ${VENUS}`);
    expect(venus.ikeSas).toEqual([]);
  });

  it("in circles gives up", async () => {
    const { pair } = three();
    redirectFirst(pair, SUN);
    const operation = pair.moon.initiate("net");
    await pair.run(500);
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("only 5 redirects are allowed within 300 seconds");
    expect(pair.moon.ikeSas).toEqual([]);
  });

  it("to a name that cannot be resolved gives up", async () => {
    const { pair } = three();
    redirectFirst(pair, "venus.example.org");
    const operation = pair.moon.initiate("net");
    await pair.run(500);
    expect(operation.result()).toBe("failed");
    expect(pair.moon.lines()).toContain("unable to resolve gateway ID 'venus.example.org', redirect failed");
  });

  it("when it is up sets an IKE_SA with the same CHILD_SAs up there, and deletes the one it had", async () => {
    const { pair, venus } = three();
    await pair.establish();
    pair.sun.shard.redirectIke(pair.sun.ikeSas[0]!.uniqueId, gateway(VENUS));
    await pair.run(500);
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([VENUS]);
    expect(pair.moon.children.map(({ name }) => name)).toEqual(["net"]);
    expect(venus.ikeSas).toHaveLength(1);
    expect(pair.sun.ikeSas).toEqual([]);
  });

  it("stays where it does not follow, and is not asked to go", async () => {
    const { pair, venus } = three({ settings: { follow_redirects: "no" } });
    await pair.establish();
    expect(pair.moon.lines().join("\n")).not.toContain("REDIR_SUP");
    expect(pair.sun.shard.redirectIke(pair.sun.ikeSas[0]!.uniqueId, gateway(VENUS))).toBe(false);
    expect(pair.sun.lines()).toContain("client does not support IKE redirection");
    await pair.run(500);
    expectUp(pair);
    expect(venus.ikeSas).toEqual([]);
  });

  it("from the host name it was to connect to stays away from that", async () => {
    const { pair, venus } = three(knowing({ "sun.example.org": SUN }), { remoteAddresses: ["sun.example.org"] });
    await pair.establish();
    pair.sun.shard.redirectIke(pair.sun.ikeSas[0]!.uniqueId, gateway(VENUS));
    await pair.run(500);
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([VENUS]);
    expect([venus.ikeSas.length, pair.sun.ikeSas.length]).toEqual([1, 0]);
  });

  it("tries again where it was sent to, not at the name it began with", async () => {
    const { pair } = three(knowing({ "sun.example.org": SUN }), { remoteAddresses: ["sun.example.org"], keyingTries: 2 });
    redirectFirst(pair, "192.0.2.77");
    pair.moon.initiate("net");
    await pair.run(400_000);
    expect(
      pair.moon
        .lines()
        .filter((line) => line.startsWith("initiating IKE_SA "))
        .map((line) => line.split(" to ")[1]),
    ).toEqual([SUN, "192.0.2.77", "192.0.2.77"]);
  });
});

describe("a gateway that clients are sent to", () => {
  it("says from where, and can send them on", async () => {
    const { pair, venus } = three();
    redirectFirst(pair, VENUS);
    pair.moon.initiate("net");
    await pair.run(500);
    pair.network.fate = () => [1];
    expect(venus.lines()).toContain(`client got redirected from ${SUN}`);
    expect(venus.shard.redirectIke(venus.ikeSas[0]!.uniqueId, gateway(SUN))).toBe(true);
    await pair.run(500);
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([SUN]);
    expect(pair.sun.lines()).toContain(`client got redirected from ${VENUS}`);
    expect(venus.ikeSas).toEqual([]);
  });

  it("sends no gateway elsewhere that it connected to itself", async () => {
    const { pair } = three();
    await pair.establish();
    expect(pair.moon.shard.redirectIke(pair.moon.ikeSas[0]!.uniqueId, gateway(VENUS))).toBe(false);
    expect(pair.moon.lines()).toContain("unable to redirect IKE_SA as initiator");
  });
});

describe("a gateway with a redirect provider", () => {
  it("sends the client away with the answer to the first message, and keeps nothing of it", async () => {
    const { pair, venus } = three();
    const asked: string[] = [];
    pair.sun.shard.context.redirects.addProvider({
      name: "balance",
      onInit: ({ remote }) => {
        asked.push(remote.toString());
        return Host.of(VENUS);
      },
    });
    const operation = pair.moon.initiate("net");
    await pair.run(500);
    expect(operation.result()).toBe("done");
    expect(asked).toEqual(["192.0.2.1"]);
    expect(pair.sun.lines()).toContain(`redirecting peer to ${VENUS}`);
    expect(pair.sun.lines()).toContain("generating IKE_SA_INIT response 0 [ N(REDIR) ]");
    expect(pair.sun.manager.size).toBe(0);
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([VENUS]);
    expect(venus.children).toHaveLength(1);
  });

  it.each(["at once", "after a while"])(
    "sends it away with IKE_AUTH, without a CHILD_SA, when the answer is there %s",
    async (when) => {
      const { pair, venus } = three();
      const asked: string[] = [];
      pair.sun.shard.context.redirects.addProvider({ name: "silent" });
      pair.sun.shard.context.redirects.addProvider({ name: "content", onAuth: () => undefined });
      pair.sun.shard.context.redirects.addProvider({
        name: "balance",
        onAuth: ({ remoteId }) => {
          asked.push(String(remoteId));
          return when === "at once" ? Host.of(VENUS) : Promise.resolve(Host.of(VENUS));
        },
      });
      const operation = pair.moon.initiate("net");
      await pair.run(500);
      expect(operation.result()).toBe("done");
      expect(asked).toEqual(["moon"]);
      expect(pair.sun.lines()).toContain("generating IKE_AUTH response 1 [ IDr AUTH N(REDIR) ]");
      expect(pair.sun.kernel.installed.size).toBe(0);
      expect([pair.sun.ikeSas.length, venus.children.length]).toEqual([0, 1]);
      expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual([VENUS]);
    },
  );

  it("deletes the IKE_SA of a client that does not", async () => {
    const { pair } = three();
    pair.sun.shard.context.redirects.addProvider({ name: "balance", onAuth: () => Host.of(VENUS) });
    pair.network.fate = ({ data, destination }) => (destination.toString() === SUN && data[18] === 37 ? [] : [1]);
    pair.moon.initiate("net");
    await pair.run(500);
    expect(pair.sun.ikeSas).toHaveLength(1);
    await pair.run(60_000);
    expect(pair.sun.lines().join("\n")).toContain("deleting IKE_SA");
  });

  it("keeps a client that does not follow redirects, without a question", async () => {
    const { pair } = three({ settings: { follow_redirects: "no" } });
    const asked: string[] = [];
    const ask = (what: string) => (): undefined => void asked.push(what);
    pair.sun.shard.context.redirects.addProvider({ name: "balance", onInit: ask("init"), onAuth: ask("auth") });
    await pair.establish();
    expectUp(pair);
    expect(asked).toEqual([]);
  });

  it.each([
    ["names no gateway", (): string => "no gateway!", "redirect provider returned invalid gateway ID"],
    [
      "throws",
      (): string => {
        throw new Error("no idea");
      },
      "no idea",
    ],
  ] as const)("keeps the client where that %s", async (_, onInit, line) => {
    const { pair } = three();
    const undo = pair.sun.shard.context.redirects.addProvider({ name: "balance", onInit });
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.lines().join("\n")).toContain(line);
    undo();
    expect(pair.sun.shard.context.redirects.isEmpty).toBe(true);
  });
});
