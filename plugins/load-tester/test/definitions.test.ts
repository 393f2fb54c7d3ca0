import { describe, expect, it } from "vitest";
import { load, PSK, settle } from "./fakes.js";

const RESPONDER = "load-tester/load-test";

describe("responder of a load test", () => {
  it("is strongSwan's definition number 0", async () => {
    const { stores } = await load(PSK);
    const peer = stores.peers.get(RESPONDER)!;
    expect(peer).toMatchObject({
      name: "load-test",
      version: 0,
      localAddresses: ["127.0.0.1"],
      remoteAddresses: ["0.0.0.0"],
      proposals: ["aes128-sha1-modp768"],
      unique: "no",
      keyingTries: 1,
      rekeyTime: 0,
      overTime: 0,
      reauthTime: 0,
      mobike: false,
      sendCertificates: "ifasked",
      pools: [],
      virtualIps: [],
    });
    expect(peer.local).toMatchObject([{ auth: "psk", id: "srv.strongswan.org" }]);
    expect(peer.remote).toMatchObject([{ auth: "psk", id: "*.strongswan.org" }]);
    expect(peer.children).toMatchObject([
      {
        name: "load-test",
        localTs: ["dynamic"],
        remoteTs: ["dynamic"],
        proposals: ["aes128-sha1"],
        mode: "tunnel",
        rekeyTime: 600,
        lifeTime: 1200,
        startAction: "none",
      },
    ]);
  });

  it("gives everybody the same key, and takes it back with the connection", async () => {
    const { host, stores } = await load(`${PSK} preshared_key = s3cret`);
    expect(stores.secrets.get("load-tester")).toEqual(
      [{ type: "IKE", owners: [], secret: Buffer.from("s3cret") }].map((secret) => ({
        ...secret,
        secret: new Uint8Array(secret.secret),
      })),
    );
    await host.unload();
    expect([stores.secrets.size, stores.peers.size]).toEqual([0, 0]);
  });

  it("follows all its options", async () => {
    const { stores } = await load(`${PSK}
      responder = moon.example.org
      initiator = 10.0.0.0/8
      proposal = aes256-sha256-modp2048
      esp = aes256gcm16
      mode = transport
      version = 2
      ike_rekey = 3600
      child_rekey = 60
      dpd_delay = 30
      dpd_timeout = 150
      initiator_id = user-%d-%d@example.org
      initiator_match = "*@example.org"
      responder_id = moon-%d-%d.example.org
      initiator_tsi = 10.1.0.0/16[tcp/%unique]
      initiator_tsr = 10.2.0.0/16
      responder_tsr = 10.0.0.0/8
      pool = rw`);
    const peer = stores.peers.get(RESPONDER)!;
    expect(peer).toMatchObject({
      version: 2,
      localAddresses: ["moon.example.org"],
      remoteAddresses: ["10.0.0.0/8"],
      proposals: ["aes256-sha256-modp2048"],
      rekeyTime: 3600,
      overTime: 3600,
      dpdDelay: 30,
      dpdTimeout: 150,
      pools: ["rw"],
    });
    expect(peer.local[0].id).toBe("moon-0-1.example.org");
    expect(peer.remote[0].id).toBe("*@example.org");
    expect(peer.children[0]).toMatchObject({
      localTs: ["10.0.0.0/8"],
      remoteTs: ["10.1.0.0/16[tcp/%any]"],
      proposals: ["aes256gcm16"],
      mode: "transport",
      rekeyTime: 60,
      lifeTime: 120,
    });
    expect(stores.pools).toEqual([]);
  });

  it("makes a pool of an option that has its addresses, and removes it", async () => {
    const { host, stores } = await load(`${PSK} pool = 10.3.0.0/16`);
    expect(stores.pools).toEqual([{ name: "10.3.0.0/16", addresses: "10.3.0.0/16", attributes: [] }]);
    expect(stores.peers.get(RESPONDER)!.pools).toEqual(["10.3.0.0/16"]);
    await host.unload();
    expect(stores.pools).toEqual([]);
  });

  it("has the default proposals instead of invalid ones, and says so", async () => {
    const { stores, lines } = await load(`${PSK} proposal = "aes128-sha1-modp768,aes256-sha1-modp1024"\n esp = bogus`, (fakes) =>
      fakes.stores.invalid.add("bogus"),
    );
    const peer = stores.peers.get(RESPONDER)!;
    expect([peer.proposals, peer.children[0].proposals]).toEqual([["aes128-sha1-modp768"], ["aes128-sha1"]]);
    expect(lines()).toEqual([
      "load-tester proposal 'aes128-sha1-modp768,aes256-sha1-modp1024' is not exactly one valid proposal, using 'aes128-sha1-modp768'",
      "load-tester esp 'bogus' is not exactly one valid proposal, using 'aes128-sha1'",
    ]);
  });

  it("does not load on control, and leaves nothing behind there, where the daemon has not even the default proposal", async () => {
    const { host, lib, stores } = await load(PSK, (fakes) => fakes.stores.invalid.add("aes128-sha1-modp768"));
    expect(host.featureNames()).toEqual(["CUSTOM:kernel-net", "CUSTOM:load-tester-initiators"]);
    expect(lib()).toContain("registering CUSTOM:load-tester of plugin 'load-tester' failed: invalid proposal");
    expect(stores.secrets.size).toBe(0);
  });

  it("uses tunnel mode for an unknown one, and says so", async () => {
    const { stores, lines } = await load(`${PSK} mode = pass`);
    expect(stores.peers.get(RESPONDER)!.children[0].mode).toBe("tunnel");
    expect(lines()).toEqual(["load-tester mode 'pass' is unknown, using tunnel"]);
  });
});

