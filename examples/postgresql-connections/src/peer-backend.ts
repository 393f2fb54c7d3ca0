import { LogGroup } from "@cygnet/plugin-api";
import type { ConnectionStore, CredentialStore, Logger } from "@cygnet/plugin-api";
import { Client } from "pg";
import { SELECT_PEERS, connectionOf, secretOf } from "./peer-row.js";
import type { PeerRow } from "./peer-row.js";

/** What a `PeerBackend` works with. */
export interface PeerBackendOptions {
  /** Of the backend and of its set of secrets. */
  readonly name: string;
  readonly url: string;
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly connections: ConnectionStore;
  readonly credentials: CredentialStore;
  readonly log: Logger;
}

/**
 * Keeps the daemon's connections as the table has them. They are in the daemon, so that no peer waits for the database, and stay as they were while that is
 * gone.
 */
export class PeerBackend {
  /** What was loaded, by name: the row as text. */
  readonly #loaded = new Map<string, string>();
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Readings one after another. */
  #last: Promise<void> = Promise.resolve();
  #isStopped = false;
  #trouble: string | undefined;

  constructor(private readonly options: PeerBackendOptions) {}

  start(): void {
    this.#timer = undefined;
    if (this.#isStopped) return;
    const { url, timeoutMs } = this.options;
    const client = new Client({ connectionString: url, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
    this.#client = client;
    client.on("notification", () => this.#read(client));
    // Also when the connection breaks while nothing is asked.
    client.on("error", (error) => this.#lose(client, error));
    client.on("end", () => this.#lose(client, new Error("the server closed the connection")));
    client
      .connect()
      .then(() => client.query("LISTEN cygnet_peers"))
      .then(
        () => this.#read(client),
        (error: unknown) => this.#lose(client, error),
      );
  }

  /** For `statusall`. */
  status(): string {
    return `${this.#loaded.size} connections${this.#trouble === undefined ? "" : `, ${this.#trouble}`}`;
  }

  /** Takes back all that was loaded. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    // One that does not answer is left behind.
    await client?.end().catch(() => undefined);
    await this.#last;
    const { connections, credentials, name } = this.options;
    for (const connection of this.#loaded.keys()) await connections.remove(name, connection);
    this.#loaded.clear();
    await credentials.removeSet(name);
  }

  #read(client: Client): void {
    this.#last = this.#last
      .then(async () => {
        if (this.#client === client) await this.#apply((await client.query<PeerRow>(SELECT_PEERS)).rows);
      })
      .catch((error: unknown) => this.#lose(client, error));
  }

  /** Makes the daemon have these rows, and no others. A row that cannot be used is named, and what was there under its name stays. */
  async #apply(rows: readonly PeerRow[]): Promise<void> {
    const { connections, credentials, name } = this.options;
    // Keys first, so that each connection finds its own.
    await credentials.replaceSecrets(name, rows.map(secretOf));
    const names = new Set(rows.map((row) => row.name));
    for (const gone of [...this.#loaded.keys()].filter((each) => !names.has(each))) {
      await connections.remove(name, gone);
      this.#loaded.delete(gone);
    }
    for (const row of rows) {
      const text = JSON.stringify(row);
      if (this.#loaded.get(row.name) === text) continue;
      try {
        await connections.add(name, connectionOf(row));
        this.#loaded.set(row.name, text);
      } catch (error) {
        this.#say(`connection '${row.name}' cannot be used: ${(error as Error).message}`);
      }
    }
    this.#trouble = undefined;
    this.#say(`${this.#loaded.size} connections are loaded`);
  }

  #lose(client: Client, error: unknown): void {
    if (this.#client !== client || this.#isStopped) return;
    this.#client = undefined;
    const { retryMs } = this.options;
    // It need not be closed yet: a query may have taken too long.
    client.end().catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#trouble === undefined) this.#say(`the database is gone, connections stay as they are: ${reason}`);
    this.#trouble = reason;
    this.#timer = setTimeout(() => this.start(), retryMs).unref();
  }

  #say(message: string): void {
    this.options.log.log(LogGroup.CFG, 1, `${this.options.name}: ${message}`);
  }
}
