import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

import { describe, expect, it } from "vitest";

import { ConfigError, Settings, parseSettings, printSettings, settingsPath, withNamespace } from "../src/index.js";

function settingsOf(text: string): Settings {
  return parseSettings(text, { file: "test.conf" }).settings;
}

describe("references", () => {
  // The expected orders were read off strongSwan 5.9.8; loops and long chains, where it fails, are our own.
  it("are followed depth first: a reference's own references come before the next reference", () => {
    const s = settingsOf("three {k=3}\ntwo {k=2\nx=2}\none : three { }\nt : one, two { }");
    expect(s.entries("t")).toEqual([
      ["k", "3"],
      ["x", "2"],
    ]);
  });

  it("of a subsection come before what the enclosing section refers to", () => {
    const s = settingsOf("o {sub {k=o\nx=o}}\np {k=p\ny=p}\nt : o { sub : p { } }");
    expect(s.entries("t.sub")).toEqual([
      ["k", "p"],
      ["y", "p"],
      ["x", "o"],
    ]);
  });

  it("may lead through sections that exist only by reference", () => {
    expect(settingsOf("p { q { k = 1 } }\nr : p { }\nx : r.q { }").getString("x.k")).toBe("1");
  });

  it("may name the enclosing section", () => {
    expect(settingsOf("a { x : a { k = 1 } }").getString("a.x.x.x.x.k")).toBe("1");
  });

  it("to their own subsection are harmless (strongSwan 5.9.8 crashes)", () => {
    const s = settingsOf("a : a.b { b { k = 1 } }");
    expect(s.getString("a.k")).toBe("1");
    expect(s.getString("a.b.k")).toBe("1");
    expect(s.getString("a.b.b.k")).toBeUndefined();
  });

  it("stop at a key that an earlier reference clears", () => {
    const s = settingsOf("a : b { }\nb : c { k = }\nc { k = 3}\nd { k=4}\ne : a, d { }");
    expect(s.getString("e.k", "default")).toBe("default");
    expect(s.keys("e")).toEqual([]);
  });

  it("list subsections once, those of the section first", () => {
    const s = settingsOf("m { s1 { } s2 { } }\nn { s2 { } s0 { } }\nt : n, m { s9 { } }");
    expect(s.sections("t")).toEqual(["s9", "s2", "s0", "s1"]);
  });

  it("find in lookups what they show in enumerations, also if one section is referred to at two levels", () => {
    // strongSwan enumerates k but does not find it, as its loop guard counts g as visited.
    const s = settingsOf("g { d { k = 1 } }\nb : g { d : g { } }");
    expect(s.entries("b.d")).toEqual([["k", "1"]]);
    expect(s.getString("b.d.k")).toBe("1");
  });

  it("answer the same whichever path of a loop was asked first", () => {
    const text = "a : b.x { x : b { k = 1 } }\nb : a.x { x : a { l = 2 } }";
    const keys = ["a.k", "a.l", "b.k", "b.l", "a.x.k", "a.x.l", "b.x.k", "b.x.l", "a.x.x.k", "b.x.x.l"];
    const ask = (order: readonly string[]): Record<string, string | undefined> => {
      const s = settingsOf(text);
      return Object.fromEntries(order.map((key) => [key, s.getString(key)]));
    };
    expect(ask(keys)).toEqual(ask(keys.toReversed()));
  });

  it("in chains of any length end in a value", () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => `s${i} : s${i + 1} {}\n`).join("");
    expect(settingsOf(`${chain}s20000 { k = 1 }`).getString("s0.k")).toBe("1");
  });
});

