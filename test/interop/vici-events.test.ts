import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PacketType, ViciClient, encodePacket } from "@cygnet/vici";
import { expect, it } from "vitest";
import { TIMESCALE } from "./harness/deadline.js";
import { loadTesterSection } from "./harness/load-tester.js";
import { Network } from "./harness/network.js";
import { afterTest, startDaemon } from "./harness/pair.js";
import { requireAll } from "./harness/requirements.js";

requireAll(["root", "namespaces", "build"]);

const SESSIONS = 10_000;
const SHARDS = 2;
const LOAD =
  "random nonce aes sha1 sha2 md5 hmac gmp openssl load-tester attr socket-reuseport socket-default vici stroke counters";

const loadTester = (more: string): string => loadTesterSection(`proposal = aes128-sha1-modp768\n ${more}`);

it(
  `a client that registers before ${SESSIONS} SAs come up on ${SHARDS} shards misses none, and one that never reads holds up nobody`,
  { timeout: 180_000 * TIMESCALE },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-interop-"));
    afterTest(async () => rmSync(folder, { recursive: true, force: true }));
    const network = await Network.create();
    afterTest(() => network.close());
    const start = (name: "moon" | "sun", tester: string) =>
      startDaemon({
        kind: "cygnet",
        name,
        folder: join(folder, name),
        on: network.on(name),
        load: LOAD,
        settings: `threads = 32\n dos_protection = no\n ${name === "sun" ? `shards = ${SHARDS}` : ""}`,
        logLevel: 0,
        plugins: loadTester(tester),
      });
    const sun = await start("sun", "");
    const socket = join(sun.folder, "charon.vici");
    const client = await ViciClient.connect(`unix://${socket}`);
    afterTest(async () => client.close());
    const silent = connect(socket);
    afterTest(async () => void silent.destroy());
    silent.on("error", () => undefined);
    // Nobody listens for its data, so nothing that comes is read.
    for (const event of ["ike-updown", "child-updown", "log"]) silent.write(encodePacket(PacketType.EVENT_REGISTER, event));
    const events = await client.events("ike-updown", "child-updown");

    await start("moon", `initiators = 4\niterations = ${SESSIONS / 4}\ninit_limit = 64\n`);
    const ikeSas = new Set<number>();
    const children = new Set<number>();
    for await (const { name, message } of events) {
      expect(message.flag("up")).toBe(true);
      const [[, ikeSa]] = [...message.sections()] as [readonly [string, NonNullable<ReturnType<typeof message.section>>]];
      if (name === "ike-updown") ikeSas.add(ikeSa.number("uniqueid")!);
      else for (const [, child] of ikeSa.section("child-sas")!.sections()) children.add(child.number("uniqueid")!);
      if (ikeSas.size === SESSIONS && children.size === SESSIONS) break;
    }
    expect([ikeSas.size, children.size]).toEqual([SESSIONS, SESSIONS]);

    const listed = new Set<number>();
    const lister = await ViciClient.connect(`unix://${socket}`);
    afterTest(async () => lister.close());
    for await (const sa of lister.stream("list-sas", "list-sa"))
      for (const [, ikeSa] of sa.sections()) listed.add(ikeSa.number("uniqueid")!);
    expect(listed).toEqual(ikeSas);
    expect((await lister.request("stats")).section("ikesas")!.number("total")).toBe(SESSIONS);
  },
);
