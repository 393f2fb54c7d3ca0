import { parseSettings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";
import { setLoad } from "../src/snippet-text.js";

const PACKAGED =
  "attr {\n\n    # DNS server\n    # dns =\n\n    # Whether to load the plugin.\n    load = yes   # as shipped\n\n}\n";

describe("the load option of a snippet", () => {
  it("is replaced where it stands, with comments and layout as they were", () => {
    expect(setLoad(PACKAGED, "attr", "no")).toBe(PACKAGED.replace("load = yes ", "load = no "));
    expect(setLoad('attr { dns = 1.2.3.4\nload="yes"\n}', "attr", "7")).toBe("attr { dns = 1.2.3.4\nload=7\n}");
  });

  it("is put into a section that has none", () => {
    expect(setLoad("attr {\n    dns = 10.0.0.1\n}\n", "attr", "no")).toBe("attr {\n    load = no\n    dns = 10.0.0.1\n}\n");
    expect(setLoad("attr { # first\n}\n", "attr", "no")).toBe("attr { # first\n    load = no\n}\n");
  });

  it.each([
    ["no file", undefined],
    ["an empty file", ""],
    ["another section", "x {\n}"],
    ["a section in one line", "attr { dns = 10.0.0.1 }\n"],
    ["an empty section in one line", "attr {}\n"],
    ["a name and a brace on lines of their own", "attr\n{\nload\n=\n}\n"],
    ["a cleared option", "attr {\n load =\n}\n"],
    ["two of them, of which the last one counts", "attr {\n load = 3\n load = no\n}\n"],
  ])("is set with %s", (_, text) => {
    const settings = parseSettings(setLoad(text, "attr", "5")).settings;
    expect(settings.getString("attr.load")).toBe("5");
    if (text?.includes("10.0.0.1") === true) expect(settings.getString("attr.dns")).toBe("10.0.0.1");
  });
});
