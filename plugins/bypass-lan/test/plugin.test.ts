import { ControlLink, Host, KernelManager } from "@cygnet/plugin-api";
import type { KernelPolicy, PluginContext } from "@cygnet/plugin-api";
import { createContainer, provide, provideUntilUndone, resolveFor } from "@cygnet/plugin-testkit/parts";
import { expect, it } from "vitest";
import plugin from "../src/index.js";

it("takes other interfaces at a reload, on the first shard for all", async () => {
  const container = createContainer();
  const policies = new Set<string>();
  const key = ({ direction, source }: KernelPolicy): string => `${direction} ${source.startAddress.join(".")}`;
  const subnets = ["eth0", "eth1"].map((interfaceName, at) => ({
    address: Host.of(`10.${at}.0.0`),
    prefix: 16,
    interfaceName,
  }));
  provide(container, ControlLink, { shard: 0 } as never);
  provide(container, KernelManager, {
    ipsec: {
      addPolicy: (policy: KernelPolicy) => void policies.add(key(policy)),
      deletePolicy: (policy: KernelPolicy) => void policies.delete(key(policy)),
    },
    net: { localSubnets: () => subnets },
    onRoam: () => () => undefined,
  } as never);
  const context = (use: string): PluginContext<never> =>
    ({
      plugin: "bypass-lan",
      options: { interfaces_use: use, interfaces_ignore: "" },
      log: { enabled: () => false, log: () => undefined },
      resolve: (token: never) => resolveFor("bypass-lan", container, token),
      provide: (token: never, value: never) => provideUntilUndone(container, token, value),
    }) as never;
  const [feature] = plugin.features({ interfaces_use: "", interfaces_ignore: "" });
  const undo = await feature!.register(context("eth0"));
  await expect.poll(() => [...policies].every((policy) => policy.includes("10.0.")) && policies.size).toBe(3);
  await plugin.reload!(context("eth1"));
  expect([...policies].map((policy) => policy.split(" ")[1])).toEqual(["10.1.0.0", "10.1.0.0", "10.1.0.0"]);
  await undo?.();
  expect(policies.size).toBe(0);
});
