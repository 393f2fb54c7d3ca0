import { RngQuality, custom, definePlugin, hasher, nonceGen, rng } from "@cygnet/plugin-api";
import type { Feature, FeatureRef, Plugin } from "@cygnet/plugin-api";
import { LogManager, PluginHost, createContainer } from "@cygnet/runtime";
import { MemoryPluginSource, MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import { HashAlgorithm } from "@cygnet/wire";
import { describe, expect, it } from "vitest";

// What strongSwan 6.0.6 logged at level 1 for these plugin lists, plugins reduced to the features that matter for them.
const SHA1 = HashAlgorithm.SHA1;
const BASE = "random nonce aes sha1 sha2 hmac kdf gmp x509 pubkey pkcs1 pem";

const provides = (what: FeatureRef, depends: readonly FeatureRef[] = []): Feature => ({
  provides: what,
  depends,
  register: () => undefined,
});

const plugin = (name: string, features: readonly Feature[]): Plugin => definePlugin({ name, api: 1, features: () => features });

const CHARON = plugin("charon", [
  provides(custom("libcharon"), [
    nonceGen(),
    custom("libcharon-sa-managers"),
    custom("libcharon-receiver"),
    custom("kernel-ipsec"),
    custom("kernel-net"),
  ]),
  provides(custom("libcharon-receiver"), [hasher(SHA1), rng(RngQuality.STRONG), custom("socket")]),
  provides(custom("libcharon-sa-managers"), [hasher(SHA1), rng(RngQuality.WEAK)]),
]);

const PLUGINS = [
  plugin("random", [provides(rng(RngQuality.STRONG)), provides(rng(RngQuality.TRUE))]),
  plugin("nonce", [provides(nonceGen(), [rng(RngQuality.WEAK)])]),
  plugin("sha1", [provides(hasher(SHA1))]),
  plugin("kernel-netlink", [provides(custom("kernel-ipsec")), provides(custom("kernel-net"))]),
  plugin("socket-default", [provides(custom("socket"))]),
  plugin("stroke", [provides(custom("stroke"))]),
  ...["aes", "sha2", "hmac", "kdf", "gmp", "x509", "pubkey", "pkcs1", "pem", "updown", "attr"].map((name) =>
    plugin(name, [provides(custom(name))]),
  ),
  definePlugin({
    ...plugin("load-tester", [provides(custom("load-tester"))]),
    disabled: () => "charon.plugins.load-tester.enable is no",
  }),
];

async function start(load: string, plugins = ""): Promise<string[]> {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink(1);
  log.addSink(sink);
  const { settings } = parseSettings(`charon {\n load = ${load}\n plugins { ${plugins} } }`);
  const host = new PluginHost({
    locations: ["control", "shard"],
    source: new MemoryPluginSource(PLUGINS),
    container: createContainer(),
    log,
    charon: settings.section("charon"),
    builtIn: [CHARON],
    timers: clock,
  });
  const failure = await host.load().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure) expect(failure).toMatchObject({ code: "CYG_PLUGIN_CRITICAL" });
  await host.unload();
  return sink.lines;
}

const CASES: readonly {
  readonly name: string;
  readonly load: string;
  readonly plugins?: string;
  readonly lines: readonly string[];
}[] = [
  {
    name: "unknown_crit",
    load: `${BASE} nosuch! kernel-netlink socket-default stroke`,
    lines: ["00[LIB1] loading critical plugin 'nosuch' failed"],
  },
  {
    name: "nosocket",
    load: `${BASE} kernel-netlink stroke`,
    lines: [
      "00[LIB1] feature CUSTOM:libcharon-receiver in critical plugin 'charon' has unmet dependency: CUSTOM:socket",
      "00[LIB1] feature CUSTOM:libcharon in critical plugin 'charon' has unmet dependency: CUSTOM:libcharon-receiver",
      "00[LIB1] failed to load 2 critical plugin features",
    ],
  },
  {
    name: "nokernel",
    load: `${BASE} socket-default stroke`,
    lines: [
      "00[LIB1] feature CUSTOM:libcharon in critical plugin 'charon' has unmet dependency: CUSTOM:kernel-ipsec",
      "00[LIB1] failed to load 1 critical plugin feature",
    ],
  },
  {
    name: "nononce",
    load: "random aes sha1 sha2 hmac kdf gmp x509 pubkey pkcs1 pem kernel-netlink socket-default stroke",
    lines: [
      "00[LIB1] feature CUSTOM:libcharon in critical plugin 'charon' has unmet dependency: NONCE_GEN",
      "00[LIB1] failed to load 1 critical plugin feature",
    ],
  },
  {
    name: "norandom",
    load: "nonce aes sha1 sha2 hmac kdf gmp kernel-netlink socket-default stroke",
    lines: [
      "00[LIB1] feature CUSTOM:libcharon in critical plugin 'charon' has unmet dependency: NONCE_GEN",
      "00[LIB1] feature CUSTOM:libcharon-receiver in critical plugin 'charon' has unmet dependency: RNG:RNG_STRONG",
      "00[LIB1] feature CUSTOM:libcharon-sa-managers in critical plugin 'charon' has unmet dependency: RNG:RNG_WEAK",
      "00[LIB1] failed to load 3 critical plugin features",
    ],
  },
  {
    name: "nosha1",
    load: "random nonce aes hmac kdf gmp kernel-netlink socket-default stroke",
    lines: [
      "00[LIB1] feature CUSTOM:libcharon-sa-managers in critical plugin 'charon' has unmet dependency: HASHER:HASH_SHA1",
      "00[LIB1] feature CUSTOM:libcharon in critical plugin 'charon' has unmet dependency: CUSTOM:libcharon-sa-managers",
      "00[LIB1] feature CUSTOM:libcharon-receiver in critical plugin 'charon' has unmet dependency: HASHER:HASH_SHA1",
      "00[LIB1] failed to load 3 critical plugin features",
    ],
  },
  {
    name: "lt_disabled",
    load: `${BASE} load-tester kernel-netlink socket-default stroke`,
    lines: [
      // The plugin's own words, which the capture of LIB and DMN leaves out.
      "00[CFG1] charon.plugins.load-tester.enable is no",
      "00[LIB1] plugin 'load-tester': failed to load - load_tester_plugin_create returned NULL",
      `00[LIB1] loaded plugins: charon ${BASE} kernel-netlink socket-default stroke`,
    ],
  },
  {
    name: "load_no",
    load: `${BASE} kernel-netlink socket-default stroke updown attr`,
    plugins: "updown { load = no }\n attr { load = 20 }\n",
    lines: [`00[LIB1] loaded plugins: charon attr ${BASE} kernel-netlink socket-default stroke`],
  },
];

describe("the captured start of strongSwan", () => {
  it.each(CASES)("'$name' is logged line for line", async ({ load, plugins, lines }) => {
    expect(await start(load, plugins)).toEqual(lines);
  });
});
