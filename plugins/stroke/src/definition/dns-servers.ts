import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, AttributeProvider, Logger } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";

/** Serves the DNS servers of `rightdns`, by connection. */
export class DnsServers implements AttributeProvider {
  readonly #attributes = new Map<string, readonly Attribute[]>();

  constructor(private readonly log: Logger) {}

  /** Replaces the servers of a connection. What is no address is logged and left out. */
  set(connection: string, servers: readonly string[]): void {
    const attributes: Attribute[] = [];
    for (const text of servers) {
      const host = Host.parse(text);
      if (!host || host.isAny) {
        this.log.log(LogGroup.CFG, 1, `ignoring invalid DNS address '${text}'`);
        continue;
      }
      const type = host.family === 4 ? ConfigAttributeType.INTERNAL_IP4_DNS : ConfigAttributeType.INTERNAL_IP6_DNS;
      attributes.push({ type, value: host.address });
    }
    if (attributes.length > 0) this.#attributes.set(connection, attributes);
    else this.#attributes.delete(connection);
  }

  remove(connection: string): void {
    this.#attributes.delete(connection);
  }

  attributes({ connection }: AttributeContext): readonly Attribute[] {
    return this.#attributes.get(connection) ?? NONE;
  }
}

const NONE: readonly Attribute[] = [];
