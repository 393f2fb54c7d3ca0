import { Pair, describeKernelIpsec, testHost } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import plugin from "../src/index.js";
import { LoggingKernel } from "../src/logging-kernel.js";

const QUIET = { enabled: () => false, log: () => undefined };
describeKernelIpsec("the logging kernel", () => ({ kernel: new LoggingKernel(QUIET), close: () => undefined }), { isReal: true });

it("loads, and leaves nothing behind", async () => {
  const host = await testHost({ plugins: [plugin] });
  expect(host.featureNames()).toEqual(["CUSTOM:kernel-ipsec"]);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});

it("gets the SAs and policies of a CHILD_SA, and they go with it", async () => {
  const pair = await Pair.load({ sun: { plugins: [plugin] } });
  pair.configure();
  await pair.establish();
  await pair.unload();
  const lines = pair.sun.lines();
  const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
  expect([count(/^(in|out)bound SA ESP .*: tunnel/), count(/^SA ESP .* is gone$/)]).toEqual([2, 2]);
  expect(count(/^policy .* is gone$/)).toBe(count(/^policy (in|out|fwd), reqid \d+$/));
});
