import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { globConfFiles } from "../../src/conf/conf-files.js";
import { IpsecConfError } from "../../src/conf/ipsec-conf-error.js";
import { loadIpsecConf } from "../../src/conf/load-ipsec-conf.js";
import { load, MAIN, memoryFiles } from "../helpers.js";

const failure = (text: string, others: Record<string, string> = {}): IpsecConfError => {
  try {
    load(text, others);
  } catch (error) {
    if (error instanceof IpsecConfError) return error;
    throw error;
  }
  throw new Error("did not fail");
};

describe("a broken ipsec.conf", () => {
  it.each([
    ["conn a\n  foo\n", "CYG_IPSEC_CONF_MISSING_VALUE", 2, 3, "missing value for setting 'foo'"],
    ["conn a\n\n\ttype x\n", "CYG_IPSEC_CONF_MISSING_VALUE", 3, 2, "missing value for setting 'type'"],
    ["\nconn\n", "CYG_IPSEC_CONF_SECTION_NAME", 2, 1, "section name missing"],
    ['conn a\n x=y\n b="c\n\n', "CYG_IPSEC_CONF_UNTERMINATED", 3, 4, "unterminated string detected"],
    ["conn a\n x=y=z\n", "CYG_IPSEC_CONF_SYNTAX", 2, 5, "syntax error, unexpected EQ"],
    ["# c\nfoo=bar\n", "CYG_IPSEC_CONF_SYNTAX", 2, 1, "syntax error, unexpected STRING"],
    ['conn a\n x="1\n2"\n y=\0\n', "CYG_IPSEC_CONF_SYNTAX", 4, 4, "syntax error, unexpected NUL byte"],
    ["conn a\n\talso=b\n", "CYG_IPSEC_CONF_REFERENCE", 2, 1, "section 'b' referenced in section 'a' not found"],
  ])("%j is refused with its place", (text, code, line, column, reason) => {
    expect(failure(text)).toMatchObject({ code, file: MAIN, line, column, reason, message: `${MAIN}:${line}: ${reason}` });
  });

  it("names the included file that is broken", () => {
    const error = failure("include sub/*.conf\n", { "/etc/sub/x.conf": "conn a\n b\n" });
    expect(error).toMatchObject({ file: "/etc/sub/x.conf", line: 2 });
    expect(error.messages.map((m) => m.text)).toEqual([
      "/etc/sub/x.conf:2: missing value for setting 'b'",
      `invalid config file '${MAIN}'`,
    ]);
  });

  it("tells all dangling references at once", () => {
    expect(failure("conn a\n also=b\n also=c\nconn d\n also=d\n").messages.map((m) => [m.line, m.text])).toEqual([
      [3, "section 'c' referenced in section 'a' not found"],
      [2, "section 'b' referenced in section 'a' not found"],
      [5, "section 'd' referenced in section 'd' causes a loop"],
    ]);
  });

  it("is refused, not half loaded, when an include cannot be read", () => {
    const files = memoryFiles({ [MAIN]: "include x\nconn a\n", "/etc/x": "" });
    const locked = { ...files, read: (path: string): string => (path === MAIN ? files.read(path) : raise("EACCES")) };
    expect(() => loadIpsecConf(MAIN, { files: locked })).toThrow(
      expect.objectContaining({ code: "CYG_IPSEC_CONF_READ", file: MAIN, line: 1 }),
    );
  });
});

function raise(code: string): never {
  throw Object.assign(new Error(code), { code });
}

describe("messages", () => {
  it("carry file and line, also of what was inherited from an included file", () => {
    const { messages, errors, fatal, config } = load("include b.conf\nconn a\n also=base\n foo=1\n", {
      "/etc/b.conf": "conn base\n\n type=x\n",
    });
    expect(messages.map((m) => [m.file, m.line, m.level, m.text])).toEqual([
      ["/etc/b.conf", 3, "error", "# bad policy value: type=x"],
      ["/etc/b.conf", 1, "error", "# ignored conn 'base' due to 1 parsing error"],
      [MAIN, 4, "warning", "# unknown keyword 'foo'"],
      ["/etc/b.conf", 3, "error", "# bad policy value: type=x"],
      [MAIN, 2, "error", "# ignored conn 'a' due to 1 parsing error"],
      ["/etc/b.conf", 0, "warning", "### 3 parsing errors (0 fatal) ###"],
    ]);
    expect([errors, fatal, config.conns]).toEqual([3, 0, []]);
  });

  it("count errors in config setup as fatal", () => {
    expect(load("config setup\n uniqueids=maybe\n type=x\n foo=y\n nat_traversal=yes\n")).toMatchObject({ errors: 4, fatal: 2 });
  });
});

