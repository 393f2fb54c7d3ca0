import { Condition } from "@cygnet/plugin-testkit/parts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configure, usualConnection, viciPair } from "./support/vici-pair.js";

let ends: Awaited<ReturnType<typeof viciPair>>;

beforeEach(async () => {
  ends = await viciPair({ init_limit_half_open: "1" });
});

afterEach(() => ends.stop());

/** The state of each IKE_SA with those of its CHILD_SAs, as `list-sas` has them. */
async function sas(end: "moon" | "sun" = "moon"): Promise<string[]> {
  const list = await ends[end].list("list-sas", "list-sa");
  return list.flatMap((sa) =>
    Object.entries(sa as Record<string, { state: string; "child-sas": Record<string, { state: string }> }>).map(
      ([name, ike]) =>
        `${name} ${ike.state} ${Object.entries(ike["child-sas"])
          .map(([child, { state }]) => `${child} ${state}`)
          .join(", ")}`,
    ),
  );
}

describe("initiate", () => {
  it("sets up a CHILD_SA and shows what happens, up to the level that is asked for", async () => {
    await configure(ends);
    const lines = await ends.moon.list("initiate", "control-log", { child: "net", loglevel: 1 });
    expect(lines[0]).toEqual({
      group: "IKE",
      level: "0",
      "ikesa-name": "net",
      "ikesa-uniqueid": "1",
      msg: "initiating IKE_SA net[1] to 192.0.2.2",
    });
    expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/^CHILD_SA net\{\d+\} established with SPIs/));
    expect(await sas()).toEqual(["net ESTABLISHED net-1 INSTALLED"]);
    expect(await sas("sun")).toEqual(["net ESTABLISHED net-1 INSTALLED"]);
  });

  it("sets up an IKE_SA alone, or returns at once", async () => {
    await configure(ends, { childless: "force" });
    expect(await ends.moon.request("initiate", { ike: "net", child: "net", timeout: -1 })).toEqual({ success: "yes" });
    await ends.pair.run(100);
    expect(await sas()).toHaveLength(1);
  });

  it("says what it cannot find, what fails, and what takes too long", async () => {
    await configure(ends);
    const { moon } = ends;
    expect(await moon.refusal("initiate")).toBe("missing configuration name");
    expect(await moon.refusal("initiate", { child: "x" })).toBe("CHILD_SA config 'x' not found");
    expect(await moon.refusal("initiate", { ike: "other", child: "net" })).toBe("CHILD_SA config 'net' not found");
    expect(await moon.refusal("initiate", { ike: "x" })).toBe("IKE_SA config 'x' not found");
    await moon.request("load-shared", { id: "ike-net", type: "IKE", data: "another secret", owners: ["moon", "sun"] });
    expect(await moon.refusal("initiate", { child: "net" })).toBe("establishing CHILD_SA 'net' failed");
    // The ends' clock stands still meanwhile.
    const impatient = await moon.client();
    await expect(impatient.request("initiate", { child: "net", timeout: 5 })).rejects.toThrow(
      "CHILD_SA 'net' not established after 5ms",
    );
  });

  it("is refused where limits are reached, if it asks for them", async () => {
    await configure(ends);
    ends.moon.status = { ...ends.moon.status, halfOpen: 1 };
    expect(await ends.moon.refusal("initiate", { child: "net", "init-limits": "yes" })).toBe(
      "establishing CHILD_SA 'net' not possible at the moment due to limits",
    );
    expect(await ends.moon.request("initiate", { child: "net" })).toEqual({ success: "yes" });
  });
});

