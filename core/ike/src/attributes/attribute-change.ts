import type { Attribute, AttributeContext, AttributeSet } from "@cygnet/plugin-api";

/** Addresses of a pool by their place in it: `from`, and all up to but without `to`. */
export interface AddressRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What control tells shards on threads of their own about pools and attributes. Plain data; applying one twice is as good as once. Pools go
 * by a number that no other pool of the daemon has or had, since one may be removed and another one of its name added.
 */
export type AttributeChange =
  | {
      readonly op: "add-pool";
      readonly pool: number;
      readonly name: string;
      /** As in `PoolDefinition`. */
      readonly addresses: string | undefined;
      readonly attributes: readonly Attribute[];
    }
  | { readonly op: "pool-attributes"; readonly pool: number; readonly attributes: readonly Attribute[] }
  | { readonly op: "remove-pool"; readonly pool: number }
  /** For this shard alone: addresses that nobody had, which are its to lease. */
  | { readonly op: "grant"; readonly pool: number; readonly ranges: readonly AddressRange[] }
  /** Every address of the pool was leased once: there is none left that nobody had. */
  | { readonly op: "spent"; readonly pool: number }
  | { readonly op: "attributes"; readonly source: string; readonly set: AttributeSet | undefined }
  /** Whether there are providers on control that have to be asked, for addresses and for attributes. */
  | { readonly op: "providers"; readonly addresses: boolean; readonly attributes: boolean };

/** What a shard tells control, in order and without an answer. Plain data. */
export type LeaseNotice =
  /** An address of the shard's own has a peer now. */
  | {
      readonly op: "leased";
      readonly pool: number;
      readonly offset: number;
      readonly identity: string;
      readonly ikeSaId: number;
    }
  /** A peer is gone that had an address, in octets. */
  | { readonly op: "released"; readonly context: AttributeContext; readonly address: Uint8Array }
  /** The shard will soon have leased all that it was granted. */
  | { readonly op: "wanted"; readonly pool: number };