describe("inheritance", () => {
  it("prefers own settings, then the last also, then %default", () => {
    const { config } = load(
      "conn %default\n ike=d\n esp=d\n ah=d\nconn a\n also=b\n also=c\n ike=a\nconn b\n ike=b\n esp=b\n ah=b\nconn c\n ike=c\n esp=c\n ah=\n",
    );
    expect(config.conns[0]).toMatchObject({ name: "a", ike: "a", esp: "c", ah: null });
  });

  it("applies a synonym from %default after the conn's own keyword, as strongSwan does", () => {
    const { config } = load("conn %default\n keylife=20m\n mark=6\nconn a\n lifetime=30m\n mark_in=5\n");
    expect(config.conns[0]).toMatchObject({ lifetime: 1200, markIn: { value: 6 } });
  });
});

describe("includes on disk", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cygnet-conf-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  it("are found relative to the including file, in order, and continue its section", () => {
    mkdirSync(join(directory, "d"));
    mkdirSync(join(directory, "d", "dir.conf"));
    write("d/b.conf", "conn b\n\tleftid=b\n");
    write("d/a.conf", "\tleftid=a\ninclude ../e.txt\nconn a2\n");
    write("d/.hidden.conf", "broken");
    write("e.txt", "\trightid=e");
    const main = write("main.conf", 'conn main\n\tinclude "d"/[!c]*.con?\n\trightid=late\n');
    const { config, files, messages } = loadIpsecConf(main);
    expect(messages).toEqual([]);
    expect(files).toEqual(["main.conf", "d/a.conf", "e.txt", "d/b.conf"].map((name) => join(directory, name)));
    expect(config.conns.map((c) => [c.name, c.left.id, c.right.id])).toEqual([
      ["main", "a", "e"],
      ["a2", null, null],
      ["b", "b", "late"],
    ]);
  });

  it("that match nothing are told and passed over", () => {
    const main = write("main.conf", "include none*\ninclude no/such/*.conf\nconn a\n");
    const { messages, config } = loadIpsecConf(main);
    expect(messages.map((m) => m.text)).toEqual([
      `no files found matching '${directory}/none*'`,
      `expanding file pattern '${directory}/no/such/*.conf' failed: No such file or directory`,
    ]);
    expect(config.conns).toHaveLength(1);
  });

  it("that include themselves end after ten levels", () => {
    const { messages, files } = loadIpsecConf(write("loop.conf", "include loop.conf\nconn a\n"));
    expect(files).toHaveLength(11);
    expect(messages.map((m) => m.text)).toEqual([`include '${directory}/loop.conf' ignored, nested deeper than 10 levels`]);
  });
});

describe("globConfFiles", () => {
  const files = memoryFiles({ "/d/a1": "", "/d/b2": "", "/d/.c": "", "/e/x/f": "", "/e/y/f": "", "/d/[z": "" });
  it.each<[string, string[]]>([
    ["/d/*", ["/d/[z", "/d/a1", "/d/b2"]],
    ["/d/?[0-9]", ["/d/a1", "/d/b2"]],
    ["/d/[^a]*[!1]", ["/d/[z", "/d/b2"]],
    ["/d/.*", ["/d/.c"]],
    ["/d/[z", ["/d/[z"]],
    ["/e/*/f", ["/e/x/f", "/e/y/f"]],
    ["/e/x/*", ["/e/x/f"]],
    ["/d/a1", ["/d/a1"]],
    ["/d/[b-a]*", []],
    ["/none", []],
  ])("%s finds %j", (pattern, expected) => {
    expect(globConfFiles(pattern, files)).toEqual(expected);
  });
});

describe("any text", () => {
  const piece = fc.constantFrom(
    ...[
      "config setup",
      "conn",
      "ca",
      "conn a",
      "ca b",
      "%default",
      "also=",
      "include ",
      "include b.conf",
      "version 2",
      "=",
      '"',
      "\\",
      "#",
      "@#",
      "\n",
    ],
    ...[
      "\n ",
      "\t",
      " ",
      "left",
      "right",
      "leftid=",
      "type=transport",
      "mark=",
      "rekeyfuzz=",
      "protoport=",
      "yes",
      "9",
      "%",
      "/",
      "-",
      "\r",
      "\0",
      "é",
    ],
  );
  it("gives a configuration or a typed error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 80 }),
          fc.array(piece, { maxLength: 40 }).map((p) => p.join("")),
        ),
        (text) => {
          try {
            expect(load(text, { "/etc/b.conf": text }).config.conns).toBeInstanceOf(Array);
          } catch (error) {
            expect(error).toBeInstanceOf(IpsecConfError);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("with a long chain or a web of also lines is read quickly and without exhausting the stack", () => {
    const chain = Array.from({ length: 5000 }, (_, i) => `conn c${i}\n also=c${i + 1}\n`).join("") + "conn c5000\n";
    expect(failure(chain)).toMatchObject({ code: "CYG_IPSEC_CONF_REFERENCE" });
    const web = Array.from(
      { length: 60 },
      (_, i) => `conn w${i}\n also=w${i + 1}\n also=v${i + 1}\nconn v${i}\n also=v${i + 1}\n also=w${i + 1}\n`,
    );
    expect(load(`${web.join("")}conn w60\n type=beet\nconn v60\n`).config.conns[0].mode).toBe("beet");
  });
});
