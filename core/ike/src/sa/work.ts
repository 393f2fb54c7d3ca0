import type { MaybePromise } from "@cygnet/plugin-api";
import type { IkeSa } from "./ike-sa.js";

/**
 * Something to be done with a checked-out IKE_SA: a received message, a timer that fired, a command. While an IKE_SA waits for an
 * asynchronous answer its further work queues up; `abandon` is called instead of `run` when it is destroyed before.
 */
export interface Work {
  run(ikeSa: IkeSa): MaybePromise<void>;
  abandon?(): void;
}
