import { DefinitionError, noMessages } from "@cygnet/plugin-api";
import type {
  AttributeManager,
  AttributeSet,
  AuthorityUris,
  CertificateInfo,
  CertificateUse,
  ChildDefinition,
  ConnectionStore,
  Controller,
  CredentialStore,
  DaemonProfile,
  PluginReport,
  DaemonStatus,
  IkeSaStatus,
  InstalledPolicy,
  LinkTopic,
  LogGroup,
  OcspResponseInfo,
  PgpCertificate,
  PgpKeyInfo,
  OperationObserver,
  OperationResult,
  PeerDefinition,
  PoolDefinition,
  SaSelector,
  SharedSecret,
  ShardController,
  PublicKeyInfo,
  RawPublicKeyInfo,
  RevocationListInfo,
} from "@cygnet/plugin-api";

/** A connection store that refuses proposals with the word `bad` in them. */
export class FakeConnections implements ConnectionStore {
  readonly kept: { readonly backend: string; readonly peer: PeerDefinition }[] = [];

  // eslint-disable-next-line @typescript-eslint/require-await
  async add(backend: string, peer: PeerDefinition): Promise<void> {
    const bad = [...peer.proposals, ...peer.children.flatMap((child) => child.proposals)].find((text) => text.includes("bad"));
    if (bad)
      throw new DefinitionError("CYG_CONFIG_PROPOSAL", `${peer.name}.proposals`, `skipped invalid proposal string: ${bad}`);
    const at = this.kept.findIndex((each) => each.backend === backend && each.peer.name === peer.name);
    if (at < 0) this.kept.push({ backend, peer });
    else this.kept[at] = { backend, peer };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async remove(backend: string, name: string): Promise<boolean> {
    const at = this.kept.findIndex((each) => each.backend === backend && each.peer.name === name);
    if (at >= 0) this.kept.splice(at, 1);
    return at >= 0;
  }

  list = (): readonly PeerDefinition[] => this.kept.map(({ peer }) => peer);

  find(name: string) {
    const peer =
      this.list().find((each) => each.name === name) ??
      this.list().find((each) => each.children.some((child) => child.name === name));
    return peer && { peer, child: peer.children.find((child) => child.name === name) };
  }
}

/** Pools by name, counted. Those in `inUse` cannot be removed. */
export class FakeAttributes implements AttributeManager {
  readonly defined = new Map<string, { readonly pool: PoolDefinition; references: number }>();
  readonly sets = new Map<string, AttributeSet>();
  readonly inUse = new Set<string>();

  addProvider = (): (() => void) => () => undefined;

  addHandler = (): (() => void) => () => undefined;

  setAttributes(source: string, set: AttributeSet | undefined): void {
    if (set) this.sets.set(source, set);
    else this.sets.delete(source);
  }

  addPool(pool: PoolDefinition): void {
    if (pool.addresses === "garbage") throw new DefinitionError("CYG_POOL_SYNTAX", pool.name, "invalid addresses 'garbage'");
    const known = this.defined.get(pool.name);
    if (known) known.references++;
    else this.defined.set(pool.name, { pool, references: 1 });
  }

  async removePool(name: string): Promise<boolean> {
    await Promise.resolve();
    const known = this.defined.get(name);
    if (!known || this.inUse.has(name)) return false;
    if (--known.references === 0) this.defined.delete(name);
    return true;
  }

  setPoolAttributes = (): boolean => false;
  pools = () => [...this.defined.keys()].map((name) => ({ name, base: "10.3.0.1", size: 254, online: 1, offline: 0 }));

  *leases(pool: string) {
    if (this.defined.has(pool)) yield { pool, address: "10.3.0.1", identity: "moon.example.org", online: true };
  }
}

/** Credential sets by name, with copies of the secrets. Owners called `bad` are no identities. */
export class FakeCredentials implements CredentialStore {
  readonly sets = new Map<
    string,
    readonly { readonly type: string; readonly owners: readonly string[]; readonly secret: string }[]
  >();
  /** The arrays handed in last: theirs to zero, not ours. */
  given: Uint8Array[] = [];

  // eslint-disable-next-line @typescript-eslint/require-await
  async replaceSecrets(set: string, secrets: readonly SharedSecret[]): Promise<void> {
    if (secrets.some(({ owners }) => owners.includes("bad")))
      throw new DefinitionError("CYG_ID_SYNTAX", "bad", "invalid identity 'bad'");
    this.given = secrets.map(({ secret }) => secret);
    this.sets.set(
      set,
      secrets.map(({ type, owners, secret }) => ({ type, owners, secret: Buffer.from(secret).toString("latin1") })),
    );
  }

  removeSet = (set: string): Promise<void> => {
    this.certificates = this.certificates.filter((each) => each.set !== set);
    this.keys = this.keys.filter((each) => each.set !== set);
    return Promise.resolve(void this.sets.delete(set));
  };
  listSecrets = () => [];

  /** A certificate is its subject as text, and has `NAME.example.org` of `CN=NAME` as its other name. */
  certificates: CertificateInfo[] = [];
  keys: { readonly set: string; readonly data: string; readonly passphrase: string | undefined }[] = [];

