import { Host } from "@cygnet/plugin-api";

/** Identity types of gateways, RFC 5685 section 8.2. */
const IPV4 = 1;
const IPV6 = 2;
const FQDN = 3;
const ADDRESS_OCTETS: Readonly<Record<number, number>> = { [IPV4]: 4, [IPV6]: 16 };
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

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

/** Reads the data of a REDIRECTED_FROM notify: the gateway that has sent the client here. @returns undefined where it is malformed */
export function readRedirectedFrom(data: Uint8Array): Host | string | undefined {
  const redirect = readRedirect(data);
  return redirect?.nonce.length === 0 ? redirect.gateway : undefined;
}

/** Data of a REDIRECTED_FROM notify. */
export function redirectedFrom({ family, address }: Host): Uint8Array {
  return Uint8Array.of(family === 4 ? IPV4 : IPV6, address.length, ...address);
}
