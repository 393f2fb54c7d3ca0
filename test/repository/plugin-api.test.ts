import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { PLUGIN_API, PLUGIN_API_VERSION, StreamServices } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { Pair, usualChild } from "@cygnet/plugin-testkit";
import { describe, expect, it } from "vitest";
import { REPORT_FILE, changelogComplaint, pluginApiReport, reportDigest } from "../../tools/docs/plugin-api-report.mjs";
import { root } from "./workspace.js";

const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");

describe("the public surface of the plugin API", () => {
  it("is what api/plugin-api.api.md says, else `npm run docs` is due", () => {
    expect(pluginApiReport()).toBe(readFileSync(REPORT_FILE, "utf8"));
  });

  it("does not change without a line in the changelog, which names the version", () => {
    const report = readFileSync(REPORT_FILE, "utf8");
    expect(changelogComplaint(report, changelog)).toBeUndefined();
    expect(changelog).toContain(`(plugin API \`${PLUGIN_API_VERSION}\`, surface \`${reportDigest(report)}\`)`);
    expect(changelogComplaint(`${report}export const more: number;\n`, changelog)).toMatch(/^The plugin API has changed: /);
  });

  it("has a version, whose major part is what plugins state at least", () => {
    expect(PLUGIN_API_VERSION).toMatch(/^\d+\.\d+$/);
    expect(PLUGIN_API_VERSION.split(".")[0]).toBe(String(PLUGIN_API));
  });
});

describe("a plugin that was written for version 1.0", () => {
  const folder = join(root, "test/repository/frozen/plugin-1.0");

  it("is still the one that was written then", () => {
    const digest = createHash("sha256")
      .update(readFileSync(join(folder, "index.js")))
      .digest("hex");
    expect(digest).toBe("00954b9b4df29391af460924ad5d1077b9692514cbc9444c2c4eb48ee7628d16");
  });

  it("loads and does all it did: algorithms, listeners, addresses, secrets, timers, links and a socket", async () => {
    const { default: frozen } = (await import(join(folder, "index.js"))) as { readonly default: Plugin };
    const pair = await Pair.load({
      moon: { plugins: [] },
      sun: { plugins: [frozen], settings: { "plugins.frozen.greeting": "good morning" } },
    });
    const { sun, moon } = pair;
    expect(sun.plugins.host.featureNames()).toEqual(
      expect.arrayContaining([
        "PRF:PRF_HMAC_SHA2_256",
        ...["listener", "attributes", "secrets", "socket"].map((feature) => `CUSTOM:frozen-${feature}`),
      ]),
    );
    moon.secret("secret", "moon", "sun");
    const proposals = ["aes128-sha256-modp768"];
    pair.connect(
      { proposals, virtualIps: ["0.0.0.0"], children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
      { proposals, pools: ["frozen"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })] },
    );
    moon.initiate("net");
    await pair.run(2000);
    expect(moon.ikeSas.map(({ localVirtualIps }) => localVirtualIps.map(String))).toEqual([["10.9.0.1"]]);
    expect(sun.lines()).toEqual(expect.arrayContaining(["good morning, moon is up", "frozen ticks"]));
    const client = connect(`${sun.resolve(StreamServices).pidDir}/frozen.sock`).setEncoding("utf8");
    expect(await once(client, "data")).toEqual(["1 1\n"]);
    await pair.unload();
    expect(sun.plugins.leftovers()).toEqual([]);
  });
});