describe("fallbacks", () => {
  it("come after references, in the order in which they were added", () => {
    const s = settingsOf("b {k=1\nq=1}\nu {q=2\nw=3}\nr {k=2}\nt : r {z=1}").withFallback("t", "b").withFallback("t", "u");
    expect(s.entries("t")).toEqual([
      ["z", "1"],
      ["k", "2"],
      ["q", "1"],
      ["w", "3"],
    ]);
  });

  it("leave the settings that they are added to as they were", () => {
    const before = settingsOf("b { k = 1 }");
    const after = before.withFallback("t", "b");
    expect(after.getString("t.k")).toBe("1");
    expect(before.getString("t.k")).toBeUndefined();
    expect(before.hasSection("t")).toBe(false);
  });

  it("lead charon-systemd to charon and that to libstrongswan", () => {
    const s = withNamespace(settingsOf("charon { threads = 8 }\nlibstrongswan { threads = 4\n x = 1 }"), "charon-systemd");
    expect(s.getInt("charon-systemd.threads")).toBe(8);
    expect(s.getInt("charon-systemd.x")).toBe(1);
    expect(withNamespace(s, "swanctl").getInt("swanctl.threads")).toBe(4);
  });

  it("survive a reload, while keys that are gone do not", () => {
    const old = withNamespace(settingsOf("charon { a = 1 }"), "charon");
    const reloaded = settingsOf("libstrongswan { b = 2 }").withFallbacksOf(old);
    expect(reloaded.entries("charon")).toEqual([["b", "2"]]);
    expect(reloaded.withFallbacksOf(Settings.empty).entries("charon")).toEqual([]);
  });

  it("need a section on both sides", () => {
    expect(() => Settings.empty.withFallback("", "a")).toThrow(expect.objectContaining({ code: "CYG_SETTINGS_NAME" }));
    expect(() => Settings.empty.withFallback("a", [])).toThrow(ConfigError);
  });
});

