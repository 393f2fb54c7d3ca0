import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Pair, afterTest } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

const PLUGIN_API = fileURLToPath(new URL("../../core/plugin-api", import.meta.url));

/** What somebody else would publish as `cygnet-plugin-acme`: plain JavaScript, with `@cygnet/plugin-api` as its one dependency. */
const MANIFEST = {
  name: "cygnet-plugin-acme",
  version: "1.0.0",
  type: "module",
  exports: "./index.js",
  keywords: ["cygnet-plugin"],
  peerDependencies: { "@cygnet/plugin-api": "*" },
};
const SOURCE = `
import { createHash, createHmac } from "node:crypto";
import { Bus, IkeSaState, LogGroup, custom, definePlugin, providePrf, text } from "@cygnet/plugin-api";

const PRF_HMAC_SHA2_256 = 5;
const BLOCK_BYTES = 64;
let computed = 0;

const prf = {
  outputBytes: 32,
  keyBytes: 32,
  hasFixedKey: false,
  stateBytes: BLOCK_BYTES,
  setKey(key, state) {
    state.fill(0);
    state.set(key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key);
  },
  compute(state, data, out) {
    computed++;
    out.set(createHmac("sha256", state).update(data).digest());
  },
};

export default definePlugin({
  name: "acme",
  api: 1,
  options: { greeting: text("hello", "What is logged when a tunnel comes up.") },
  features: () => [
    providePrf(PRF_HMAC_SHA2_256, () => prf),
    {
      provides: custom("acme-witness"),
      register: ({ log, options, resolve }) =>
        resolve(Bus).addListener({
          name: "acme",
          ikeStateChange: (ikeSa, state) => log.log(LogGroup.CFG, 1, \`acme saw \${ikeSa.name || "somebody"} become \${IkeSaState[state]}\`),
          message: (ikeSa, message, incoming) => log.log(LogGroup.CFG, 1, \`acme saw a message \${incoming ? "in" : "out"}\`),
          childUpdown: (ikeSa, childSa, up) => log.log(LogGroup.CFG, 1, \`acme: \${options.greeting}, \${childSa.name} is \${up ? "up" : "down"}\`),
          ikeUpdown: (ikeSa, up) => log.log(LogGroup.CFG, 1, \`acme computed \${computed > 0 ? "some" : "no"} PRFs until \${ikeSa.name} was \${up ? "up" : "down"}\`),
        }),
    },
  ],
});
`;

/** A folder outside of the repository, with the package at \`path\` in it. */
function installed(path: string, source = SOURCE): string {
  const folder = mkdtempSync(join(tmpdir(), "cygnet-acme-"));
  afterTest(async () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, path, "package.json"), JSON.stringify(MANIFEST));
  writeFileSync(join(folder, path, "index.js"), source);
  mkdirSync(join(folder, "node_modules/@cygnet"), { recursive: true });
  symlinkSync(PLUGIN_API, join(folder, "node_modules/@cygnet/plugin-api"));
  return folder;
}

const LOAD = "random nonce acme aes sha1 sha2 hmac gmp openssl attr socket-default stroke load-tester";
const CONN = { ike: "aes128-sha256-prfsha256-modp2048!" };

describe("a plugin from outside", () => {
  it("is found by its name, hears the bus, and its PRF makes the keys that strongSwan makes, too", async () => {
    const folder = installed("node_modules/cygnet-plugin-acme");
    const pair = await Pair.start({
      moon: "cygnet",
      sun: "strongswan",
      conn: CONN,
      moonSetup: { folder: join(folder, "moon"), load: LOAD, plugins: "acme { greeting = good morning\n }" },
    });
    expect(await pair.moon.stroke("listalgs")).toMatch(/PRF_HMAC_SHA2_256\[acme\]/);
    expect(await pair.moon.stroke("listplugins")).toMatch(/^acme:\n {4}PRF:PRF_HMAC_SHA2_256\n {4}CUSTOM:acme-witness\n/m);
    await pair.moon.up();
    await pair.moon.log.seen("acme saw net become CONNECTING");
    await pair.moon.log.seen("acme saw net become ESTABLISHED");
    await pair.moon.log.seen("acme computed some PRFs until net was up");
    await pair.moon.log.seen("acme: good morning, net is up");
    // Two requests and two responses.
    expect(pair.moon.log.count("acme saw a message in")).toBe(2);
    expect(pair.moon.log.count("acme saw a message out")).toBe(2);
    await pair.sun.log.seen("IKE_SA net[1] established");
    await pair.moon.stroke("down", "net");
    await pair.moon.log.seen("acme: good morning, net is down");
  });

  it("is found by the path that strongswan.conf names, and serves a responder", async () => {
    const folder = installed("elsewhere/acme");
    const pair = await Pair.start({
      moon: "strongswan",
      sun: "cygnet",
      conn: CONN,
      sunSetup: { load: LOAD, plugins: `acme { package = ${join(folder, "elsewhere/acme")}\n }` },
    });
    await pair.moon.up();
    await pair.sun.log.seen("acme computed some PRFs until net was up");
    await pair.sun.log.seen("acme: hello, net is up");
  });

  it("that computes wrong PRFs is refused, and another provider takes its place", async () => {
    const folder = installed("acme", SOURCE.replace('createHmac("sha256", state)', 'createHmac("sha256", "wrong")'));
    const pair = await Pair.start({
      moon: "cygnet",
      sun: "strongswan",
      conn: CONN,
      moonSetup: { load: LOAD, plugins: `acme { package = ${join(folder, "acme")}\n }` },
    });
    await pair.moon.log.seen(/PRF_HMAC_SHA2_256.*acme|acme.*PRF_HMAC_SHA2_256/);
    expect(await pair.moon.stroke("listalgs")).not.toContain("[acme]");
    await pair.moon.up();
  });

  it("that throws in a listener harms no IKE_SA", async () => {
    const folder = installed(
      "acme",
      SOURCE.replace(
        "childUpdown: (ikeSa, childSa, up) =>",
        'childUpdown: () => { throw new Error("out of order"); }, ikeKeys: () =>',
      ),
    );
    const pair = await Pair.start({
      moon: "cygnet",
      sun: "strongswan",
      conn: CONN,
      moonSetup: { load: LOAD, plugins: `acme { package = ${join(folder, "acme")}\n }` },
    });
    await pair.moon.up();
    await pair.moon.log.seen(/acme.*out of order/);
    expect(await pair.moon.sas()).toContain("INSTALLED, TUNNEL");
  });
});
