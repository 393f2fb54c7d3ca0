import { linkTopic } from "@cygnet/plugin-api";
import type { ChildSaView, IkeSaView, Listener } from "@cygnet/plugin-api";

/** What happened to an SA. Plain data, for the link between threads and for JSON. */
export interface SaEvent {
  readonly event: "ike-up" | "ike-down" | "ike-rekeyed" | "child-up" | "child-down" | "alert";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly connection?: string;
  readonly ikeSa?: number;
  readonly localId?: string;
  readonly remoteId?: string;
  readonly remote?: string;
  readonly virtualIps?: readonly string[];
  readonly childSa?: { readonly name: string; readonly id: number; readonly reqid: number };
  readonly alert?: string;
}

export const EVENTS = linkTopic<SaEvent>("webhook.events");

/** A listener that tells what happens. Views are valid during the call only, so all that is needed is copied. */
export function eventListener(name: string, tell: (event: SaEvent) => void): Listener {
  const at = (): number => Date.now();
  return {
    name,
    ikeUpdown: (ikeSa, isUp) => tell({ event: isUp ? "ike-up" : "ike-down", at: at(), ...peerOf(ikeSa) }),
    ikeRekey: (_old, ikeSa) => tell({ event: "ike-rekeyed", at: at(), ...peerOf(ikeSa) }),
    childUpdown: (ikeSa, child, isUp) =>
      tell({ event: isUp ? "child-up" : "child-down", at: at(), ...peerOf(ikeSa), childSa: childOf(child) }),
    alert: (ikeSa, { alert }) => tell({ event: "alert", at: at(), ...(ikeSa && peerOf(ikeSa)), alert }),
  };
}

function peerOf(ikeSa: IkeSaView): Partial<SaEvent> {
  return {
    connection: ikeSa.name,
    ikeSa: ikeSa.uniqueId,
    localId: String(ikeSa.localId ?? ""),
    remoteId: String(ikeSa.remoteId ?? ""),
    remote: `${ikeSa.remote.toString()}:${ikeSa.remote.port}`,
    virtualIps: ikeSa.remoteVirtualIps.map(String),
  };
}

function childOf({ name, uniqueId, reqid }: ChildSaView): SaEvent["childSa"] {
  return { name, id: uniqueId, reqid };
}
