import { Host } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { IpAddresses } from "../src/services/ip-addresses.js";

/** `ip` as a function; its output is what the test says. */
function setup(outputs: readonly string[] = []) {
  const calls: string[] = [];
  const addresses = new IpAddresses(async (lines) => {
    calls.push(lines);
    await Promise.resolve();
    return outputs[calls.length - 1] ?? "";
  });
  return { addresses, calls };
}

const host = Host.of("10.0.0.1");

describe("addresses of interfaces", () => {
  it("are added and removed by `ip`, those asked for meanwhile in one go", async () => {
    const { addresses, calls } = setup();
    const all = ["10.0.0.1", "10.0.0.2", "fd00::1"].map((text) => addresses.add(Host.of(text), 64 / 4, "lo"));
    await Promise.all(all);
    await addresses.delete(host, 16);
    expect(calls).toEqual([
      "address add 10.0.0.1/16 dev lo\n",
      "address add 10.0.0.2/16 dev lo\naddress add fd00::1/16 dev lo nodad\n",
      "address delete 10.0.0.1/16 dev lo\n",
    ]);
  });

  it("that fail do so each with its reason", async () => {
    const { addresses } = setup([
      "",
      'Cannot find device "nope"\nCommand failed -:1\nRTNETLINK answers: Operation not permitted\nCommand failed -:3\n',
    ]);
    const first = addresses.add(host, 32, "lo");
    const added = ["nope", "lo", "eth0"].map((name) => addresses.add(Host.of("10.0.0.2"), 32, name));
    const results = await Promise.allSettled([first, ...added]);
    expect(results.map((result) => (result.status === "fulfilled" ? "done" : String(result.reason.message)))).toEqual([
      "done",
      'ip address add 10.0.0.2/32 dev nope: Cannot find device "nope"',
      "done",
      "ip address add 10.0.0.2/32 dev eth0: RTNETLINK answers: Operation not permitted",
    ]);
    expect(results[1]).toMatchObject({ reason: { code: "CYG_KERNEL_ADDRESS" } });
  });

  it("are left alone unless they were added here", async () => {
    const { addresses, calls } = setup();
    await addresses.delete(host, 16);
    await addresses.add(host, 16, "lo");
    await addresses.delete(host, 24);
    await addresses.delete(host, 16);
    await addresses.delete(host, 16);
    expect(calls).toHaveLength(2);
  });

  it("cannot be added where `ip` cannot be run", async () => {
    const addresses = new IpAddresses(() => Promise.reject(new Error("running ip failed")));
    await expect(addresses.add(host, 16, "lo")).rejects.toThrow("running ip failed");
    await expect(addresses.add(host, 16, "lo")).rejects.toThrow("running ip failed");
  });
});
