import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FailedRun } from "../measurement.js";
import type { Resources } from "../resources.js";
import type { Pace, PacedCounts } from "./paced-client.js";

/** What the process of paced load is told to do. */
export type PacedCommand =
  | { readonly kind: "closed"; readonly sessions: number; readonly window: number; readonly keeps: boolean }
  | { readonly kind: "open"; readonly pace: Pace }
  | { readonly kind: "flood"; readonly flood: Flood };

/** A flood from spoofed addresses, and the sessions of an honest client meanwhile, one at a time. */
export interface Flood {
  /** IKE_SA_INITs at least; it does not end before the honest sessions do. */
  readonly datagrams: number;
  readonly perSecond: number;
  readonly sessions: number;
}

/** What came of the honest sessions, and how many IKE_SA_INITs the flood had. */
export interface FloodCounts extends PacedCounts {
  readonly flooded: number;
}

export type PacedReply = PacedCounts | FloodCounts;

const PROCESS = fileURLToPath(new URL("./paced-process.js", import.meta.url));

/** Sessions that wait are many and live for seconds: with less room for what is new, each of them is moved twice. */
const NODE_OPTIONS = ["--max-semi-space-size=64"];

/** Sessions are known by their numbers, their identities among them, so those of another process have other numbers. */
const SESSIONS_OF_PROCESS = 1 << 26;

export interface PacedLoadPlan {
  /** What goes in front of the command, to run it on a CPU of its own. */
  readonly launcher: readonly string[];
  /** IPv4 address and port. */
  readonly responder: { readonly address: string; readonly port: number };
  /** Of this process among those that load one responder, from 0 on. */
  readonly number?: number;
}

/** Initiators that are no daemon: {@link PacedClient} in a process of its own. */
export class PacedLoad {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(resources: Resources, { launcher, responder, number = 0 }: PacedLoadPlan) {
    const [program, ...args] = [
      ...launcher,
      process.execPath,
      ...NODE_OPTIONS,
      PROCESS,
      responder.address,
      String(responder.port),
      String(number * SESSIONS_OF_PROCESS),
    ];
    const child = spawn(program, args, { detached: true, stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    const drop = (): void => void child.kill("SIGKILL");
    resources.hold({
      release: async () => {
        drop();
        await this.#ended;
      },
      drop,
    });
  }

  /** Sets up so many IKE_SAs, at most `window` at a time, and keeps them if that is wished: an `open` load asks those now and then. */
  closed(sessions: number, window: number, keeps = false): Promise<PacedCounts> {
    return this.#ask({ kind: "closed", sessions, window, keeps });
  }

  /** Begins IKE_SAs at a rate, whatever becomes of them. */
  open(pace: Pace): Promise<PacedCounts> {
    return this.#ask({ kind: "open", pace });
  }

  async flood(flood: Flood): Promise<FloodCounts> {
    return (await this.#ask({ kind: "flood", flood })) as FloodCounts;
  }

  async #ask(command: PacedCommand): Promise<PacedReply> {
    const reply = new Promise<PacedReply>((resolve) => this.#child.once("message", (counts) => resolve(counts as PacedReply)));
    this.#child.send(command);
    const counts = await Promise.race([reply, this.#ended]);
    if (counts === undefined) throw new FailedRun("the process of the initiators ended");
    return counts;
  }
}
