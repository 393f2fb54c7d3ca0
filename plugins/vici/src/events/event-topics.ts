import { linkTopic } from "@cygnet/plugin-api";
import type { SaEvent } from "../server/event-names.js";

/** An event of an SA on its way to the clients, as a message in octets. */
export interface EncodedEvent {
  readonly event: SaEvent;
  readonly message: Uint8Array;
}

/** Control tells a shard which events any client wants. Those that come after its answer are told. */
export const WANTED = linkTopic<readonly SaEvent[], void>("vici.wanted");
/** A shard's events, in order, those of one turn at a time. */
export const EVENTS_OF_TURN = linkTopic<readonly EncodedEvent[], void>("vici.events");
/** A shard that has just started does not know what is wanted. */
export const STARTED = linkTopic<undefined, void>("vici.started");
