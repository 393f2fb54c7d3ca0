import type { CounterValues } from "./controller.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** IKE event counters, global or by connection name: provided by the `counters` plugin, read by control sockets. */
export interface CounterQuery {
  /** Undefined when there are no counters for this connection. Without a name: the global ones. */
  values(connection: string | undefined): Promise<CounterValues | undefined>;
  /** Names of connections that have counters. */
  connections(): Promise<readonly string[]>;
  reset(connection: string | undefined): Promise<boolean>;
}

export const CounterQuery: ServiceToken<CounterQuery> = serviceToken("CounterQuery");
