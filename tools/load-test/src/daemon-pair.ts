import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DaemonProcess } from "./daemon-process.js";
import { daemonSettings, sidePaths } from "./daemon-settings.js";
import type { Addresses, Side } from "./daemon-settings.js";
import type { Statuses } from "./figures.js";
import { freePorts } from "./free-ports.js";
import type { LoadTestArguments } from "./load-test-arguments.js";
import { LoadTesterClient } from "./load-tester-client.js";
import { processUsage } from "./process-usage.js";
import type { ProcessUsage } from "./process-usage.js";
import type { SideUsage } from "./summary.js";

/** One daemon and the way to its load-tester. */
export interface RunningDaemon {
  readonly process: DaemonProcess;
  readonly control: LoadTesterClient;
}

/** Writes the settings of a side and starts its daemon. Await `process.ready` next. @param cygnet see {@link cygnetCommand} */
export function spawnDaemon(side: Side, settings: string, cygnet: readonly string[]): RunningDaemon {
  const paths = sidePaths(side.folder);
  mkdirSync(side.folder, { recursive: true });
  writeFileSync(paths.secrets, "");
  writeFileSync(paths.conf, settings);
  return { process: new DaemonProcess(side, cygnet), control: new LoadTesterClient(paths.control) };
}

/** What both daemons have used so far. */
export interface Usages {
  readonly initiator: ProcessUsage | undefined;
  readonly responder: ProcessUsage | undefined;
}

/** Where the daemons run, and how they are started. */
export interface Stage {
  /** The command `cygnet` for each side, with what is to be in front of it. */
  readonly cygnet: (role: Side["role"]) => readonly string[];
  /** Addresses of the sides; the responder's is that of the arguments where these name a gateway. */
  readonly initiator: string;
  readonly responder: string;
  /** Shards of each side where both share the CPUs; unset where each has its own, or there is one side only. */
  readonly shards?: number | undefined;
}

/** Both on the loopback interface, each with a shard for every second CPU. @param cygnet see {@link cygnetCommand} */
export const loopback = (cygnet: readonly string[]): Stage => ({
  cygnet: () => cygnet,
  initiator: "127.0.0.2",
  responder: "127.0.0.1",
  shards: Math.max(1, Math.floor(availableParallelism() / 2)),
});

/** The daemons of a load test: an initiator, and a responder unless that is a remote gateway. */
export class DaemonPair {
  private constructor(
    private readonly initiatorSide: RunningDaemon,
    private readonly responderSide: RunningDaemon | undefined,
  ) {}

  /** Writes the settings below `folder` and starts both at a time. Await `ready` next. */
  static async spawn(args: LoadTestArguments, folder: string, stage: Stage): Promise<DaemonPair> {
    const { responder } = args;
    const isLocal = responder === undefined;
    const port = isLocal ? (await freePorts(1))[0] : responder.port;
    const address = isLocal ? stage.responder : responder.address;
    const anywhere = address.includes(":") ? "::" : "0.0.0.0";
    const addresses: Addresses = { initiator: isLocal ? stage.initiator : anywhere, responder: address, responderPort: port };
    const run = (role: Side["role"], ownPort: number): RunningDaemon => {
      const shards = isLocal ? stage.shards : undefined;
      const side: Side = { role, folder: join(folder, role), port: ownPort, natPort: 0, shards };
      return spawnDaemon(side, daemonSettings(side, addresses, args), stage.cygnet(role));
    };
    const responderSide = isLocal ? run("responder", port) : undefined;
    return new DaemonPair(run("initiator", 0), responderSide);
  }

  /** Both serve. @throws {DaemonStartError} of the first one that does not */
  async ready(): Promise<void> {
    await Promise.all(this.#all().map(({ process }) => process.ready));
  }

  /** Lets the initiators begin. @returns when all initiations have ended */
  async initiate(sessions: number): Promise<void> {
    await this.initiatorSide.control.start(sessions);
  }

  /** Sets up some before that, to have everything compiled and in memory. They count in statuses and usages. */
  async warmUp(sessions: number): Promise<void> {
    await this.initiatorSide.control.initiate(sessions);
  }

  async statuses(): Promise<Statuses> {
    const [initiator, responder] = await Promise.all([this.initiatorSide.control.status(), this.responderSide?.control.status()]);
    return { initiator, responder };
  }

  usages(): Usages {
    return {
      initiator: processUsage(this.initiatorSide.process.pid),
      responder: this.responderSide && processUsage(this.responderSide.process.pid),
    };
  }

  /** Usage between two moments by side; undefined for a remote responder. */
  between(before: Usages, after: Usages): { readonly initiator: SideUsage; readonly responder: SideUsage | undefined } {
    return {
      initiator: { before: before.initiator, after: after.initiator },
      responder: this.responderSide && { before: before.responder, after: after.responder },
    };
  }

  /** Settles with the side whose daemon ends first. */
  firstEnd(): Promise<Side> {
    return Promise.race(this.#all().map(({ process }) => process.ended.then(() => process.side)));
  }

  /** The daemon whose `statusall` is of interest: the responder, the initiator if that is a remote one. */
  get observed(): Side {
    return this.responder ?? this.initiator;
  }

  /** The initiator, whose log tells why sessions failed. */
  get initiator(): Side {
    return this.initiatorSide.process.side;
  }

  /** The responder, if it is ours. */
  get responder(): Side | undefined {
    return this.responderSide?.process.side;
  }

  /** Ends both, the initiator first told, so that its peer hears of it. Does nothing the second time. */
  async stop(): Promise<void> {
    await Promise.all([this.initiatorSide, this.responderSide].map((running) => running?.process.stop()));
  }

  kill(): void {
    for (const { process } of this.#all()) process.kill();
  }

  #all(): RunningDaemon[] {
    return this.responderSide === undefined ? [this.initiatorSide] : [this.responderSide, this.initiatorSide];
  }
}