  loadCertificate = (
    set: string,
    data: Uint8Array,
    { isTrusted, isOcspSigner = false }: CertificateUse,
  ): Promise<CertificateInfo> => {
    const subject = Buffer.from(data).toString("latin1");
    if (!subject.startsWith("CN="))
      return Promise.reject(new DefinitionError("CYG_CERT_SYNTAX", "certificate", "it is no X.509 certificate"));
    const info = { ...certificateInfo(set, subject, isTrusted), isOcspSigner };
    this.certificates.push(info);
    return Promise.resolve(info);
  };
  loadPrivateKey = (set: string, data: Uint8Array, passphrase?: Uint8Array): Promise<PublicKeyInfo> => {
    const text = (octets: Uint8Array): string => Buffer.from(octets).toString("latin1");
    this.keys.push({ set, data: text(data), passphrase: passphrase && text(passphrase) });
    return Promise.resolve(certificateInfo(set, "CN=key", false).publicKey);
  };
  readonly publicKeys: RawPublicKeyInfo[] = [];
  loadPublicKey = (set: string, data: Uint8Array): Promise<RawPublicKeyInfo> => {
    const text = Buffer.from(data).toString("latin1");
    if (text === "rubbish") return Promise.reject(new DefinitionError("CYG_CERT_SYNTAX", "public key", "it is truncated"));
    const info = { ...certificateInfo(set, "CN=key", false).publicKey, set, der: data, fingerprint: `fingerprint of ${text}` };
    this.publicKeys.push(info);
    return Promise.resolve(info);
  };
  listPublicKeys = () => this.publicKeys;
  loadRevocationList = (set: string): Promise<RevocationListInfo> => {
    const info = {
      set,
      der: new Uint8Array(0),
      issuer: "CN=root",
      thisUpdate: 0,
      nextUpdate: undefined,
      number: "01",
      baseNumber: undefined,
      authorityKeyId: undefined,
      revoked: [],
    };
    this.lists.push(info);
    return Promise.resolve(info);
  };
  readonly lists: RevocationListInfo[] = [];
  readonly pgpKeys: PgpKeyInfo[] = [];
  loadPgpKey = (set: string, key: PgpCertificate): Promise<PgpKeyInfo> => {
    const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
    const info: PgpKeyInfo = {
      set,
      fingerprint: `fingerprint of ${hex(key.octets)}`,
      subject: Buffer.from(key.userId).toString(),
      subjectHex: hex(key.userId),
      digestHex: hex(key.digest),
      digest: hex(key.digest).match(/../g)!.join(":"),
      created: key.created,
      until: key.until,
      publicKey: { kind: "RSA", bits: 2048, keyId: "e31b", subjectKeyId: "7a75" },
      hasPrivateKey: false,
    };
    this.pgpKeys.push(info);
    return Promise.resolve(info);
  };
  listPgpKeys = () => this.pgpKeys;
  listCertificates = () => this.certificates;
  listRevocationLists = () => this.lists;

  /** Where to ask about authorities, by their fingerprints. */
  readonly authorityUris = new Map<string, AuthorityUris>();
  /** What was flushed. */
  readonly flushed: string[] = [];
  responses: OcspResponseInfo[] = [];
  readonly listListeners = new Set<(list: RevocationListInfo) => void>();

  setAuthorityUris = (_set: string, fingerprint: string, uris: AuthorityUris): Promise<void> => {
    this.authorityUris.set(fingerprint, uris);
    return Promise.resolve();
  };
  listOcspResponses = () => this.responses;
  flushFetched = (kind: "crl" | "ocsp"): Promise<number> => Promise.resolve(this.flushed.push(kind));
  onFetchedList = (listener: (list: RevocationListInfo) => void): (() => void) => {
    this.listListeners.add(listener);
    return () => void this.listListeners.delete(listener);
  };
}

/** A certificate with this subject, valid from 1970 on for a million years. */
export function certificateInfo(set: string, subject: string, isCa: boolean): CertificateInfo {
  return {
    set,
    der: new Uint8Array(0),
    fingerprint: `fingerprint of ${subject}`,
    subject,
    subjectDer: "3000",
    issuer: "CN=root",
    serial: "0a0b",
    notBefore: 0,
    notAfter: 8.64e15,
    altNames: isCa ? [] : [`${subject.slice("CN=".length)}.example.org`],
    flags: isCa ? ["CA", "CRLSign", "self-signed"] : ["serverAuth"],
    pathLength: undefined,
    crlUris: ["http://crl.example.org/root.crl"],
    ocspUris: [],
    authorityKeyId: "56a2",
    subjectKeyId: "7a75",
    publicKey: { kind: "ECDSA", bits: 256, keyId: "e31b", subjectKeyId: "7a75" },
    hasPrivateKey: !isCa,
    isCa,
    isTrusted: isCa,
    isOcspSigner: false,
  };
}

type Operation = (observer: OperationObserver | undefined) => Promise<OperationResult>;

/** A daemon with the IKE_SAs in `sas`, whose operations end as `operation` says. */
export class FakeController implements Controller {
  sas: IkeSaStatus[] = [];
  operation: Operation = () => Promise.resolve("done");
  canInstall = true;
  policies: InstalledPolicy[] = [];
  /** What was asked for, in order. */
  readonly calls: string[] = [];
  readonly #texts = new Map<string, (ikeSa: IkeSaStatus, how: unknown) => string>();
  /** How often the SAs were listed to the end, or up to where the reader stopped. */
  listed = 0;