describe("terminate and rekey", () => {
  beforeEach(async () => {
    await configure(ends);
    await ends.moon.request("initiate", { child: "net" });
  });

  it("want to know what for, and tell how many there were", async () => {
    const { moon } = ends;
    expect(await moon.refusal("terminate")).toBe("missing terminate selector");
    expect(await moon.refusal("rekey")).toBe("missing rekey selector");
    expect(await moon.refusal("terminate", { ike: "x" })).toBe("no matching SAs to terminate found");
    expect(await moon.refusal("terminate", { ike: "x", child: "net" })).toBe("no matching SAs to terminate found");
    expect(await moon.refusal("rekey", { "child-id": 77 })).toBe("no matching SAs to rekey found");
  });

  it("close CHILD_SAs by name and number, and IKE_SAs", async () => {
    const { moon } = ends;
    expect(await moon.request("terminate", { child: "net" })).toEqual({ success: "yes", matches: "1", terminated: "1" });
    expect(await sas()).toEqual(["net ESTABLISHED "]);
    await moon.request("initiate", { child: "net" });
    expect(await moon.request("terminate", { "child-id": 2 })).toMatchObject({ terminated: "1" });
    expect(await moon.request("terminate", { "ike-id": 1 })).toMatchObject({ terminated: "1" });
    expect([...(await sas()), ...(await sas("sun"))]).toEqual([]);
  });

  it("end an IKE_SA by force whose peer does not answer, at once or after a time", async () => {
    const { moon, pair } = ends;
    pair.network.fate = () => [];
    expect(await moon.request("terminate", { ike: "net", force: "yes" })).toMatchObject({ terminated: "1" });
    expect(await sas()).toEqual([]);
    pair.network.fate = () => [1];
    await moon.request("initiate", { child: "net" });
    pair.network.fate = () => [];
    expect(await moon.request("terminate", { ike: "net", force: "yes", timeout: 5 })).toMatchObject({ terminated: "1" });
    expect(await sas()).toEqual([]);
  });

  it("rekey a CHILD_SA and an IKE_SA, and authenticate anew", async () => {
    const { moon, pair } = ends;
    expect(await moon.request("rekey", { child: "net" })).toEqual({ success: "yes", matches: "1" });
    await pair.run(100);
    expect((await sas())[0]).toContain("net-2 INSTALLED");
    expect(await moon.request("rekey", { ike: "net" })).toMatchObject({ matches: "1" });
    await pair.run(100);
    const list = (await moon.list("list-sas", "list-sa")) as { net: { uniqueid: string } }[];
    expect(list.map(({ net }) => net.uniqueid)).toEqual(["2"]);
    expect(await moon.request("rekey", { ike: "net", reauth: "yes" })).toMatchObject({ matches: "1" });
    await pair.run(500);
    expect(pair.moon.lines()).toContain("reauthenticating IKE_SA net[2]");
    expect(await sas()).toHaveLength(1);
  });
});

describe("redirect", () => {
  beforeEach(async () => {
    await configure(ends);
    await ends.moon.request("initiate", { child: "net" });
  });

  it.each([
    ["ike", "net", 1],
    ["ike-id", "1", 1],
    ["peer-ip", "192.0.2.1", 1],
    ["peer-ip", "192.0.2.0/24", 1],
    ["peer-ip", "192.0.2.2-192.0.2.9", 0],
    ["peer-ip", "::/0", 0],
    ["peer-id", "moon", 1],
    ["peer-id", "*oon", 1],
    ["peer-id", "sun", 0],
    ["peer-id", "%any", 1],
  ])("by %s = %s finds %i", async (key, value, matches) => {
    const answer = ends.sun.request("redirect", { gateway: "other.example.org", [key]: value });
    if (matches > 0) expect(await answer).toEqual({ success: "yes", matches: "1" });
    else await expect(answer).rejects.toThrow("no matching SAs to redirect found");
  });

  it("asks a client that supports it, and closes the IKE_SA if it does not go by itself", async () => {
    await ends.stop();
    ends = await viciPair({ follow_redirects: "no" });
    await configure(ends);
    await ends.moon.request("initiate", { child: "net" });
    const { sun, pair } = ends;
    await sun.request("redirect", { gateway: "192.0.2.99", ike: "net" });
    expect(pair.sun.lines()).toContain("client does not support IKE redirection");
    pair.sun.ikeSas[0]!.set(Condition.REDIRECTABLE);
    const before = pair.network.flights.length;
    await sun.request("redirect", { gateway: "192.0.2.99", ike: "net" });
    await pair.run(100);
    expect(pair.sun.lines()).toContain("redirecting peer to 192.0.2.99");
    // A request and its answer.
    expect(pair.network.flights.length).toBe(before + 2);
    expect(await sas("sun")).toHaveLength(1);
    await pair.run(31_000);
    expect([...(await sas("sun")), ...(await sas())]).toEqual([]);
  });
});

