import { execFile } from "node:child_process";
import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";

/** A rule of the table `mangle`. */
export interface Rule {
  readonly family: 4 | 6;
  readonly chain: "PREROUTING" | "INPUT" | "OUTPUT";
  readonly terms: readonly string[];
}

/** How the programs are called, by address family. */
type Commands = Readonly<Record<4 | 6, readonly [program: string, ...args: string[]]>>;

const COMMANDS: Commands = { 4: ["iptables"], 6: ["ip6tables"] };
/** Until a program is ended: others that hold the lock of the tables are waited for. */
const LIMIT_MS = 10_000;

/** Changes netfilter's tables by iptables and ip6tables: one rule after another, in the order they were asked for, beside the daemon. */
export class Iptables {
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: Logger,
    private readonly commands: Commands = COMMANDS,
  ) {}

  add(rules: readonly Rule[]): void {
    for (const rule of rules) this.#queue("-A", rule);
  }

  remove(rules: readonly Rule[]): void {
    for (const rule of rules) this.#queue("-D", rule);
  }

  /** Resolves when all that was asked for is done, or has failed, which was logged. */
  idle(): Promise<void> {
    return this.#last;
  }

  #queue(verb: "-A" | "-D", rule: Rule): void {
    this.#last = this.#last.then(() => this.#run(verb, rule));
  }

  #run(verb: "-A" | "-D", { family, chain, terms }: Rule): Promise<void> {
    const [program, ...before] = this.commands[family];
    const args = [...before, "-w", "-t", "mangle", verb, chain, ...terms];
    return new Promise((resolve) => {
      execFile(program, args, { timeout: LIMIT_MS }, (error, _stdout, stderr) => {
        if (error)
          this.log.log(LogGroup.KNL, 1, `connmark: ${program} ${args.join(" ")} failed: ${stderr.trim() || error.message}`);
        resolve();
      });
    });
  }
}
