import type { MaybePromise } from "@cygnet/plugin-api";
import type { Message } from "@cygnet/wire";
import type { IkeSa } from "../ike-sa.js";
import type { Path } from "./nat-detection.js";
import type { OutgoingMessage } from "./outgoing-message.js";

/** The tasks of IKEv2, named as strongSwan prints them in `statusall`. */
export enum TaskType {
  IKE_INIT,
  IKE_NATD,
  IKE_AUTH,
  IKE_CONFIG,
  IKE_ESTABLISH,
  IKE_AUTH_LIFETIME,
  IKE_MOBIKE,
  IKE_REKEY,
  IKE_REAUTH,
  IKE_DELETE,
  IKE_DPD,
  CHILD_CREATE,
  CHILD_REKEY,
  CHILD_DELETE,
  IKE_REDIRECT,
}

/**
 * What a task says after each step.
 * - `need-more`: it takes part in the next message too
 * - `done`: it is finished
 * - `failed`: the IKE_SA cannot go on. As responder the response built so far is sent first; then the IKE_SA is destroyed
 */
export type TaskOutcome = "need-more" | "done" | "failed";

/**
 * One purpose of an exchange. The initiator of the exchange builds the request and processes the response, the responder the reverse.
 * Steps are synchronous unless something must really be waited for. The payloads of a processed message are views that are gone when
 * the returned promise settles, or on return.
 */
export interface Task {
  readonly type: TaskType;
  build(message: OutgoingMessage): MaybePromise<TaskOutcome>;
  process(message: Message): MaybePromise<TaskOutcome>;
  /** Other paths than the IKE_SA's that its request is to be tried along, all at once and every so often; undefined for none. */
  readonly paths?: readonly Path[] | undefined;
  /** A response to an earlier request of the same exchange, which is not to be taken for the answer. Nothing of it is verified yet. */
  isLate?(response: Message): boolean;
  /** The IKE_SA that it works on from now on, after a rekeying, with the exchange to be begun anew. */
  migrate?(ikeSa: IkeSa): void;
  /** The task is dropped unfinished: the IKE_SA goes away, or the peer does not answer. */
  abandon?(): void;
}
