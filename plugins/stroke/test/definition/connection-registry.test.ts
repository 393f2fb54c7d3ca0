import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigAttributeType } from "@cygnet/wire";
import { StrokeMessageType } from "../../src/abi/index.js";
import type { AddConnFields } from "../../src/index.js";
import { Daemon } from "../support/daemon.js";

let daemon: Daemon;
beforeEach(async () => void (daemon = await Daemon.start()));
afterEach(() => daemon.stop());

const BASE = {
  "me.auth": "psk",
  "other.auth": "psk",
  "me.tohost": 1,
  "other.tohost": 1,
  "other.address": "10.9.0.2",
  "other.to_port": 65535,
};
const add = (name: string, fields: Partial<AddConnFields> = {}) =>
  daemon.request({ type: StrokeMessageType.ADD_CONN, outputVerbosity: -1, fields: { ...BASE, ...fields, name } });
const remove = (name: string) => daemon.request({ type: StrokeMessageType.DEL_CONN, fields: { name } });
const shape = () =>
  daemon.connections.list().map(({ name, children }) => `${name}: ${children.map((child) => child.name).join(" ")}`);

describe("ConnectionRegistry", () => {
  it("adds a second connection with equal IKE parts as a child of the first", async () => {
    expect([await add("first"), await add("second"), await add("other", { "other.address": "10.9.0.3" })]).toEqual(["", "", ""]);
    expect(shape()).toEqual(["first: first second", "other: other"]);
    expect(daemon.messages.filter((line) => line.startsWith("added"))).toEqual([
      "added configuration 'first'",
      "added child to existing configuration 'first'",
      "added configuration 'other'",
    ]);
  });

  it("removes children by name, and the connection with the last one", async () => {
    await add("first");
    await add("second");
    await remove("first");
    expect(shape()).toEqual(["first: second"]);
    await remove("second");
    await remove("second");
    expect(shape()).toEqual([]);
    expect(daemon.messages.slice(-4)).toEqual([
      "received stroke: delete connection 'second'",
      "deleted connection 'second'",
      "received stroke: delete connection 'second'",
      "connection 'second' not found",
    ]);
  });

  it("keeps the children of others when a changed connection comes back under its name", async () => {
    await add("first");
    await add("second");
    await remove("first");
    await add("first", { "other.address": "10.9.0.3" });
    expect(shape()).toEqual(["first: second", "first: first"]);
    expect(daemon.connections.kept.map(({ backend }) => backend)).toEqual(["stroke", "stroke-2"]);
    await remove("first");
    expect(shape()).toEqual(["first: second"]);
  });

  it("replaces the child when the same connection is added again", async () => {
    await add("first");
    await add("first", { "other.subnets": "10.2.0.0/24", "other.tohost": 0 });
    expect(shape()).toEqual(["first: first"]);
    expect(daemon.connections.list()[0].children[0].remoteTs).toEqual(["10.2.0.0/24"]);
  });

  it("refuses a connection in one line with the reason, and leaves nothing behind", async () => {
    await add("first", { "algorithms.ike": "bad!", "other.sourceip": "10.3.0.0/24", "other.dns": "10.0.0.53" });
    await add("second", { "other.sourceip": "10.3.0.0/24,garbage" });
    await add("third", { "me.auth": "eap-magic" });
    expect(daemon.messages.filter((line) => line.includes("not added"))).toEqual([
      "connection 'first' not added, skipped invalid proposal string: bad",
      "connection 'second' not added, invalid addresses 'garbage'",
      "connection 'third' not added, unknown EAP method 'eap-magic'",
    ]);
    expect([shape(), [...daemon.attributes.defined.keys()]]).toEqual([[], []]);
    expect([...daemon.attributes.sets]).toEqual([]);
  });

  it("leaves a connection as it was when a child for it is refused", async () => {
    await add("first");
    await add("second", { "algorithms.esp": "bad" });
    expect(shape()).toEqual(["first: first"]);
  });

  it("shares pools between connections and removes them with the last", async () => {
    const pool = { "other.sourceip": "10.3.0.0/24" };
    await add("first", pool);
    await add("second", { ...pool, "other.id": "carol@example.org" });
    expect(daemon.messages.filter((line) => line.includes("pool"))).toEqual([
      "adding virtual IP address pool 10.3.0.0/24",
      "reusing virtual IP address pool 10.3.0.0/24",
    ]);
    await remove("first");
    expect([...daemon.attributes.defined.keys()]).toEqual(["10.3.0.0/24"]);
    await remove("second");
    expect([...daemon.attributes.defined.keys()]).toEqual([]);
  });

  it("leaves a pool with leases alone, and says so", async () => {
    await add("first", { "other.sourceip": "10.3.0.0/24" });
    daemon.attributes.inUse.add("10.3.0.0/24");
    await remove("first");
    expect(daemon.messages).toContain("virtual IP address pool 10.3.0.0/24 stays, it has leases that are online");
  });

  it("serves the DNS servers of a connection as long as it is there", async () => {
    await add("first", { "other.dns": "10.0.0.53, fec0::53,nonsense" });
    expect([...daemon.attributes.sets.values()]).toEqual([
      {
        connection: "first",
        attributes: [
          { type: ConfigAttributeType.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 0, 0, 53) },
          { type: ConfigAttributeType.INTERNAL_IP6_DNS, value: expect.objectContaining({ length: 16 }) as Uint8Array },
        ],
      },
    ]);
    expect(daemon.messages).toContain("ignoring invalid DNS address 'nonsense'");
    await remove("first");
    expect([...daemon.attributes.sets]).toEqual([]);
  });
});
