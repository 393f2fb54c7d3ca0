import type { IkeContext } from "../../ike-context.js";

const RETRY_SECONDS = 10;

/** Seconds until what the peer refused for now is tried again, more or less at random so that two ends do not meet again. */
export function retrySeconds({ random }: IkeContext): number {
  return RETRY_SECONDS + Math.floor(random.fraction() * RETRY_SECONDS);
}
