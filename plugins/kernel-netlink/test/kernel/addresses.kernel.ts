import { Host } from "@cygnet/plugin-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cable, ip, Thread, uncable } from "./kernel.js";

describe("addresses and routes of the Linux kernel", () => {
  let thread: Thread;
  const open = (options: ConstructorParameters<typeof Thread>[0] = {}): Thread => (thread = new Thread(options));
  beforeEach(() => cable());
  afterEach(() => {
    thread.close();
    uncable();
  });

  it("are listed without loopback and without what may not be used", () => {
    open();
    expect(thread.net.addresses().map(String)).toEqual(["192.0.2.1", "10.71.0.1"]);
    expect(thread.net.interfaceOf(Host.of("192.0.2.1"))).toBe("cyg0");
    expect(thread.net.interfaceOf(Host.of("192.0.2.9"))).toBeUndefined();
    thread.close();
    open({ isInterfaceUsable: (name) => name !== "cyg0" });
    expect(thread.net.addresses()).toEqual([]);
    expect(thread.net.interfaceOf(Host.of("192.0.2.1"))).toBeUndefined();
  });

  it("say from which address to send", () => {
    open();
    expect(String(thread.net.sourceAddress(Host.of("192.0.2.7")))).toBe("192.0.2.1");
    expect(String(thread.net.sourceAddress(Host.of("198.51.100.1")))).toBe("192.0.2.1");
    expect(String(thread.net.sourceAddress(Host.of("192.0.2.1")))).toBe("192.0.2.1");
    expect(thread.net.sourceAddress(Host.of("2001:db8::1"))).toBeUndefined();
    expect(String(thread.net.nextHop(Host.of("198.51.100.1"))?.gateway)).toBe("192.0.2.254");
  });

  it("say so without the tables that are not to be looked at", () => {
    ip("route add 198.51.100.0/24 via 192.0.2.77 table 99");
    ip("rule add priority 99 lookup 99");
    open();
    expect(String(thread.net.nextHop(Host.of("198.51.100.1"))?.gateway)).toBe("192.0.2.77");
    thread.close();
    open({ ignoredTables: [99] });
    expect(String(thread.net.nextHop(Host.of("198.51.100.1"))?.gateway)).toBe("192.0.2.254");
    ip("rule delete priority 99");
  });

  it("take virtual IPs, which are none to send IKE from, and give them up once nobody uses them", () => {
    open();
    const virtual = Host.of("10.71.0.77");
    thread.net.addVirtualIp(virtual, 32, "cyg0");
    thread.net.addVirtualIp(virtual, 32, "cyg0");
    expect(ip("address show dev cyg0")).toContain("inet 10.71.0.77/32");
    expect(thread.net.addresses().map(String)).not.toContain("10.71.0.77");
    thread.net.deleteVirtualIp(virtual);
    expect(ip("address show dev cyg0")).toContain("inet 10.71.0.77/32");
    thread.net.deleteVirtualIp(virtual);
    expect(ip("address show dev cyg0")).not.toContain("10.71.0.77");
    thread.net.deleteVirtualIp(Host.of("192.0.2.1"));
    expect(ip("address show dev cyg0")).toContain("inet 192.0.2.1/24");
    expect(() => thread.net.addVirtualIp(virtual, 32, "nope")).toThrow(
      expect.objectContaining({ code: "CYG_KERNEL_ADDRESS", errno: "ENODEV" }),
    );
  });

  it("take IPv6 virtual IPs, to be used at once", () => {
    open();
    thread.net.addVirtualIp(Host.of("fec3::7"), 128, "cyg0");
    const shown = ip("-6 address show dev cyg0");
    expect(shown).toContain("inet6 fec3::7/128 scope site nodad");
    thread.net.deleteVirtualIp(Host.of("fec3::7"));
    expect(ip("-6 address show dev cyg0")).not.toContain("fec3::7");
  });

  it("take routes with an MTU, and give up those that were added", () => {
    open({ mtu: 1400, mss: 1360 });
    const route = {
      destination: Uint8Array.of(10, 80, 0, 0),
      prefix: 16,
      gateway: Host.of("192.0.2.254"),
      source: Host.of("192.0.2.1"),
      interfaceName: "cyg0",
    };
    thread.net.addRoute(route);
    expect(ip("route show table 220").trim()).toBe(
      "10.80.0.0/16 via 192.0.2.254 dev cyg0 proto static src 192.0.2.1 mtu 1400 advmss 1360",
    );
    thread.net.deleteRoute({ ...route, prefix: 17 });
    thread.net.deleteRoute({ ...route });
    expect(ip("route show table 220").trim()).toBe("");
    expect(() => thread.net.addRoute({ ...route, gateway: Host.of("203.0.113.1") })).toThrow(
      expect.objectContaining({ code: "CYG_KERNEL_ROUTE", syscall: "RTM_NEWROUTE", errno: "ENETUNREACH" }),
    );
  });

  it("tell of changes, a while of them at once", async () => {
    open();
    ip("address add 192.0.2.55/32 dev cyg0");
    ip("route add 198.51.100.0/24 via 192.0.2.254");
    expect(await thread.heard("roam")).toBe("roam addresses");
    expect(thread.net.addresses().map(String)).toContain("192.0.2.55");
    thread.events.length = 0;
    ip("route delete 198.51.100.0/24");
    expect(await thread.heard("roam")).toBe("roam routes");
    ip("address delete 192.0.2.55/32 dev cyg0");
    await thread.heard("roam addresses");
    expect(thread.net.addresses().map(String)).not.toContain("192.0.2.55");
  });
});

describe("local subnets", () => {
  it("are those that the main table leads to without a router", () => {
    cable();
    const thread = new Thread();
    const shown = thread.net.localSubnets().map(({ address, prefix, interfaceName }) => `${address}/${prefix} ${interfaceName}`);
    expect(shown).toContain("192.0.2.0/24 cyg0");
    // The default route has a router, an address of its own no network.
    expect(shown.filter((line) => !line.includes(":"))).toHaveLength(1);
    thread.close();
    uncable();
  });
});