describe("lookups", () => {
  const s = settingsOf('a { i = 7\n u = 0x1fffffffff\n d = 1.5\n t = 2m\n b = yes\n bad = x\n e = ""\n c = }');

  it("give the typed value", () => {
    const a = s.section("a");
    expect([a.getInt("i"), a.getU64("u"), a.getDouble("d"), a.getTime("t"), a.getBool("b")]).toEqual([
      7,
      0x1fffffffffn,
      1.5,
      120,
      true,
    ]);
  });

  it("give the default for what is absent, cleared or of another type", () => {
    for (const key of ["a.none", "a.c", "a.bad", "a.e", "none.x", "", "."]) {
      expect(s.getInt(key, 3)).toBe(3);
      expect(s.getU64(key, 3n)).toBe(3n);
      expect(s.getDouble(key, 0.5)).toBe(0.5);
      expect(s.getTime(key, 4)).toBe(4);
      expect(s.getBool(key, true)).toBe(true);
      expect(s.getBool(key)).toBeUndefined();
    }
  });

  it("tell set from cleared keys and keys from sections", () => {
    expect([s.has("a.e"), s.has("a.c"), s.has("a"), s.hasSection("a"), s.hasSection("a.e")]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it("ignore empty parts of a dotted key", () => expect(s.getInt("..a...i.")).toBe(7));

  it("reach names with dots by a list", () => {
    const logs = Settings.fromObject({ charon: { filelog: { "/var/log/x.log": { default: 2, append: false } } } });
    expect(logs.getInt(["charon", "filelog", "/var/log/x.log", "default"])).toBe(2);
    expect(logs.section("charon").section("filelog").section(["/var/log/x.log"]).getBool("append")).toBe(false);
  });

  it("do not take names of Object.prototype for keys", () => {
    expect(s.getString("constructor")).toBeUndefined();
    expect(settingsOf("__proto__ { x = 1 }").getInt("__proto__.x")).toBe(1);
    expect(settingsOf('constructor = "\\constructor"').getString("constructor")).toBe("constructor");
  });

  it("work in views of sections that do not exist", () => {
    expect(s.section("no.such").getInt("x", 1)).toBe(1);
    expect(s.section("no.such").sections()).toEqual([]);
  });

  it("stay right when far more paths are asked for than are remembered", () => {
    for (let i = 0; i < 10_000; i++) s.getString(`peer${i}.x.y`);
    expect(s.getInt("a.i")).toBe(7);
  });
});

describe("origins", () => {
  const s = settingsOf("base { x = 1 }\nt : base {\n  y = 2\n  z =\n}\nt { y = 3 }");

  it("are those of the assignment that counts", () => {
    expect(s.origin("t.y")).toEqual({ file: "test.conf", line: 6, column: 5 });
    expect(s.origin("t.x")).toEqual({ file: "test.conf", line: 1, column: 8 });
    expect(s.origin("t.z")).toEqual({ file: "test.conf", line: 4, column: 3 });
  });

  it("of a section are where it first appears", () => expect(s.origin("t")).toMatchObject({ line: 2, column: 1 }));

  it("are unknown for what is absent or was set by code", () => {
    expect(s.origin("t.none")).toBeUndefined();
    expect(s.overlay(Settings.fromEntries([["t.y", 5]])).origin("t.y")).toBeUndefined();
  });

  it("come with everything that is written, in file order", () => {
    const lines = [...s.walk()].map(
      (n) => `${n.path.join(".")} ${n.kind} ${n.value ?? n.references?.join() ?? "cleared"} ${n.origin!.line}`,
    );
    expect(lines).toEqual(["base section  1", "base.x key 1 1", "t section base 2", "t.y key 3 6", "t.z key cleared 4"]);
  });
});

describe("made by code", () => {
  it("an object is sections and values", () => {
    const s = Settings.fromObject({ a: { b: true, c: 5, d: null, e: "x", f: 9n } });
    expect(printSettings(s)).toBe("a {\n  b = yes\n  c = 5\n  d =\n  e = x\n  f = 9\n}\n");
  });

  it("names must be possible", () => {
    for (const name of ["", "a\nb"]) {
      expect(() => Settings.fromObject({ a: { [name]: 1 } })).toThrow(expect.objectContaining({ code: "CYG_SETTINGS_NAME" }));
      expect(() => Settings.fromEntries([[["a", name], 1]])).toThrow(expect.objectContaining({ code: "CYG_SETTINGS_NAME" }));
    }
    expect(() => Settings.fromEntries([["", 1]])).toThrow(expect.objectContaining({ code: "CYG_SETTINGS_NAME" }));
  });

  it("an overlay wins, clears and adds without touching either side", () => {
    const base = settingsOf("a { x = 1\n y = 2\n s { k = 1 } }\nd { w = 9 }");
    const top = settingsOf("a : d { y =\n z = 3\n s { l = 2 } }");
    const both = base.overlay(top);
    expect(both.entries("a")).toEqual([
      ["x", "1"],
      ["z", "3"],
      ["w", "9"],
    ]);
    expect(both.keys("a.s")).toEqual(["k", "l"]);
    expect(base.keys("a")).toEqual(["x", "y"]);
    expect(top.keys("a.s")).toEqual(["l"]);
  });

  it("names that files cannot express are not printed", () => {
    expect(() => printSettings(Settings.fromObject({ "a.b": 1 }))).toThrow(
      expect.objectContaining({ code: "CYG_SETTINGS_UNPRINTABLE" }),
    );
  });
});

describe("as data", () => {
  it("settings pass through a message port with origins, references and fallbacks", () => {
    const s = settingsOf("b { k = 1 }\nr { x { y = } }\nt : r { z = 2 }").withFallback("t", "b");
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(s.toData());
    const { message } = receiveMessageOnPort(port2) as { message: ReturnType<Settings["toData"]> };
    port1.close();
    port2.close();
    const copy = Settings.fromData(message);
    expect(copy.equals(s)).toBe(true);
    expect(copy.toData()).toEqual(s.toData());
    expect(copy.getString("t.k")).toBe("1");
    expect(copy.origin("t.z")).toEqual(s.origin("t.z"));
  });

  it("of another version or without order are refused", () => {
    const data = settingsOf("a { b { } }").toData();
    const wrong = [
      { ...data, version: 2 as 1 },
      { ...data, sections: [] },
      { ...data, sections: data.sections.map((entry) => ({ ...entry, parent: 2 })) },
    ];
    for (const value of wrong) {
      expect(() => Settings.fromData(value)).toThrow(expect.objectContaining({ code: "CYG_SETTINGS_DATA" }));
    }
  });
});

describe("equality", () => {
  it.each([
    ["a = 1", "a = 2"],
    ["a = 1\nb = 2", "b = 2\na = 1"],
    ["a =", 'a = ""'],
    ["a = 1", "a = 1\nb = 2"],
    ["s { }", "t { }"],
    ["s : a { }", "s : b { }"],
    ["s : a.b { }", "s : a, b { }"],
    ["s { x = 1 }", "s { x = 2 }"],
  ])("tells %j from %j", (left, right) => {
    expect(settingsOf(left).equals(settingsOf(right))).toBe(false);
    expect(settingsOf(left).equals(settingsOf(`\n${left}`))).toBe(true);
  });
});

describe("the path of strongswan.conf", () => {
  it("is that of the environment, if it names one", () => {
    expect(settingsPath({ STRONGSWAN_CONF: "/x" })).toBe("/x");
    expect(settingsPath({ STRONGSWAN_CONF: "" })).toBe("/etc/strongswan.conf");
    expect(settingsPath({}, "/usr/local/etc")).toBe("/usr/local/etc/strongswan.conf");
  });
});
