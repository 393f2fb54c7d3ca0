import { resolvePluginList } from "@cygnet/runtime";
import type { OptionWarning } from "@cygnet/runtime";
import { parseSettings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";

const DEFAULTS = ["aes", "sha1", "stroke!"];

function names(text: string, warn?: OptionWarning): string {
  const charon = parseSettings(`charon {\n${text}\n}`).settings.section("charon");
  return resolvePluginList(charon, DEFAULTS, warn)
    .map(({ name, critical }) => `${name}${critical ? "!" : ""}`)
    .join(" ");
}

describe("the plugin list", () => {
  it("is the built-in one, or charon.load, of which an empty one counts as none", () => {
    expect(names("")).toBe("aes sha1 stroke!");
    expect(names("load = sha2   random!")).toBe("sha2 random!");
    expect(names("load =")).toBe("aes sha1 stroke!");
    expect(names('load = ""')).toBe("aes sha1 stroke!");
  });

  it("ignores duplicates", () => {
    expect(names("load = a b a! b a")).toBe("a b");
  });

  it("leaves out what is switched off and follows priorities, also without load_modular", () => {
    expect(names("load = a b c d\n plugins { b { load = no }\n d { load = 20 }\n c { load = yes }\n zero { load = 5 } }")).toBe(
      "d a c",
    );
    expect(names("load = a b\n plugins { a { load = 0 } }")).toBe("b");
    expect(names("load = a b c\n plugins { a { load = -1 } }")).toBe("b c a");
  });

  it("takes with load_modular what is switched on, ordered by priority, list and name", () => {
    const plugins = `load_modular = yes\n plugins {
      zebra { load = yes }
      stroke { load = yes }
      apple { load = yes }
      sha1 { load = 1 }
      off { load = no }
      missing { option = 1 }
      late { load = 0 }
      first { load = 10 }
      aes { load = yes } }`;
    expect(names(plugins)).toBe("first apple zebra aes sha1 stroke!");
  });

  it("refuses what is neither flag nor number, with its place", () => {
    expect(() => names("plugins { aes {\n load = sometimes\n } }")).toThrow("strongswan.conf:3:");
    expect(() => names("load_modular = maybe")).toThrow("charon.load_modular: 'maybe' is not yes or no");
  });

  it("takes on and off for nothing, as strongSwan does, and says so", () => {
    const warnings: string[] = [];
    expect(names("load_modular = on\n load = a b\n plugins { a { load = off } }", (message) => warnings.push(message))).toBe(
      "a b",
    );
    expect(warnings).toEqual([
      expect.stringMatching(
        /^strongswan\.conf:\d+:\d+: charon\.load_modular: 'on' is neither yes nor no, the default 'no' is used$/,
      ),
      expect.stringMatching(/^strongswan\.conf:\d+:\d+: charon\.plugins\.a\.load: 'off' is neither yes nor no, ignored$/),
    ]);
  });
});
