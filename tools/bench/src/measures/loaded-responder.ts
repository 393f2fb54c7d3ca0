import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { daemonSettings, freePorts, parseLoadTestArguments, processUsage, sidePaths, spawnDaemon } from "@cygnet/load-test";
import type { RunningDaemon } from "@cygnet/load-test";
import { FailedRun, warmUpSessions } from "../measurement.js";
import type { Bench } from "../measurement.js";
import { PacedLoad } from "../paced/paced-load.js";
import type { PacedCounts } from "../paced/paced-client.js";
import { STALL_QUESTION } from "../stall-question.js";

const ADDRESS = "127.0.0.1";
const STALL_WATCH = fileURLToPath(new URL("../stall-watch.js", import.meta.url));

/** IKE_SAs that are set up at a time, in loads that wait for answers: keeps the responder busy, and its queues short. */
const WINDOW = 200;

/** A responder on its CPU, under load of paced initiators on another. Taken down with the run. */
export class LoadedResponder {
  readonly #daemon: RunningDaemon;
  readonly #load: PacedLoad;

  private constructor(daemon: RunningDaemon, load: PacedLoad) {
    this.#daemon = daemon;
    this.#load = load;
  }

  /** Starts it, and sets up some IKE_SAs before anything is measured. */
  static async start(bench: Bench): Promise<LoadedResponder> {
    const { cygnet, placement, resources } = bench;
    const [port] = await freePorts(1);
    const side = { role: "responder", folder: join(bench.newFolder(), "responder"), port, natPort: 0, shards: 1 } as const;
    const addresses = { initiator: "127.0.0.2", responder: ADDRESS, responderPort: port };
    const [node, ...launcher] = cygnet;
    const command = [...placement.responder, node, "--import", STALL_WATCH, ...launcher];
    const daemon = spawnDaemon(side, daemonSettings(side, addresses, parseLoadTestArguments([])), command);
    resources.hold({ release: () => daemon.process.stop(), drop: () => daemon.process.kill() });
    await daemon.process.ready;
    const responder = new LoadedResponder(daemon, new PacedLoad(bench, { address: ADDRESS, port }));
    await responder.setUp(warmUpSessions(bench.sessions));
    return responder;
  }

  /** Sets up so many IKE_SAs as fast as the responder can. @throws {FailedRun} unless all come to be */
  async setUp(sessions: number): Promise<PacedCounts> {
    const counts = await this.#load.closed(sessions, WINDOW);
    if (counts.established !== sessions) throw new FailedRun(`${counts.established} of ${sessions} sessions were set up`);
    return counts;
  }

  /** Begins IKE_SAs at a rate of its own; what comes of those is counted when the load has lasted a while. */
  offer(perSecond: number, settleSeconds: number, seconds: number): Promise<PacedCounts> {
    return this.#load.open({ perSecond, settleSeconds, seconds });
  }

  /** Octets. */
  get residentBytes(): number {
    const usage = processUsage(this.#daemon.process.pid);
    if (usage === undefined) throw new FailedRun("the responder is gone");
    return usage.rssBytes;
  }

  /** Milliseconds of the longest time that an event loop of it did not come round since this was last asked. */
  async longestStallMs(): Promise<number> {
    return (await this.#daemon.process.ask(STALL_QUESTION)) as number;
  }

  /** Its stroke socket. */
  get strokeSocket(): string {
    return sidePaths(this.#daemon.process.side.folder).stroke;
  }
}
