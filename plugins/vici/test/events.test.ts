import type { ViciEvent } from "@cygnet/vici";
import { Host, LogGroup } from "@cygnet/plugin-api";
import type { ShardLinks } from "@cygnet/plugin-api";
import { nat } from "@cygnet/plugin-testkit/pair";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ControlEvents } from "../src/events/control-events.js";
import { configure, usualConnection, viciPair } from "./support/vici-pair.js";

let ends: Awaited<ReturnType<typeof viciPair>>;

beforeEach(async () => {
  ends = await viciPair();
  await configure(ends);
});

afterEach(() => ends.stop());

/** Registers on moon. @returns what gives the next events */
async function watch(...names: string[]): Promise<(count: number) => Promise<ViciEvent[]>> {
  const client = await ends.moon.client();
  const events = await client.events(...names);
  return async (count) => {
    const taken: ViciEvent[] = [];
    while (taken.length < count) {
      const { value, done } = await ends.pair.while(events.next());
      if (done === true || !value) throw new Error("the events ended");
      taken.push(value);
    }
    return taken;
  };
}

const IKE = { version: "2", "local-host": "192.0.2.1", "local-id": "moon", "remote-host": "192.0.2.2", "remote-id": "sun" };
const plain = ({ name, message }: ViciEvent): unknown => [name, message.toJSON()];

describe("events of SAs", () => {
  it("tell that IKE_SAs and CHILD_SAs come up and go down", async () => {
    const take = await watch("ike-updown", "child-updown");
    await ends.moon.request("initiate", { child: "net" });
    const [ikeUp, childUp] = await take(2);
    expect(plain(ikeUp!)).toMatchObject(["ike-updown", { up: "yes", net: { uniqueid: "1", ...IKE } }]);
    expect(ikeUp!.message.section("net")!.section("child-sas")).toBeUndefined();
    expect(plain(childUp!)).toMatchObject([
      "child-updown",
      {
        up: "yes",
        net: {
          ...IKE,
          state: "ESTABLISHED",
          "encr-alg": "AES_CBC",
          "encr-keysize": "128",
          "integ-alg": "HMAC_SHA1_96",
          "prf-alg": "PRF_HMAC_SHA1",
          "dh-group": "MODP_768",
          "child-sas": {
            "net-1": {
              name: "net",
              state: "INSTALLED",
              mode: "TUNNEL",
              protocol: "ESP",
              "encr-alg": "AES_CBC",
              "local-ts": ["10.1.0.0/16"],
              "remote-ts": ["10.2.0.0/16"],
            },
          },
        },
      },
    ]);
    await ends.moon.request("terminate", { ike: "net" });
    const downs = await take(2);
    expect(downs.map(({ name }) => name).sort()).toEqual(["child-updown", "ike-updown"]);
    for (const { message } of downs) expect(message.flag("up")).toBeUndefined();
    const childDown = downs.find(({ name }) => name === "child-updown")!;
    expect(childDown.message.section("net")!.section("child-sas")!.names).toEqual(["net-1"]);
  });

  it("tell what took the place of what", async () => {
    await ends.moon.request("initiate", { child: "net" });
    const take = await watch("ike-rekey", "child-rekey");
    await ends.moon.request("rekey", { child: "net" });
    const [child] = await take(1);
    expect(plain(child!)).toMatchObject([
      "child-rekey",
      { net: { uniqueid: "1", "child-sas": { net: { old: { uniqueid: "1" }, new: { uniqueid: "2", state: "INSTALLED" } } } } },
    ]);
    await ends.moon.request("rekey", { ike: "net" });
    const [ike] = await take(1);
    expect(plain(ike!)).toMatchObject(["ike-rekey", { net: { old: { uniqueid: "1" }, new: { uniqueid: "2", ...IKE } } }]);
  });

  it("tell where an IKE_SA goes, and where it was", async () => {
    const { pair, sun } = ends;
    await sun.request("load-conn", usualConnection("sun", { mobike: "no", remote_addrs: ["%any"] }));
    const { state, translate } = nat("203.0.113.1");
    pair.network.translate = translate;
    await ends.moon.request("initiate", { child: "net" });
    const client = await sun.client();
    const events = await client.events("ike-update");
    state.outside = Host.of("203.0.113.77");
    await ends.moon.request("rekey", { ike: "net" });
    const { value } = await pair.while(events.next());
    expect(plain(value!)).toMatchObject([
      "ike-update",
      {
        "local-host": "192.0.2.2",
        "remote-host": "203.0.113.77",
        "remote-port": "14500",
        net: { "remote-host": "203.0.113.1", "remote-port": "14500", "nat-remote": "yes", "nat-any": "yes" },
      },
    ]);
  });

  it("tell of alerts, with the IKE_SA", async () => {
    const take = await watch("alert");
    await ends.moon.request("load-shared", { id: "ike-net", type: "IKE", data: "another", owners: ["moon", "sun"] });
    await ends.moon.refusal("initiate", { child: "net" });
    const [alert] = await take(1);
    expect(plain(alert!)).toMatchObject(["alert", { type: "local-auth-failed", "ike-sa": { net: { uniqueid: "1" } } }]);
  });

  it("keep their order where the kernel takes its time to say what went through an SA", async () => {
    await ends.moon.request("initiate", { child: "net" });
    const take = await watch("ike-updown", "child-updown");
    const answers: (() => void)[] = [];
    const use = { bytes: 4200, packets: 50, lastUseMs: 0 };
    ends.pair.moon.kernel.querySa = () => new Promise((resolve) => void answers.push(() => resolve(use))) as never;
    await ends.moon.request("terminate", { ike: "net" });
    // Both directions were asked for, before they were gone.
    expect(answers).toHaveLength(2);
    for (const answer of answers) answer();
    const [child, ike] = await take(2);
    expect(plain(child!)).toMatchObject([
      "child-updown",
      { net: { "child-sas": { "net-1": { "bytes-in": "4200", "packets-out": "50" } } } },
    ]);
    expect(ike!.name).toBe("ike-updown");
  });

  it("are listened for only while somebody wants them", async () => {
    const { bus } = ends.pair.moon;
    expect(bus.wants("ikeUpdown")).toBe(true);
    const wantsAlert = (): boolean => bus.wants("alert");
    const idle = wantsAlert();
    const client = await ends.moon.client();
    const events = await client.events("alert");
    expect(wantsAlert()).toBe(true);
    await events.return?.();
    while (wantsAlert() !== idle) await ends.pair.run(10, 1);
    expect(idle).toBe(false);
  });
});

