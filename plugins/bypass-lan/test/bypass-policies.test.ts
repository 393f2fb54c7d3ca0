import { Host } from "@cygnet/plugin-api";
import type { KernelIpsec, KernelPolicy, LocalSubnet } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { BypassPolicies } from "../src/bypass-policies.js";

const subnet = (address: string, prefix: number, interfaceName = "eth0"): LocalSubnet => ({
  address: Host.of(address),
  prefix,
  interfaceName,
});

/** A kernel with these networks, and what is done in it. */
function kernelWith(...given: LocalSubnet[]) {
  const subnets = given;
  const policies: string[] = [];
  const lines: string[] = [];
  let refuses = false;
  const text = ({ direction, source, type, mode, priority, reqid }: KernelPolicy): string =>
    `${direction} ${source.startAddress.join(".")}-${source.endAddress.join(".")} ${type} ${mode} ${priority} ${reqid}`;
  const ipsec = {
    addPolicy: (policy: KernelPolicy) => {
      if (refuses && policy.direction === "fwd") throw new Error("no");
      policies.push(text(policy));
    },
    deletePolicy: (policy: KernelPolicy) => void policies.splice(policies.indexOf(text(policy)), 1),
  } as KernelIpsec;
  const net = { localSubnets: () => subnets } as never;
  const log = { enabled: () => true, log: (_group: unknown, _level: unknown, line: string) => void lines.push(line) };
  const make = (isWanted: (name: string) => boolean = () => true) =>
    new BypassPolicies({ kernels: { ipsec, net }, log, isWanted });
  return { subnets, policies, lines, make, refuse: (does: boolean) => void (refuses = does) };
}

describe("bypass policies", () => {
  it("let traffic within a local network pass, in each direction", async () => {
    const kernel = kernelWith(subnet("10.1.0.0", 20));
    await kernel.make().update();
    expect(kernel.policies).toEqual(["out", "in", "fwd"].map((way) => `${way} 10.1.0.0-10.1.15.255 pass pass pass 0`));
    expect(kernel.lines).toEqual(["installed bypass policy for 10.1.0.0/20"]);
  });

  it("follow the networks that come and go, and are all gone at the end", async () => {
    const kernel = kernelWith(subnet("10.1.0.0", 16));
    const policies = kernel.make();
    await policies.update();
    kernel.subnets.splice(0, 1, subnet("fec0::", 16), subnet("10.3.0.0", 24));
    await Promise.all([policies.update(), policies.update()]);
    expect(kernel.lines.slice(1)).toEqual([
      "uninstalled bypass policy for 10.1.0.0/16",
      "installed bypass policy for fec0::/16",
      "installed bypass policy for 10.3.0.0/24",
    ]);
    expect(kernel.policies).toHaveLength(6);
    await policies.close();
    expect(kernel.policies).toEqual([]);
  });

  it("are for wanted interfaces only", async () => {
    const kernel = kernelWith(subnet("10.1.0.0", 16, "eth0"), subnet("10.2.0.0", 16, "eth1"));
    await kernel.make((name) => name !== "eth0").update();
    expect(kernel.lines).toEqual(["installed bypass policy for 10.2.0.0/16"]);
  });

  it("that the kernel refuses in part are not there at all, and are tried again", async () => {
    const kernel = kernelWith(subnet("10.1.0.0", 16));
    const policies = kernel.make();
    kernel.refuse(true);
    await policies.update();
    expect(kernel.policies).toEqual([]);
    expect(kernel.lines).toEqual(["installing bypass policy for 10.1.0.0/16 failed: no"]);
    kernel.refuse(false);
    await policies.update();
    expect(kernel.policies).toHaveLength(3);
  });
});
