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

/** What else may become of something that was waited for. */
export interface Otherwise<T, R> {
  /** It failed; without this the IKE_SA does. */
  readonly failed?: (error: unknown) => MaybePromise<R>;
  /** It came too late, the IKE_SA is gone: what was got must be given back. */
  readonly lost?: (value: T) => void;
}