describe("a shard that takes the place of another one", () => {
  it("is told what clients want", async () => {
    const asked: unknown[] = [];
    const listeners = new Map<string, (message: never, shard: number) => void>();
    const shards: ShardLinks = {
      count: 2,
      ask: (shard, topic, request) => Promise.resolve(void asked.push([shard, topic.name, request]) as never),
      askAll: (topic, request) => Promise.resolve([void asked.push(["all", topic.name, request]) as never]),
      listen: (topic, listener) => {
        listeners.set(topic.name, listener);
        return () => void listeners.delete(topic.name);
      },
      answer: () => {
        throw new Error("nobody asks control");
      },
    };
    const sent: string[] = [];
    const events = new ControlEvents(
      { shards, sinks: { add: () => () => undefined }, log: { enabled: () => false, log: () => undefined } },
      () => ({ broadcast: (event, message) => void sent.push(`${event} ${message.length}`), broadcastLine: () => undefined }),
    );
    const started = (shard: number): void => listeners.get("vici.started")!(undefined as never, shard);
    started(1);
    expect(asked).toEqual([]);
    await events.setWanted("alert", true);
    await events.setWanted("ike-updown", true);
    await events.setWanted("list-sa", true);
    started(1);
    expect(asked).toEqual([
      ["all", "vici.wanted", ["alert"]],
      ["all", "vici.wanted", ["ike-updown", "alert"]],
      [1, "vici.wanted", ["ike-updown", "alert"]],
    ]);
    listeners.get("vici.events")!([{ event: "alert", message: new Uint8Array(7) }] as never, 0);
    expect(sent).toEqual(["alert 7"]);
    await events.stop();
    expect(listeners.size).toBe(0);
  });
});

describe("log events", () => {
  it("have the lines of levels 0 and 1 with their IKE_SA, also after the loggers were replaced", async () => {
    const take = await watch("log");
    const { log } = ends.pair.moon;
    log.replaceSinks([]);
    log.log(LogGroup.CFG, 2, "too much");
    log.log(LogGroup.CFG, 1, "of nothing");
    log.setContext(7, "net");
    log.log(LogGroup.IKE, 0, "of an IKE_SA");
    log.clearContext();
    expect((await take(2)).map(({ message }) => message.toJSON())).toEqual([
      { group: "CFG", level: "1", thread: "0", msg: "of nothing" },
      { group: "IKE", level: "0", thread: "0", "ikesa-name": "net", "ikesa-uniqueid": "7", msg: "of an IKE_SA" },
    ]);
  });
});
