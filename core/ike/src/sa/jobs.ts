import { JobPriority } from "@cygnet/plugin-api";
import type { Job, MaybePromise } from "@cygnet/plugin-api";
import type { ChildSa } from "./child-sa.js";
import type { IkeSaManager } from "./ike-sa-manager.js";
import type { IkeSa } from "./ike-sa.js";
import type { Task } from "./ikev2/task.js";
import type { Work } from "./work.js";

/** A job for one IKE_SA. It runs when the IKE_SA is free, and not at all when that is gone. */
abstract class IkeSaJob implements Job, Work {
  abstract readonly name: string;
  abstract readonly priority: JobPriority;

  constructor(
    protected readonly manager: IkeSaManager,
    protected readonly ikeSa: IkeSa,
  ) {}

  execute(): MaybePromise<void> {
    return this.manager.work(this.ikeSa, this);
  }

  abstract run(ikeSa: IkeSa): MaybePromise<void>;
}

/** The response to a request did not come in time. */
export class RetransmitJob extends IkeSaJob {
  readonly name = "retransmit";
  readonly priority = JobPriority.HIGH;

  constructor(
    manager: IkeSaManager,
    ikeSa: IkeSa,
    private readonly messageId: number,
  ) {
    super(manager, ikeSa);
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
    ikeSa: IkeSa,
    private readonly task: Task,
  ) {
    super(manager, ikeSa);
  }

  run(ikeSa: IkeSa): MaybePromise<void> {
    return ikeSa.tasks.due(this.task);
  }
}

/** The peer never finished setting up, or what its set-up has to wait for never came. */
export class HalfOpenTimeoutJob extends IkeSaJob {
  readonly name = "delete-half-open";
  readonly priority = JobPriority.MEDIUM;

  override execute(): void {
    this.manager.upkeep.halfOpenTimeout(this.ikeSa);
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
    this.manager.upkeep.keepaliveDue(ikeSa);
  }
}

/** What is due with a CHILD_SA: `soft` rekeying, `hard` end of life, `inactive` a look at its use, `remains` the rest after a rekeying. */
export type ChildDue = "soft" | "hard" | "inactive" | "remains";

export class ChildSaJob extends IkeSaJob {
  readonly name: string;
  readonly priority = JobPriority.MEDIUM;

  constructor(
    manager: IkeSaManager,
    private readonly child: ChildSa,
    private readonly due: ChildDue,
  ) {
    super(manager, child.ikeSa);
    this.name = due === "soft" ? "rekey-child-sa" : due === "inactive" ? "inactivity" : "delete-child-sa";
  }

  /** The CHILD_SA may have moved to the IKE_SA that replaced its own. */
  override execute(): MaybePromise<void> {
    return this.manager.work(this.child.ikeSa, this);
  }

  run(ikeSa: IkeSa): MaybePromise<void> {
    return this.manager.upkeep.childDue(ikeSa, this.child, this.due);
  }
}
