import { Host } from "@cygnet/plugin-api";
import type { GatewayName, RedirectGateway } from "@cygnet/plugin-api";

/** Identity types of gateways, RFC 5685 section 8.2. */
const IPV4 = 1;
const IPV6 = 2;
const FQDN = 3;
const ADDRESS_OCTETS: Readonly<Record<number, number>> = { [IPV4]: 4, [IPV6]: 16 };
const NO_NONCE: Uint8Array = new Uint8Array(0);
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

const TYPES: Readonly<Record<RedirectGateway["type"], number>> = { ipv4: IPV4, ipv6: IPV6, fqdn: FQDN };
const MAX_NAME_OCTETS = 255;

/** Where a gateway sends us. */
export interface Redirect {
  /** An address, or a name to look up. */
  readonly gateway: Host | string;
  /** Of our IKE_SA_INIT request, in the answer to it; empty otherwise. */
  readonly nonce: Uint8Array;
}

/** Reads the data of a REDIRECT notify. @returns undefined where it is malformed */
export function readRedirect(data: Uint8Array): Redirect | undefined {
  const [type = 0, length = 0] = data;
  const identity = data.subarray(2, 2 + length);
  if (length === 0 || identity.length < length) return undefined;
  const nonce = data.slice(2 + length);
  if (type === FQDN) {
    const name = Buffer.from(identity).toString("latin1");
    return NAME.test(name) ? { gateway: name, nonce } : undefined;
  }
  if (ADDRESS_OCTETS[type] !== length) return undefined;
  return { gateway: Host.fromOctets(identity.slice()), nonce };
}

/** Data of a REDIRECT notify. @param nonce of the IKE_SA_INIT request that it answers */
export function redirectTo({ type, data }: RedirectGateway, nonce: Uint8Array = NO_NONCE): Uint8Array {
  return Uint8Array.of(TYPES[type], data.length, ...data, ...nonce);
}

/** @returns undefined where it is no name that a client could look up */
export function gatewayOf(gateway: GatewayName): RedirectGateway | undefined {
  if (typeof gateway === "string") {
    const isName = NAME.test(gateway) && gateway.length <= MAX_NAME_OCTETS;
    return isName ? { type: "fqdn", name: gateway, data: Buffer.from(gateway, "latin1") } : undefined;
  }
  if (gateway.isAny) return undefined;
  const { family, address } = gateway;
  return { type: family === 4 ? "ipv4" : "ipv6", name: gateway.toString(), data: address };
}

/** Reads the data of a REDIRECTED_FROM notify: the gateway that has sent the client here. @returns undefined where it is malformed */
export function readRedirectedFrom(data: Uint8Array): Host | string | undefined {
  const redirect = readRedirect(data);
  return redirect?.nonce.length === 0 ? redirect.gateway : undefined;
}

/** Data of a REDIRECTED_FROM notify. */
export function redirectedFrom({ family, address }: Host): Uint8Array {
  return Uint8Array.of(family === 4 ? IPV4 : IPV6, address.length, ...address);
}
