import { LogGroup } from "@cygnet/plugin-api";
import type { Listener, Logger } from "@cygnet/plugin-api";

/** What the doorkeeper goes by. */
export interface DoorkeeperOptions {
  readonly greeting: string;
  /** Identities, as the log prints them. */
  readonly refuse: readonly string[];
}

/** A listener is called on the path of messages: it is quick, and what takes long is a promise of `authorize` or a job of its own. */
export function doorkeeper(log: Logger, { greeting, refuse }: DoorkeeperOptions): Listener {
  return {
    name: "acme",
    ikeUpdown(ikeSa, isUp) {
      log.log(LogGroup.IKE, 1, `${greeting}, ${ikeSa.remoteId} is ${isUp ? "here" : "gone"}`);
    },
    /** Asked when the peer has proved who it is; false ends the IKE_SA with AUTHENTICATION_FAILED. */
    authorize(ikeSa) {
      const isRefused = refuse.includes(String(ikeSa.remoteId));
      if (isRefused) log.log(LogGroup.IKE, 1, `${ikeSa.remoteId} is not let in`);
      return !isRefused;
    },
  };
}
