import { Host } from "@cygnet/plugin-api";
import type { AttributeContext, AttributeProvider } from "@cygnet/plugin-api";
import { Pool } from "pg";

/** What a `SharedPool` goes by. */
export interface SharedPoolOptions {
  readonly name: string;
  readonly url: string;
  /** This daemon, among those that share the table. */
  readonly gateway: string;
  readonly timeoutMs: number;
  readonly say: (message: string) => void;
}

/**
 * Takes a free address in one statement: that which is asked for, that which the peer had, one that nobody had, or that which is free for the longest time. Rows
 * that another daemon is about to take are passed over, so nobody waits for anybody.
 */
const ACQUIRE = `
  UPDATE cygnet_addresses SET identity = $2, gateway = $3, since = now()
  WHERE address = (
    SELECT address FROM cygnet_addresses
    WHERE pool = ANY ($1) AND gateway IS NULL AND family(address) = $4
    ORDER BY address IS DISTINCT FROM $5::inet, identity IS DISTINCT FROM $2, identity IS NOT NULL, since, address
    LIMIT 1 FOR UPDATE SKIP LOCKED
  )
  RETURNING host(address) AS address`;
const RELEASE = "UPDATE cygnet_addresses SET gateway = NULL, since = now() WHERE address = $1::inet AND gateway = $2";
const RECLAIM = "UPDATE cygnet_addresses SET gateway = NULL, since = now() WHERE gateway = $1";

/** Addresses in PostgreSQL. Each question is one statement; only the peer that it is for waits. */
export class SharedPool implements AttributeProvider {
  readonly name: string;
  readonly #pool: Pool;

  constructor(private readonly options: SharedPoolOptions) {
    const { name, url, timeoutMs, say } = options;
    this.name = name;
    this.#pool = new Pool({
      connectionString: url,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      max: 4,
      allowExitOnIdle: true,
    });
    // Of a connection that nobody uses at the moment; the next question opens another one.
    this.#pool.on("error", (error) => say(`a connection to the database broke: ${error.message}`));
  }

  async acquire({ pools, identity }: AttributeContext, requested: Host): Promise<Host | undefined> {
    const wanted = requested.isAny ? null : String(requested);
    const values = [pools, identity, this.options.gateway, requested.family, wanted];
    const { rows } = await this.#pool.query<{ readonly address: string }>(ACQUIRE, values);
    return rows[0] && Host.of(rows[0].address);
  }

  async release(_context: AttributeContext, address: Host): Promise<boolean> {
    const { rowCount } = await this.#pool.query(RELEASE, [String(address), this.options.gateway]);
    return rowCount === 1;
  }

  /** Frees what a daemon of this name left in use, which has no peers any more. @returns how many there were */
  async reclaim(): Promise<number> {
    return (await this.#pool.query(RECLAIM, [this.options.gateway])).rowCount ?? 0;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
