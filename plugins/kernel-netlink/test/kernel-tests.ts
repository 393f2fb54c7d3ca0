/** The arguments of node for the tests in `kernel`. Their configuration is read without a file beside it, as the guest cannot write one. */
export const KERNEL_TESTS: readonly string[] = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--configLoader",
  "runner",
  "--config",
  "plugins/kernel-netlink/test/kernel/vitest.config.ts",
  "--reporter",
  "default",
];

export const TIMESCALE = Number(process.env["TIMESCALE"] ?? 1);
