import { IkeSaState, JobPriority } from "@cygnet/plugin-api";
import type { Job, MaybePromise } from "@cygnet/plugin-api";
import type { IkeSaManager } from "./ike-sa-manager.js";
import type { IkeSa } from "./ike-sa.js";
import type { Task } from "./ikev2/task.js";
import type { Work } from "./work.js";

/** A job for one IKE_SA. It wakes it, runs when it is free, and not at all when it is gone. */
abstract class IkeSaJob implements Job, Work {
  abstract readonly name: string;
  abstract readonly priority: JobPriority;

  constructor(
    protected readonly manager: IkeSaManager,
    protected readonly ikeSaId: number,
  ) {}

  execute(): MaybePromise<void> {
    return this.manager.work(this.ikeSaId, this);
  }

  abstract run(ikeSa: IkeSa): MaybePromise<void>;
}

/** The response to a request did not come in time. */
export class RetransmitJob extends IkeSaJob {
  readonly name = "retransmit";
  readonly priority = JobPriority.HIGH;

  constructor(
    manager: IkeSaManager,
    ikeSaId: number,
    private readonly messageId: number,
  ) {
    super(manager, ikeSaId);
  }

  run(ikeSa: IkeSa): MaybePromise<void> {
    return ikeSa.tasks.retransmit(this.messageId);
  }
}

/** An IKE_SA has something to ask for, once the exchange at hand is over. */
export class InitiateTasksJob extends IkeSaJob {
  readonly name = "initiate-tasks";
  readonly priority = JobPriority.MEDIUM;

  run(ikeSa: IkeSa): MaybePromise<void> {
    return ikeSa.tasks.initiate();
  }
}

/** What the peer refused for now may be tried again. */
export class DelayedTaskJob extends IkeSaJob {
  readonly name = "initiate-tasks";
  readonly priority = JobPriority.MEDIUM;

  constructor(
    manager: IkeSaManager,
    ikeSaId: number,
    private readonly task: Task,
  ) {
    super(manager, ikeSaId);
  }

  run(ikeSa: IkeSa): MaybePromise<void> {
    return ikeSa.tasks.due(this.task);
  }
}

/** The peer never finished setting up, or what its set-up has to wait for never came. */
export class HalfOpenTimeoutJob extends IkeSaJob {
  readonly name = "delete-half-open";
  readonly priority = JobPriority.MEDIUM;

  /** Even while something is waited for. */
  override execute(): void {
    const glance = this.manager.glance(this.ikeSaId);
    if (!glance || glance.state > IkeSaState.CONNECTING) return;
    this.manager.upkeep.halfOpenTimeout(this.manager.byId(this.ikeSaId)!);
  }

  run(ikeSa: IkeSa): MaybePromise<void> {
    return this.manager.upkeep.halfOpenTimeout(ikeSa);
  }
}

/** Rekeying or reauthentication of an IKE_SA is due. */
export class RekeyIkeSaJob extends IkeSaJob {
  readonly name = "rekey-ike-sa";
  readonly priority = JobPriority.MEDIUM;

  run(ikeSa: IkeSa): MaybePromise<void> {
    return this.manager.upkeep.rekeyDue(ikeSa);
  }
}

/** The hard lifetime of an IKE_SA is over. */
export class DeleteIkeSaJob extends IkeSaJob {
  readonly name = "delete-ike-sa";
  readonly priority = JobPriority.MEDIUM;

  run(ikeSa: IkeSa): MaybePromise<void> {
    return this.manager.upkeep.lifetimeOver(ikeSa);
  }
}

/** The peer may have been silent for long enough to be asked. */
export class SendDpdJob extends IkeSaJob {
  readonly name = "send-dpd";
  readonly priority = JobPriority.HIGH;

  run(ikeSa: IkeSa): MaybePromise<void> {
    return this.manager.upkeep.dpdDue(ikeSa);
  }
}

/** The NAT in front of us wants to see a packet. */
export class SendKeepaliveJob extends IkeSaJob {
  readonly name = "send-keepalive";
  readonly priority = JobPriority.HIGH;

  run(ikeSa: IkeSa): MaybePromise<void> {
    return this.manager.upkeep.keepaliveDue(ikeSa);
  }
}

/** What is due with a CHILD_SA: `soft` rekeying, `hard` end of life, `inactive` a look at its use, `remains` the rest after a rekeying. */
export type ChildDue = "soft" | "hard" | "inactive" | "remains";

export class ChildSaJob implements Job, Work {
  readonly name: string;
  readonly priority = JobPriority.MEDIUM;

  constructor(
    private readonly manager: IkeSaManager,
    private readonly childId: number,
    private readonly due: ChildDue,
  ) {
    this.name = due === "soft" ? "rekey-child-sa" : due === "inactive" ? "inactivity" : "delete-child-sa";
  }

  /** The CHILD_SA may have moved to the IKE_SA that replaced its own. */
  execute(): MaybePromise<void> {
    const ikeSaId = this.manager.ikeSaOfChild(this.childId);
    if (ikeSaId !== undefined) return this.manager.work(ikeSaId, this);
  }

  run(ikeSa: IkeSa): MaybePromise<void> {
    const child = ikeSa.childById(this.childId);
    if (child) return this.manager.upkeep.childDue(ikeSa, child, this.due);
  }
}
