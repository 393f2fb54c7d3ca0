import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import { NLM_F_CREATE, NLM_F_EXCL } from "../netlink/constants.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import type { RuleNote, RunRecord } from "../leftovers/run-record.js";
import type { Fwmark } from "./fwmark.js";
import {
  FIB_RULE_INVERT,
  FR_ACT_TO_TBL,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_PRIORITY,
  FRA_TABLE,
  RouteMessage,
  RULE_BYTES,
} from "./constants.js";

/** What the rules say. */
export interface RuleOptions {
  readonly table: number;
  readonly priority: number;
  readonly fwmark: Fwmark | undefined;
  readonly log: Logger;
  /** Where it is noted that a rule is ours. */
  readonly record?: RunRecord | undefined;
}

const FAMILIES = [4, 6] as const;

/** The rules that have packets look into our routing table, one for each family. They are added with the first route. */
export class RoutingRules {
  readonly #installed: (4 | 6)[] = [];
  #isAdded = false;

  constructor(
    private readonly requests: NetlinkRequests,
    private readonly options: RuleOptions,
  ) {}

  /**
   * Adds them, the first time; one line where the kernel has no rules. One that is there already is of another shard, was left behind, or is of
   * another daemon with the same table.
   */
  ensure(): void {
    if (this.#isAdded) return;
    this.#isAdded = true;
    const { log, record } = this.options;
    for (const family of FAMILIES) {
      this.#put(RouteMessage.NEWRULE, NLM_F_CREATE | NLM_F_EXCL, family);
      const refusal = this.requests.refusal();
      if (refusal === undefined) record?.add(this.#note(family));
      if (refusal === undefined || refusal === "EEXIST") this.#installed.push(family);
      else if (refusal !== "EAFNOSUPPORT" && refusal !== "EOPNOTSUPP")
        log.log(LogGroup.KNL, 1, `unable to create IPv${family} routing table rule: ${this.requests.refusalText()}`);
    }
  }

  remove(): void {
    for (const family of this.#installed.splice(0)) {
      this.#put(RouteMessage.DELRULE, 0, family);
      this.options.record?.delete(this.#note(family));
    }
  }

  #put(type: RouteMessage, flags: number, family: 4 | 6): void {
    putRule(this.requests, type, flags, this.#note(family));
    this.requests.run();
  }

  #note(family: 4 | 6): RuleNote {
    const { table, priority, fwmark } = this.options;
    return { kind: "rule", family, table, priority, fwmark };
  }
}

/** Writes a rule that leads to a table. */
export function putRule(
  requests: NetlinkRequests,
  type: RouteMessage,
  flags: number,
  { family, table, priority, fwmark }: Omit<RuleNote, "kind">,
): void {
  const writer = requests.begin(type, flags, RULE_BYTES);
  writer.u8(0, familyNumber(family));
  writer.u8(4, table < 256 ? table : 0);
  writer.u8(7, FR_ACT_TO_TBL);
  if (fwmark?.isInverted) writer.u32(8, FIB_RULE_INVERT);
  writer.u32Attribute(FRA_PRIORITY, priority);
  writer.u32Attribute(FRA_TABLE, table);
  if (!fwmark) return;
  writer.u32Attribute(FRA_FWMARK, fwmark.value);
  writer.u32Attribute(FRA_FWMASK, fwmark.mask);
}
