import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  askStroke,
  daemonSettings,
  freePorts,
  parseLoadTestArguments,
  processUsage,
  sidePaths,
  spawnDaemon,
} from "@cygnet/load-test";
import type { LoadTestStatus, ProcessUsage, RunningDaemon } from "@cygnet/load-test";
import type { DaemonProfile } from "@cygnet/plugin-api";
import { FailedRun, warmUpSessions } from "../measurement.js";
import type { Bench } from "../measurement.js";
import { PacedLoad } from "../paced/paced-load.js";
import type { Flood, FloodCounts } from "../paced/paced-load.js";
import type { PacedCounts } from "../paced/paced-client.js";
import { STALL_QUESTION } from "../stall-question.js";
import { threadTimes, threadUse } from "../thread-times.js";
import type { ThreadUse } from "../thread-times.js";

const ADDRESS = "127.0.0.1";
const STALL_WATCH = fileURLToPath(new URL("./stall-watch.js", import.meta.url));

/** IKE_SAs that are set up at a time, in loads that wait for answers: keeps the responder busy, and its queues short. */
const WINDOW = 200;

/** What a responder is to be other than usual. */
export interface ResponderPlan {
  /** Path of settings that are put over those of the load test. */
  readonly conf?: string;
  /** What goes in front of its command, and of that of each process of initiators. By default one CPU for either. */
  readonly launchers?: ResponderLaunchers;
}

export interface ResponderLaunchers {
  readonly responder: readonly string[];
  readonly initiators: readonly (readonly string[])[];
}

/** IKE_SAs that all came to be. */
export type SetUpCounts = Pick<PacedCounts, "established" | "seconds">;

/** What came of a load that does not wait for answers; `answerMs` and `roundMs` are of the process that has the kept IKE_SAs. */
export type OverloadCounts = Pick<PacedCounts, "started" | "established" | "seconds" | "cpuSeconds" | "answerMs" | "roundMs">;

/** A responder on its CPUs, under load of paced initiators on others. Taken down with the run. */
export class LoadedResponder {
  readonly #daemon: RunningDaemon;
  readonly #load: PacedLoad;
  /** In a process of its own, so that answers do not wait there behind those to the load. */
  readonly #kept: PacedLoad;
  /** All processes of initiators, `#load` among them. */
  readonly #loads: readonly PacedLoad[];

  private constructor(daemon: RunningDaemon, loads: readonly PacedLoad[], kept: PacedLoad) {
    this.#daemon = daemon;
    this.#kept = kept;
    this.#loads = loads;
    this.#load = loads[0];
  }

  /** Starts it, and sets up some IKE_SAs before anything is measured. */
  static async start(bench: Bench, plan: ResponderPlan = {}): Promise<LoadedResponder> {
    const { cygnet, placement, resources } = bench;
    const [port] = await freePorts(1);
    const side = { role: "responder", folder: join(bench.newFolder(), "responder"), port, natPort: 0, shards: 1 } as const;
    const addresses = { initiator: "127.0.0.2", responder: ADDRESS, responderPort: port };
    const [node, ...launcher] = cygnet;
    const launchers = plan.launchers ?? { responder: placement.responder, initiators: [placement.initiator] };
    const command = [...launchers.responder, node, "--import", STALL_WATCH, ...launcher];
    const args = parseLoadTestArguments(plan.conf === undefined ? [] : ["--conf", plan.conf]);
    const daemon = spawnDaemon(side, daemonSettings(side, addresses, args), command);
    resources.hold({ release: () => daemon.process.stop(), drop: () => daemon.process.kill() });
    await daemon.process.ready;
    const target = { address: ADDRESS, port };
    const [first] = launchers.initiators;
    const [kept, ...loads] = [first!, ...launchers.initiators].map(
      (launcher, number) => new PacedLoad(resources, { launcher, number, responder: target }),
    );
    const responder = new LoadedResponder(daemon, loads, kept!);
    await responder.setUp(warmUpSessions(bench.sessions));
    return responder;
  }