describe("policies", () => {
  it("are installed, listed by kind, and taken out", async () => {
    const { moon } = ends;
    await configure(ends);
    await moon.request("load-conn", {
      shunts: {
        children: {
          lan: { mode: "pass", local_ts: ["10.77.0.0/24"], remote_ts: ["10.77.0.0/24"], start_action: "trap" },
          bin: { mode: "drop", local_ts: ["10.78.0.0/24"], remote_ts: ["10.78.0.0/24"] },
        },
      },
    });
    expect(await moon.request("install", { child: "net" })).toEqual({ success: "yes" });
    expect(await moon.refusal("install", { child: "net", ike: "shunts" })).toBe("configuration name not found");
    const kinds = async (...names: string[]): Promise<string[]> =>
      (await moon.list("list-policies", "list-policy", Object.fromEntries(names.map((name) => [name, "yes"])))).flatMap(
        Object.keys,
      );
    expect(await kinds("pass")).toEqual(["shunts/lan"]);
    expect(await kinds("drop")).toEqual([]);
    expect(await kinds("trap", "drop", "pass")).toEqual(expect.arrayContaining(["shunts/lan", "net/net"]));
    expect(await moon.list("list-policies", "list-policy", { trap: "yes" })).toEqual([
      {
        "net/net": {
          child: "net",
          reqid: "1",
          ike: "net",
          mode: "TUNNEL",
          "local-ts": ["10.1.0.0/16"],
          "remote-ts": ["10.2.0.0/16"],
        },
      },
    ]);
    expect(await moon.refusal("uninstall", { child: "net", ike: "shunts" })).toBe("policy 'net' not found");
    expect(await moon.request("uninstall", { child: "net" })).toEqual({ success: "yes" });
    expect(await moon.request("unload-conn", { name: "shunts" })).toEqual({ success: "yes" });
    expect(await kinds("trap", "drop", "pass")).toEqual([]);
  });
});

describe("connections that are loaded again", () => {
  it("stay with their SAs where nothing changed, and start nothing twice", async () => {
    const { moon, pair } = ends;
    await configure(ends, {}, { start_action: "start" });
    await pair.run(200);
    expect(await sas()).toEqual(["net ESTABLISHED net-1 INSTALLED"]);
    const before = pair.network.flights.length;
    await moon.request("load-conn", usualConnection("moon", {}, { start_action: "start" }));
    await pair.run(200);
    expect(pair.network.flights.length).toBe(before);
    expect(moon.messages.filter((line) => line.includes("vici connection"))).toEqual(["added vici connection: net"]);
  });

  it("are closed and started anew where a child with start_action changed, and the others stay", async () => {
    const { moon, pair } = ends;
    const quiet = { local_ts: ["10.1.5.0/24"], remote_ts: ["10.2.5.0/24"], esp_proposals: ["aes128-sha1"] };
    const both = (child: Record<string, string>): ReturnType<typeof usualConnection> => {
      const { net } = usualConnection("moon", {}, { start_action: "start", ...child }) as { net: { children: object } };
      return { net: { ...net, children: { ...net.children, quiet } } };
    };
    await configure(ends);
    await moon.request("load-conn", both({}));
    await pair.run(200);
    await moon.request("initiate", { child: "quiet" });
    expect((await sas())[0]).toMatch(/^net ESTABLISHED net-\d+ INSTALLED, quiet-\d+ INSTALLED$/);
    const [ids] = await sas();
    await moon.request("load-conn", both({ rekey_time: "2h" }));
    await pair.run(200);
    const [after] = await sas();
    expect(after).toContain(/quiet-\d+ INSTALLED/.exec(ids!)![0]);
    expect(after).not.toContain(/net-\d+ INSTALLED/.exec(ids!)![0]);
    expect(after).toMatch(/net-\d+ INSTALLED/);
    expect(moon.messages).toContain("updated vici connection: net");
  });

  it("keep their SAs without start_action, also when they are unloaded", async () => {
    const { moon, pair } = ends;
    await configure(ends);
    await moon.request("initiate", { child: "net" });
    await moon.request("load-conn", usualConnection("moon", { dpd_delay: "30s" }));
    expect(moon.messages).toContain("replaced vici connection: net");
    await moon.request("unload-conn", { name: "net" });
    await pair.run(200);
    expect(await sas()).toEqual(["net ESTABLISHED net-1 INSTALLED"]);
    expect(await moon.refusal("unload-conn", { name: "net" })).toBe("unload: connection 'net' not found");
    expect(await moon.refusal("unload-conn")).toBe("unload: missing connection name");
    expect(await moon.request("get-conns")).toEqual({ conns: [] });
  });

  it("close their SAs with start_action when they are unloaded", async () => {
    const { moon, pair } = ends;
    await configure(ends, {}, { start_action: "start" });
    await pair.run(200);
    await moon.request("unload-conn", { name: "net" });
    await pair.run(200);
    expect([...(await sas()), ...(await sas("sun"))]).toEqual([]);
  });

  it("are as they were where the new form is refused", async () => {
    const { moon } = ends;
    await configure(ends);
    const before = await moon.list("list-conns", "list-conn");
    expect(await moon.refusal("load-conn", usualConnection("moon", { proposals: ["bogus"] }))).toBe(
      "invalid value for: proposals, config discarded",
    );
    expect(await moon.list("list-conns", "list-conn")).toEqual(before);
  });
});
