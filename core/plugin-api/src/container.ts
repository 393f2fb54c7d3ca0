import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** What a container has. */
export interface ContainerContent {
  /** In DER. */
  readonly certificates: readonly Uint8Array[];
  /** As PKCS#8, the caller's to zero. */
  readonly keys: readonly Uint8Array[];
}

/** Opens PKCS#12 containers, RFC 7292. */
export interface Pkcs12Reader {
  /** @returns undefined where the passphrase is wrong, or it is no container */
  open(container: Uint8Array, passphrase: string): ContainerContent | undefined;
}

export const Pkcs12Reader: ServiceToken<Pkcs12Reader> = serviceToken("Pkcs12Reader");
