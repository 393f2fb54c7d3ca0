import { Host } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, AttributeHandler } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";

/** Takes DNS servers that peers assign, for scripts that have them used. */
export class DnsServers implements AttributeHandler {
  readonly requests = [ConfigAttributeType.INTERNAL_IP4_DNS, ConfigAttributeType.INTERNAL_IP6_DNS];
  readonly #servers = new Map<number, Host[]>();

  /** Those of an IKE_SA, in the order in which they were assigned. */
  of(ikeSaId: number): readonly Host[] {
    return this.#servers.get(ikeSaId) ?? [];
  }

  handle({ ikeSaId }: AttributeContext, attribute: Attribute): boolean {
    const server = serverOf(attribute);
    if (server === undefined) return false;
    this.#servers.set(ikeSaId, [...this.of(ikeSaId), server]);
    return true;
  }

  release({ ikeSaId }: AttributeContext, attribute: Attribute): void {
    const server = serverOf(attribute);
    const left = this.of(ikeSaId).filter((each) => server === undefined || !each.sameAddress(server));
    if (left.length === 0) this.#servers.delete(ikeSaId);
    else this.#servers.set(ikeSaId, left);
  }
}

function serverOf({ type, value }: Attribute): Host | undefined {
  const family =
    type === ConfigAttributeType.INTERNAL_IP4_DNS ? 4 : type === ConfigAttributeType.INTERNAL_IP6_DNS ? 6 : undefined;
  if (family === undefined || value.length !== (family === 4 ? 4 : 16)) return undefined;
  const server = new Host(family, Uint8Array.from(value), 0);
  // All zeros is no server but a way to say "none".
  return server.isAny ? undefined : server;
}
