/** Something to fetch that tells the status of a certificate. Plain data: a shard asks control. */
export interface StatusQuestion {
  readonly source: "ocsp" | "crl" | "delta";
  /** Places that have it, asked one after the other until one does. */
  readonly uris: readonly string[];
  readonly certificate: Uint8Array;
  readonly issuer: Uint8Array;
  readonly timeoutMs: number;
}

/** What became of asking one place. */
export interface FetchAttempt {
  readonly uri: string;
  /** What the log says of it beside `problem`: why something could not be fetched or read. */
  readonly cause?: string;
  /** Undefined when it was of use: all shards have it then. */
  readonly problem: string | undefined;
}
