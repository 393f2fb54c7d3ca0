import { linkTopic } from "@cygnet/plugin-api";
import type { ChildSaView, ControlLink, IkeSaView, Listener } from "@cygnet/plugin-api";
import { environmentOf, selectorPairs } from "./environment.js";
import type { Environment } from "./environment.js";

/** A script to run for a CHILD_SA, one environment after the other. Plain data. */
export interface ScriptRun {
  /** Scripts of one IKE_SA run in the order in which they were asked for. */
  readonly ikeSaId: number;
  /** `net{1}`, for the log. */
  readonly child: string;
  readonly script: string;
  readonly environments: readonly Environment[];
}

export const RUN_SCRIPT = linkTopic<ScriptRun>("updown.run");

/** Has control run the scripts of CHILD_SAs that come up or go down on this shard. */
export class ScriptListener implements Listener {
  readonly name = "updown";

  constructor(private readonly link: Pick<ControlLink, "tell">) {}

  childUpdown(ikeSa: IkeSaView, child: ChildSaView, up: boolean): void {
    const script = child.updown;
    if (script === undefined) return;
    this.link.tell(RUN_SCRIPT, {
      ikeSaId: ikeSa.uniqueId,
      child: `${child.name}{${child.uniqueId}}`,
      script,
      environments: selectorPairs(child).map((pair) => environmentOf(ikeSa, child, pair, up)),
    });
  }
}
