// Comparisons with the strongSwan tools installed on this machine. Without them the captured vectors stand in.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeStrokeMessage, strokeMessageLength } from "@cygnet/plugin-stroke/abi";
import { IpsecConfError } from "../src/conf/ipsec-conf-error.js";
import { loadIpsecConf } from "../src/conf/load-ipsec-conf.js";
import { strokeCommandRequest } from "../src/stroke/stroke-commands.js";

const STARTER = "/usr/lib/ipsec/starter";
const STROKE = "/usr/lib/ipsec/stroke";

interface Result {
  readonly status: number | null;
  readonly output: string;
}
const run = (file: string, args: readonly string[], env: Record<string, string> = {}): Promise<Result> =>
  new Promise((resolve) => {
    const child = execFile(file, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : child.exitCode, output: stdout + stderr }),
    );
    child.stdin?.end();
  });

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "cygnet-reference-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe.skipIf(!existsSync(STARTER))(`the installed starter (skipped where ${STARTER} is missing)`, () => {
  /** Random settings from words that a configuration may hold, by a fixed generator so that a failure can be repeated. */
  const randomConf = (seed: number): string => {
    let state = seed;
    const pick = <T>(list: readonly T[]): T => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return list[(state >>> 8) % list.length];
    };
    const keys =
      "type auto left leftid rightid leftsubnet mark reqid rekeyfuzz dpddelay ikedscp authby mobike keyingtries tfc also foo pfs cacert ldaphost uniqueids leftprotoport".split(
        " ",
      );
    const values = [
      "yes",
      "no",
      "tunnel",
      "add",
      "x",
      "%any",
      "",
      '""',
      "5",
      "5m",
      "10%",
      "101",
      '"a b" c',
      "%forever",
      "tcp/80",
      "psk",
      "c1",
      "%default",
      "#",
      "@#00 x",
      "5/0xff",
      "a=b",
      '"',
    ];
    const lines = ["config setup", `\tuniqueids=${pick(["yes", "no", "keep", "maybe"])}`];
    for (let i = 0; i < 6; i++) {
      lines.push(pick([`conn c${i}`, "conn %default", `ca a${i}`, `conn "c ${i}"`, "conn c1", "# comment", ""]));
      const count = pick([0, 1, 2, 3]);
      for (let k = 0; k < count; k++)
        lines.push(`${pick([" ", "\t", "  "])}${pick(keys)}${pick(["=", " = ", "="])}${pick(values)}`);
    }
    return `${lines.join("\n")}\n`;
  };

  it("gives the same verdict on generated configurations, and the same lines where it reads them", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const conf = randomConf(seed);
      const path = join(directory, "ipsec.conf");
      writeFileSync(path, conf);
      const { status, output } = await run(STARTER, ["--conftest", "--conf", path]);
      const lines = output.split("\n").filter((line) => line !== "" && !line.startsWith("config "));
      try {
        const loaded = loadIpsecConf(path);
        expect([conf, loaded.fatal === 0]).toEqual([conf, status === 0]);
        // Of what this release does not do strongSwan has nothing to say.
        const told = loaded.messages.filter(({ text }) => !text.startsWith("# no effect in this release"));
        expect([conf, ...told.flatMap((m) => m.text.split("\n")).filter((line) => line !== "")]).toEqual([conf, ...lines]);
      } catch (error) {
        if (!(error instanceof IpsecConfError)) throw error;
        expect([conf, error.message, status]).toEqual([conf, error.message, 2]);
      }
    }
  });
});

describe.skipIf(!existsSync(STROKE))(`the installed stroke (skipped where ${STROKE} is missing)`, () => {
  let server: Server;
  let env: Record<string, string>;
  const requests: Uint8Array[] = [];
  let reply = "";
  beforeAll(async () => {
    const path = join(directory, "s.ctl");
    const conf = join(directory, "strongswan.conf");
    writeFileSync(conf, `charon { plugins { stroke { socket = unix://${path} } } }\n`);
    env = { STRONGSWAN_CONF: conf };
    server = createServer((socket) => {
      let bytes = Buffer.alloc(0);
      socket.on("data", (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        const length = strokeMessageLength(bytes);
        if (length === undefined || bytes.length < length) return;
        requests.push(Uint8Array.from(bytes));
        socket.end(reply);
      });
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const COMMANDS = [
    ...[
      "add n a b 1.1.1.1 2.2.2.2 10.0.0.0/8 11.0.0.0/8",
      "delete n",
      "up n",
      "up-nb n",
      "down n{*}",
      "down-nb n[3]",
      "down-srcip 1.1.1.1",
    ],
    ...[
      "down-srcip 1.1.1.1 2.2.2.2",
      "route n",
      "unroute n",
      "rekey n",
      "status",
      "status n",
      "statusall",
      "statusall-nb n",
      "statusallnb",
    ],
    ...["loglevel ike 2", "listpubkeys", "listcerts --utc", "listcacerts", "listocspcerts", "listaacerts", "listacerts"],
    ...["listcainfos", "listcrls", "listocsp", "listalgs", "listplugins", "--utc listall", "rereadsecrets", "rereadcacerts"],
    ...[
      "rereadocspcerts",
      "rereadaacerts",
      "rereadacerts",
      "rereadcrls",
      "rereadall",
      "purgeocsp",
      "purgecrls",
      "purgecerts",
      "purgeike",
    ],
    ...[
      "exportx509 CN=x",
      "exportconncert n",
      "exportconnchain n",
      "memusage",
      "leases",
      "leases p",
      "leases p 1.1.1.1",
      "user-creds n u p",
    ],
    ...["user-creds n u", "listcounters", "listcounters n", "resetcounters", "resetcounters n", "listcounters a b"],
  ];
  it.each(COMMANDS)("makes the same request of `%s`, which our decoder reads", async (command) => {
    requests.length = 0;
    reply = "";
    expect(await run(STROKE, command.split(" "), env)).toEqual({ status: 0, output: "" });
    expect(requests).toHaveLength(1);
    const ours = strokeCommandRequest(command.split(" "));
    expect(decodeStrokeMessage(requests[0])).toEqual(decodeStrokeMessage(ours));
    expect(Buffer.from(ours).toString("hex")).toBe(Buffer.from(requests[0]).toString("hex"));
  });

  it("prints a reply verbatim", async () => {
    reply = "Security Associations (0 up, 0 connecting):\n  none\n";
    expect(await run(STROKE, ["status"], env)).toEqual({ status: 0, output: reply });
  });
});

describe("a configuration as big as a message", () => {
  it.skipIf(!existsSync(STARTER))("is accepted by both", async () => {
    const path = join(directory, "big.conf");
    writeFileSync(
      path,
      Array.from({ length: 500 }, (_, i) => `conn c${i}\n\tleft=10.0.0.1\n\tleftid="CN=${"x".repeat(200)}"\n`).join(""),
    );
    expect((await run(STARTER, ["--conftest", "--conf", path])).status).toBe(0);
    expect(loadIpsecConf(path).config.conns).toHaveLength(500);
  });
});