  /** Sets up so many IKE_SAs at least, as fast as the responder can. @throws {FailedRun} unless all come to be */
  setUp(sessions: number): Promise<SetUpCounts> {
    return setUpBy(this.#loads, sessions);
  }

  /** Sets up IKE_SAs that are asked now and then while it is loaded. @throws {FailedRun} */
  async keep(sessions: number): Promise<void> {
    await setUpBy([this.#kept], sessions, true);
  }

  /** IKE_SAs that it sets up in a second. @throws {FailedRun} */
  async capacity(sessions: number): Promise<number> {
    const { established, seconds } = await this.setUp(sessions);
    return established / seconds;
  }

  /** Begins IKE_SAs at a rate of its own; what comes of those, and how long kept ones wait for answers, is counted when the load has lasted a while. */
  async offer(perSecond: number, settleSeconds: number, seconds: number): Promise<OverloadCounts> {
    const [load, kept] = await Promise.all([
      this.#load.open({ perSecond, settleSeconds, seconds }),
      this.#kept.open({ perSecond: 0, settleSeconds, seconds }),
    ]);
    const { started, established, cpuSeconds } = load;
    return { started, established, seconds: load.seconds, cpuSeconds, answerMs: kept.answerMs, roundMs: kept.roundMs };
  }

  /** Floods it, with honest sessions meanwhile. */
  flood(flood: Flood): Promise<FloodCounts> {
    return this.#load.flood(flood);
  }

  /** What its load tester, which does nothing here, tells of the daemon. */
  status(): Promise<LoadTestStatus> {
    return this.#daemon.control.status();
  }

  /** Octets. */
  get residentBytes(): number {
    return this.#usage().rssBytes;
  }

  /** CPU time that it used so far. */
  get cpuSeconds(): number {
    return this.#usage().cpuUs / 1e6;
  }

  /** What its threads use while something is done. */
  async threadUseOf<T>(act: () => Promise<T>): Promise<{ readonly result: T; readonly use: ThreadUse }> {
    const before = threadTimes(this.#daemon.process.pid);
    const result = await act();
    return { result, use: threadUse(before, threadTimes(this.#daemon.process.pid)) };
  }

  /** Datagrams that shards got for each other and handed over, since the start. @throws {FailedRun} */
  async forwarded(): Promise<number> {
    let text = "";
    const error = await askStroke(this.strokeSocket, "profile", (part) => (text += part));
    if (error !== undefined) throw new FailedRun(`the responder tells no profile: ${error}`);
    const { shards } = JSON.parse(text) as DaemonProfile;
    return shards.flatMap(({ sockets }) => sockets).reduce((sum, { forwarded }) => sum + forwarded, 0);
  }

  /** Milliseconds of the longest time that an event loop of it did not come round since this was last asked. */
  async longestStallMs(): Promise<number> {
    return (await this.#daemon.process.ask(STALL_QUESTION)) as number;
  }

  #usage(): ProcessUsage {
    const usage = processUsage(this.#daemon.process.pid);
    if (usage === undefined) throw new FailedRun("the responder is gone");
    return usage;
  }

  /** Its stroke socket. */
  get strokeSocket(): string {
    return sidePaths(this.#daemon.process.side.folder).stroke;
  }
}

/** @throws {FailedRun} unless all come to be */
async function setUpBy(loads: readonly PacedLoad[], sessions: number, keeps = false): Promise<SetUpCounts> {
  const share = Math.ceil(sessions / loads.length);
  const all = await Promise.all(loads.map((load) => load.closed(share, WINDOW, keeps)));
  const established = all.reduce((sum, counts) => sum + counts.established, 0);
  const asked = share * all.length;
  if (established !== asked) throw new FailedRun(`${established} of ${asked} sessions were set up`);
  return { established, seconds: Math.max(...all.map(({ seconds }) => seconds)) };
}
