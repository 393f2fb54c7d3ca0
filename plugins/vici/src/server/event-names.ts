/** Events of SAs, which come from the shards. */
export const SA_EVENTS = ["ike-updown", "ike-rekey", "ike-update", "child-updown", "child-rekey", "alert"] as const;
export type SaEvent = (typeof SA_EVENTS)[number];

/** What commands stream to the client that sent them. */
const STREAMED = ["control-log", "list-sa", "list-policy", "list-conn", "list-cert", "list-authority"] as const;

/** All events that clients can register for. */
export const EVENTS: readonly string[] = ["log", ...STREAMED, ...SA_EVENTS];

export const isSaEvent = (event: string): event is SaEvent => (SA_EVENTS as readonly string[]).includes(event);
