import { InternalError } from "@cygnet/plugin-api";
import type { Job, TimerId } from "@cygnet/plugin-api";
import type { DueJobs, WheelScheduler } from "@cygnet/runtime";
import type { IkeSaManager } from "./ike-sa-manager.js";
import { ChildSaJob, DeleteIkeSaJob, RekeyIkeSaJob, SendDpdJob, SendKeepaliveJob } from "./jobs.js";

/** What an SA waits for while it rests: of an IKE_SA the upper ones, of a CHILD_SA those whose names say so. */
export enum SaTimer {
  REKEY_IKE = 1,
  DELETE_IKE,
  DPD,
  KEEPALIVE,
  CHILD_SOFT,
  CHILD_HARD,
  CHILD_INACTIVE,
  CHILD_REMAINS,
}

/** Timers of SAs as numbers: what is due, and the unique id of what. */
export class SaTimers implements DueJobs {
  constructor(
    private readonly scheduler: WheelScheduler,
    private readonly manager: IkeSaManager,
  ) {}

  /** @param uniqueId of the IKE_SA, or of the CHILD_SA */
  arm(timer: SaTimer, uniqueId: number, delayMs: number): TimerId {
    return this.scheduler.scheduleFor(this, timer, uniqueId, delayMs);
  }

  jobFor(timer: SaTimer, uniqueId: number): Job {
    const { manager } = this;
    switch (timer) {
      case SaTimer.REKEY_IKE:
        return new RekeyIkeSaJob(manager, uniqueId);
      case SaTimer.DELETE_IKE:
        return new DeleteIkeSaJob(manager, uniqueId);
      case SaTimer.DPD:
        return new SendDpdJob(manager, uniqueId);
      case SaTimer.KEEPALIVE:
        return new SendKeepaliveJob(manager, uniqueId);
      case SaTimer.CHILD_SOFT:
        return new ChildSaJob(manager, uniqueId, "soft");
      case SaTimer.CHILD_HARD:
        return new ChildSaJob(manager, uniqueId, "hard");
      case SaTimer.CHILD_INACTIVE:
        return new ChildSaJob(manager, uniqueId, "inactive");
      case SaTimer.CHILD_REMAINS:
        return new ChildSaJob(manager, uniqueId, "remains");
      default:
        throw new InternalError(`no timer ${String(timer)}`);
    }
  }
}
