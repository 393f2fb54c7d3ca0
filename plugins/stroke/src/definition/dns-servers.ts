import { Host, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeManager, Logger } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";

/** Serves the DNS servers of `rightdns`, by connection. */
export class DnsServers {
  constructor(
    private readonly manager: Pick<AttributeManager, "setAttributes">,
    private readonly log: Logger,
  ) {}

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
    this.manager.setAttributes(sourceOf(connection), attributes.length > 0 ? { connection, attributes } : undefined);
  }

  remove(connection: string): void {
    this.manager.setAttributes(sourceOf(connection), undefined);
  }
}

/** Under which name the servers of a connection stand with the manager. */
const sourceOf = (connection: string): string => `stroke ${connection}`;