  initiate(peer: PeerDefinition, child: { readonly name: string } | undefined, observer?: OperationObserver, timeoutMs?: number) {
    return this.#run(`initiate ${peer.name} ${child?.name ?? "-"}`, observer, timeoutMs);
  }

  install = (_peer: PeerDefinition, child: ChildDefinition): Promise<boolean> => {
    this.calls.push(`install ${child.name}`);
    return Promise.resolve(this.canInstall);
  };
  uninstall = (name: string): Promise<"trap" | "shunt" | undefined> => {
    const at = this.policies.findIndex((policy) => policy.name === name);
    const [removed] = at < 0 ? [] : this.policies.splice(at, 1);
    return Promise.resolve(removed && (removed.reqid === 0 ? "shunt" : "trap"));
  };
  installedPolicies = (): Promise<readonly InstalledPolicy[]> => Promise.resolve(this.policies);

  terminateIke = (id: number, observer?: OperationObserver, timeoutMs?: number) =>
    this.#run(`close [${id}]`, observer, timeoutMs);
  terminateChild = (id: number, observer?: OperationObserver, timeoutMs?: number) =>
    this.#run(`close {${id}}`, observer, timeoutMs);
  rekeyIke = (id: number): Promise<boolean> => Promise.resolve(this.calls.push(`rekey [${id}]`) > 0);
  redirectIke = (): Promise<boolean> => Promise.resolve(false);
  rekeyChild = (id: number): Promise<boolean> => Promise.resolve(this.calls.push(`rekey {${id}}`) > 0);

  async *ikeSas(selector: SaSelector, withUse: boolean): AsyncGenerator<readonly IkeSaStatus[]> {
    this.calls.push(`list ${JSON.stringify(selector)}${withUse ? " with use" : ""}`);
    for (const sa of this.sas) {
      await Promise.resolve();
      if (isSelected(sa, selector)) yield [sa];
      this.listed++;
    }
  }

  async *ikeSaTexts<How>(
    selector: SaSelector,
    withUse: boolean,
    topic: LinkTopic<How, string>,
    how: How,
  ): AsyncGenerator<string> {
    const text = this.#texts.get(topic.name)!;
    for await (const piece of this.ikeSas(selector, withUse)) yield piece.map((ikeSa) => text(ikeSa, how)).join("");
  }

  /** As `ShardController`. */
  addText: ShardController["addText"] = (topic, text) => {
    this.#texts.set(topic.name, text as (ikeSa: IkeSaStatus, how: unknown) => string);
    return () => void this.#texts.delete(topic.name);
  };

  count = () => Promise.resolve({ up: this.sas.length, connecting: 0 });

  messageCounts = () => Promise.resolve(noMessages());

  status(): Promise<DaemonStatus> {
    return Promise.resolve({
      version: "6.0.6",
      uptimeSeconds: 26,
      startedMs: 0,
      processor: { total: 16, idle: 7, working: [5, 0, 4, 0], queued: [0, 0, 0, 0], scheduled: 7 },
      plugins: ["charon", "stroke"],
      listening: ["10.9.0.1"],
      ikeSas: this.sas.length,
      halfOpen: 0,
    });
  }

  plugins(): Promise<readonly PluginReport[]> {
    return Promise.resolve([{ name: "stroke", critical: false, loaded: true, features: [], options: [] }]);
  }

  profile(): Promise<DaemonProfile> {
    const host = { onlineCpus: 2, usableCpus: 1, machineBusyMs: 900, machineMs: 2000, processMs: 450 };
    const gc = { count: 1, totalUs: 200, maxUs: 200, histogram: [] };
    const thread = { thread: 0, elapsedMs: 1000, busyMs: 400, saturatedMs: 0, gc, plugins: [] };
    return Promise.resolve({ elapsedMs: 1000, host, control: { thread, waits: [] }, shards: [], shardCount: 1 });
  }

  setLogLevel = (group: LogGroup | undefined, level: number): void => void this.calls.push(`loglevel ${group ?? "any"} ${level}`);
  reloadSettings = (): Promise<void> => Promise.resolve();
  shutdown = (): void => undefined;

  #run(what: string, observer: OperationObserver | undefined, timeoutMs = 0): Promise<OperationResult> {
    this.calls.push(`${what}${observer ? ` level ${observer.level} timeout ${timeoutMs}` : ""}`);
    return this.operation(observer);
  }
}

function isSelected(sa: IkeSaStatus, { ikeName, childName, virtualIpFrom }: SaSelector): boolean {
  if (virtualIpFrom !== undefined) return sa.remoteVirtualIps.includes(virtualIpFrom);
  if (ikeName === undefined && childName === undefined) return true;
  return sa.name === ikeName || sa.children.some((child) => child.name === childName);
}
