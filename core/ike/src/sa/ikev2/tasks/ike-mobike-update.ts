import { LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise } from "@cygnet/plugin-api";
import { NotifyType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import { equalOctets } from "../../../equal-octets.js";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { addAdditionalAddresses } from "../additional-addresses.js";
import { findError, notifyName } from "../error-notify.js";
import { addNatDetection, findNat, noteNat } from "../nat-detection.js";
import type { Path } from "../nat-detection.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { drawCookie2 } from "./ike-return-routability.js";

/**
 * Moves the IKE_SA and its CHILD_SAs to another path, RFC 4555 section 3.5. First an empty INFORMATIONAL goes along each of the paths that may do;
 * the one that the first response came along is asked for with UPDATE_SA_ADDRESSES. As the original initiator only.
 */
export class IkeMobikeUpdateTask implements Task {
  readonly type = TaskType.IKE_MOBIKE;
  #probed: readonly Path[] | undefined;
  #cookie: Uint8Array | undefined;

  /** @param paths none: the path is the same as before, but the peer is to look at it again */
  constructor(
    private readonly context: IkeContext,
    private ikeSa: IkeSa,
    paths: readonly Path[],
  ) {
    this.#probed = paths.length > 0 ? paths : undefined;
  }

  get paths(): readonly Path[] | undefined {
    return this.#probed;
  }

  /** The network has changed meanwhile: begins anew, along these, when the exchange at hand is over. */
  retarget(paths: readonly Path[]): void {
    this.#probed = paths;
  }

  migrate(ikeSa: IkeSa): void {
    this.ikeSa = ikeSa;
  }

  build(message: OutgoingMessage): MaybePromise<TaskOutcome> {
    this.#cookie = undefined;
    if (this.#probed) return "need-more";
    const { ikeSa, context } = this;
    this.#cookie = drawCookie2(context);
    message.addNotify(NotifyType.UPDATE_SA_ADDRESSES);
    addNatDetection(context, ikeSa, message, ikeSa);
    message.addNotify(NotifyType.COOKIE2, this.#cookie);
    const adding = addAdditionalAddresses(context, ikeSa, message, ikeSa.local);
    return adding ? context.manager.whenSettled(ikeSa, adding, () => "need-more" as const) : "need-more";
  }

  process(message: Message): TaskOutcome {
    const cookie = this.#cookie;
    if (!cookie) return this.#found();
    const { ikeSa, context } = this;
    const { log } = context;
    const error = findError(message);
    if (!error && !equalOctets(message.notify(NotifyType.COOKIE2)?.data ?? NONE, cookie)) {
      log.log(LogGroup.IKE, 1, "COOKIE2 mismatch, closing IKE_SA");
      return "failed";
    }
    // Overtaken by another change.
    if (this.#probed) return "need-more";
    if (error) {
      log.log(LogGroup.IKE, 1, `peer refuses the change of addresses: ${notifyName(error.notifyType)}`);
      return "done";
    }
    const nat = findNat(context, ikeSa, message, ikeSa);
    if (nat) noteNat(context, ikeSa, nat);
    ikeSa.seenAs = undefined;
    ikeSa.set(Condition.STALE, false);
    context.manager.upkeep.moved(ikeSa, ikeSa);
    context.manager.upkeep.armKeepalive(ikeSa);
    return "done";
  }

  /** A path is found: IKE goes on along that, the CHILD_SAs when the peer agrees. */
  #found(): TaskOutcome {
    const { ikeSa, context } = this;
    const { local, remote } = ikeSa.tasks.path;
    const tell = (end: string, from: Host, to: Host): void => {
      if (from.equals(to)) return;
      context.log.log(LogGroup.IKE, 1, `${end} endpoint changed from ${from.toStringWithPort()} to ${to.toStringWithPort()}`);
    };
    tell("local", ikeSa.local, local);
    tell("remote", ikeSa.remote, remote);
    ikeSa.local = local;
    ikeSa.remote = remote;
    this.#probed = undefined;
    return "need-more";
  }
}

const NONE = new Uint8Array(0);
