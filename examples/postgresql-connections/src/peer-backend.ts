import { peerDefinition } from "@cygnet/plugin-api";
import type {
  ConfigBackend,
  CredentialSet,
  IkeDefinition,
  PeerConfigQuery,
  PeerDefinition,
  SecretQuery,
  SharedSecret,
} from "@cygnet/plugin-api";
import { Pool } from "pg";
import { connectionOf } from "./peer-row.js";
import type { PeerRow } from "./peer-row.js";

/** What a `PeerBackend` goes by. */
export interface PeerBackendOptions {
  readonly name: string;
  readonly url: string;
  readonly timeoutMs: number;
  /** What IKE_SAs may agree on. */
  readonly proposals: readonly string[];
  readonly say: (message: string) => void;
}

const SELECT_PEERS = `
  SELECT name, local_id, remote_id, proposals, local_ts, remote_ts, pools FROM cygnet_peers
  WHERE remote_id = $1 AND local_id = COALESCE($2, local_id)`;
const SELECT_KEYS = "SELECT psk FROM cygnet_peers WHERE remote_id = $1 AND local_id = $2";

/** Looks peers up in PostgreSQL while they wait. The daemon bounds the time, and says whose question failed and why. */
export class PeerBackend implements ConfigBackend, CredentialSet {
  readonly name: string;
  readonly #pool: Pool;
  readonly #anybody: readonly IkeDefinition[];

  constructor(private readonly options: PeerBackendOptions) {
    const { name, url, timeoutMs, proposals, say } = options;
    this.name = name;
    this.#anybody = [peerDefinition(name, { version: 2, proposals })];
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

  /** Anybody can send a first message: the database has nothing to do with it. */
  ikeConfigs(): readonly IkeDefinition[] {
    return this.#anybody;
  }

  async peerConfigs({ localId, remoteId }: PeerConfigQuery): Promise<readonly PeerDefinition[]> {
    const { rows } = await this.#pool.query<PeerRow>(SELECT_PEERS, [remoteId, localId]);
    return rows.map((row) => connectionOf(row, this.options.proposals));
  }

  async sharedSecrets({ type, localId, remoteId }: SecretQuery): Promise<readonly SharedSecret[]> {
    if (type !== "IKE") return [];
    const { rows } = await this.#pool.query<{ readonly psk: string }>(SELECT_KEYS, [remoteId, localId]);
    // Without owners: they are for the identities that were asked about.
    return rows.map(({ psk }) => ({ type, owners: [], secret: new TextEncoder().encode(psk) }));
  }

  /** For `statusall`. */
  async status(): Promise<string> {
    const { rows } = await this.#pool.query<{ readonly count: string }>("SELECT count(*) FROM cygnet_peers");
    return `${rows[0]!.count} peers in the database`;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