describe("initiations of a load test", () => {
  const initiate = async (section: string, count = 2) => {
    const daemon = await load(`${PSK} initiators = 1\n iterations = ${count}\n ${section}`);
    daemon.scheduler.advance(0);
    await settle();
    return { ...daemon, peers: daemon.controller.initiations.map(({ peer }) => peer) };
  };

  it("are numbered from 1, each with an identity of its own", async () => {
    const { peers } = await initiate("");
    expect(peers.map(({ local }) => local[0].id)).toEqual(["c1-r1.strongswan.org", "c2-r1.strongswan.org"]);
    expect(peers[0]).toMatchObject({
      name: "load-test",
      version: 0,
      localAddresses: ["0.0.0.0"],
      remoteAddresses: ["127.0.0.1"],
      localPort: 500,
      remotePort: 500,
      remote: [{ auth: "psk", id: "srv.strongswan.org" }],
      keyingTries: 1,
      mobike: false,
      virtualIps: [],
    });
  });

  it("may have formatted identities, virtual IPs and ports of their own", async () => {
    const { peers } = await initiate(`initiator_id = user-%d-%d@example.org
      responder_id = moon-%d.example.org
      request_virtual_ip = yes
      initiator_tsi = 10.1.0.0/16
      initiator_tsr = 10.2.0.0/16[udp/%unique]
      responder_port = 6000`);
    expect(peers[1].local.map(({ id }) => id)).toEqual(["user-2-1@example.org"]);
    expect(peers[1].remote.map(({ id }) => id)).toEqual(["moon-2.example.org"]);
    expect(peers[1]).toMatchObject({ localPort: 500, remotePort: 6000, virtualIps: ["0.0.0.0", "::"] });
    expect(peers.map(({ children }) => [children[0].localTs, children[0].remoteTs])).toEqual([
      [["dynamic"], ["10.2.0.0/16[udp/1025]"]],
      [["dynamic"], ["10.2.0.0/16[udp/1026]"]],
    ]);
  });

  it("may have several rounds at either side", async () => {
    const { peers } = await initiate("initiator_auth = psk|psk\n responder_auth = psk | psk\n responder_id = moon-%d-%d");
    const ids = (rounds: readonly { readonly id: string | undefined }[]) => rounds.map(({ id }) => id);
    expect(ids(peers[1].local)).toEqual(["c2-r1.strongswan.org", "c2-r2.strongswan.org"]);
    expect(ids(peers[1].remote)).toEqual(["moon-2-1", "moon-2-2"]);
  });

  it("come from a port of their own with dynamic_port, to the peer's port behind NAT", async () => {
    const { peers } = await initiate("dynamic_port = 65534", 3);
    expect(peers.map(({ localPort, remotePort }) => [localPort, remotePort])).toEqual([
      [65534, 4500],
      [65535, 4500],
      [65534, 4500],
    ]);
    const elsewhere = await initiate("dynamic_port = 6000\n responder_port = 7000", 1);
    expect(elsewhere.peers[0]).toMatchObject({ localPort: 6000, remotePort: 7000 });
  });

  it("come from addresses that are installed as long as their IKE_SA lives, rekeyings included", async () => {
    const { peers, kernels, bus, gone, up, host } = await initiate("addrs { eth0 = 10.0.0.1-10.0.0.1, 10.9.0.0/30\n }", 3);
    expect(peers.map(({ localAddresses }) => localAddresses[0])).toEqual(["10.0.0.1", "10.9.0.1", "10.9.0.2"]);
    expect(kernels.installed).toEqual(["10.0.0.1/16 eth0", "10.9.0.1/16 eth0", "10.9.0.2/16 eth0"]);
    up(1);
    bus.ikeRekey({ uniqueId: 1 } as never, { uniqueId: 9 } as never);
    gone(1);
    gone(2);
    await settle();
    expect(kernels.installed).toEqual(["10.0.0.1/16 eth0", "10.9.0.2/16 eth0"]);
    gone(9);
    await settle();
    expect(kernels.installed).toEqual(["10.9.0.2/16 eth0"]);
    await host.unload();
    expect(kernels.installed).toEqual([]);
  });

  it("keep addresses until the end on demand, with the given prefix, and fall back when there are no more", async () => {
    const { peers, kernels, gone, lines, host, controller, scheduler } = await initiate(
      "addrs { eth0 = 10.0.0.1, bogus\n }\n addrs_keep = yes\n addrs_prefix = -1\n delay = 10",
      3,
    );
    expect(peers).toHaveLength(1);
    gone(1);
    await settle();
    expect(kernels.installed).toEqual(["10.0.0.1/32 eth0"]);
    for (let i = 0; i < 2; i++) {
      scheduler.advance(10);
      await settle();
    }
    expect(controller.initiations.map(({ peer }) => peer.localAddresses[0])).toEqual(["10.0.0.1", "10.0.0.1", "0.0.0.0"]);
    expect(lines()).toEqual([
      "parsing load-test address pool 'bogus' of eth0 failed, ignored",
      "all load-test addresses are in use, initiating from the default one",
    ]);
    await host.unload();
    expect(kernels.installed).toEqual([]);
  });

  it("go on without such addresses where the kernel does not take them, and say so once", async () => {
    const daemon = await load(`${PSK} initiators = 1\n iterations = 3\n addrs { eth0 = 10.0.0.0/16\n }`);
    daemon.kernels.refuses = true;
    daemon.scheduler.advance(0);
    await settle();
    expect(daemon.controller.initiations.map(({ peer }) => peer.localAddresses[0])).toEqual(["0.0.0.0", "0.0.0.0", "0.0.0.0"]);
    expect(daemon.lines()).toEqual([
      "installing load-test address 10.0.0.1 on eth0 failed: not supported; going on without load-test addresses",
    ]);
  });
});
