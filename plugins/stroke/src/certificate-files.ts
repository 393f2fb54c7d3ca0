import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { CygnetError, LogGroup } from "@cygnet/plugin-api";
import type { CertificateInfo, CredentialStore, Logger, PgpReader, Pkcs12Reader, PublicKeyFormat } from "@cygnet/plugin-api";
import { errnoText } from "./errno-text.js";

/** Sets of the directories; what connections and `ca` sections name has sets of its own. */
const CA_SET = "stroke-cacerts";
const CRL_SET = "stroke-crls";
const OCSP_SET = "stroke-ocspcerts";
const END_SET = "stroke-certs";
const PGP_ARMOUR = "-----BEGIN PGP ";
/** No certificate is this large, and revocation lists seldom are. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** A file that is no use, said in the log. */
class FileProblem extends Error {}

/** What plugins read that may be loaded. */
export interface FileReaders {
  readonly pkcs12: () => Pkcs12Reader | undefined;
  readonly pgp: () => PgpReader | undefined;
}

/** What stands for an end of a connection: an X.509 certificate or an OpenPGP key. */
export interface EndEntity {
  readonly fingerprint: string;
  /** Identities that it vouches for, as they are printed. */
  readonly subject: string;
  readonly altNames: readonly string[];
  /** The subject in the notation of connections. */
  readonly id: string;
}

/**
 * Certificates and revocation lists in `ipsec.d`, the directory beside the secrets file: `cacerts`, `ocspcerts`, `crls`, and `certs`, which
 * names in connections count from.
 */
export class CertificateFiles {
  readonly #directory: string;

  constructor(
    secretsFile: string,
    private readonly credentials: CredentialStore,
    private readonly log: Logger,
    private readonly readers: FileReaders = { pkcs12: () => undefined, pgp: () => undefined },
  ) {
    this.#directory = join(dirname(secretsFile), "ipsec.d");
  }

  /** Replaces the authorities by what `cacerts` holds now. */
  async loadAuthorities(): Promise<void> {
    await this.credentials.removeSet(CA_SET);
    await this.#loadDirectory("cacerts", "ca certificates", async (file, data) => {
      const { subject } = await this.credentials.loadCertificate(CA_SET, data, { isTrusted: true });
      this.#say(`  loaded ca certificate "${subject}" from '${file}'`);
    });
  }

  /** Replaces the certificates of OCSP responders by what `ocspcerts` holds now. */
  async loadOcspSigners(): Promise<void> {
    await this.credentials.removeSet(OCSP_SET);
    await this.#loadDirectory("ocspcerts", "ocsp signer certificates", async (file, data) => {
      const use = { isTrusted: false, isOcspSigner: true };
      const { subject } = await this.credentials.loadCertificate(OCSP_SET, data, use);
      this.#say(`  loaded ocsp signer certificate "${subject}" from '${file}'`);
    });
  }

  /** Where revocation lists are. */
  get listDirectory(): string {
    return join(this.#directory, "crls");
  }

  /** Replaces the revocation lists by what `crls` holds now. */
  async loadRevocationLists(): Promise<void> {
    await this.credentials.removeSet(CRL_SET);
    await this.#loadDirectory("crls", "crls", async (file, data) => {
      await this.credentials.loadRevocationList(CRL_SET, data);
      this.#say(`  loaded crl from '${file}'`);
    });
  }

  /** The certificate of a `leftcert` or `rightcert`. @returns undefined, and says why, when it cannot be loaded */
  async loadEndEntity(name: string): Promise<EndEntity | undefined> {
    const file = isAbsolute(name) ? name : join(this.#directory, "certs", name);
    return this.#attempt("certificate", file, async (data) => {
      const end = isPgp(data) ? await this.#loadPgpKey(data) : await this.#loadX509(data);
      this.#say(`  loaded certificate "${end.subject}" from '${name}'`);
      return end;
    });
  }

  async #loadX509(data: Uint8Array): Promise<EndEntity> {
    const info = await this.credentials.loadCertificate(END_SET, data, { isTrusted: false });
    const { fingerprint, subject, subjectDer, altNames } = info;
    return { fingerprint, subject, altNames, id: `asn1dn:#${subjectDer}` };
  }

  async #loadPgpKey(data: Uint8Array): Promise<EndEntity> {
    const info = await this.credentials.loadPgpKey(END_SET, this.#pgp().readCertificate(data));
    const { fingerprint, subject, subjectHex, digest } = info;
    return { fingerprint, subject, altNames: [digest], id: `keyid:#${subjectHex}` };
  }

  #pgp(): PgpReader {
    const reader = this.readers.pgp();
    if (!reader) throw new FileProblem("no loaded plugin reads it, load pgp");
    return reader;
  }

  /**
   * The public key of a `leftsigkey` or `rightsigkey`: `0s` and base64 or `0x` and hex, with `dns:` or `ssh:` in front where it is not DER, or
   * a file, which counts from `certs`.
   * @returns its fingerprint; undefined, and says why, when it cannot be loaded
   */
  async loadSignatureKey(text: string): Promise<string | undefined> {
    const inline = /^(?:(dns|ssh):)?0([sx])(.*)$/s.exec(text);
    if (!inline) {
      const file = isAbsolute(text) ? text : join(this.#directory, "certs", text);
      return this.#attempt("public key", file, async (data) => this.#addSignatureKey(data, text));
    }
    const [, kind, encoding, value] = inline;
    const octets = new Uint8Array(Buffer.from(value!, encoding === "s" ? "base64" : "hex"));
    const format = kind === "dns" ? "dnskey" : kind === "ssh" ? "sshkey" : undefined;
    try {
      return await this.#addSignatureKey(octets, "configuration", format);
    } catch (error) {
      if (!(error instanceof CygnetError)) throw error;
      this.#say(`  loading public key failed: ${error.message}`);
      return undefined;
    }
  }

  async #addSignatureKey(data: Uint8Array, from: string, format?: PublicKeyFormat): Promise<string> {
    const { fingerprint, kind } = await this.credentials.loadPublicKey(END_SET, data, format);
    this.#say(`  loaded ${kind} public key from '${from}'`);
    return fingerprint;
  }

  /** The certificate of a `ca` section. */
  async loadAuthority(set: string, name: string): Promise<CertificateInfo | undefined> {
    const file = isAbsolute(name) ? name : join(this.#directory, "cacerts", name);
    return this.#attempt("ca certificate", file, async (data) => {
      const info = await this.credentials.loadCertificate(set, data, { isTrusted: true });
      this.#say(`  loaded ca certificate "${info.subject}" from '${name}'`);
      return info;
    });
  }

  /** A file with a private key. @returns its kind, undefined, and says why, when it cannot be loaded */
  async loadPrivateKey(set: string, name: string, passphrase: Uint8Array | undefined): Promise<string | undefined> {
    const file = isAbsolute(name) ? name : join(this.#directory, "private", name);
    return this.#attempt("private key", file, async (data) => {
      let pkcs8: Uint8Array | undefined;
      try {
        if (isPgp(data)) pkcs8 = this.#pgp().readPrivateKey(data, passphrase);
        const { kind } = pkcs8
          ? await this.credentials.loadPrivateKey(set, pkcs8)
          : await this.credentials.loadPrivateKey(set, data, passphrase);
        this.#say(`  loaded ${kind} private key from '${file}'`);
        return kind;
      } finally {
        data.fill(0);
        pkcs8?.fill(0);
      }
    });
  }

  /** A PKCS#12 container, whose authorities are trusted. Says what came of it. */
  async loadContainer(set: string, name: string, passphrase: Uint8Array = new Uint8Array(0)): Promise<void> {
    const file = isAbsolute(name) ? name : join(this.#directory, "private", name);
    await this.#attempt("PKCS#12 container", file, async (data) => {
      const reader = this.readers.pkcs12();
      if (!reader) throw new FileProblem("no loaded plugin opens it, load pkcs12");
      const content = reader.open(data, Buffer.from(passphrase).toString("utf8"));
      if (!content) throw new FileProblem("it is no container, or the passphrase is wrong");
      try {
        for (const der of content.certificates) await this.#loadContained(set, der, file);
        for (const key of content.keys) {
          const { kind } = await this.credentials.loadPrivateKey(set, key);
          this.#say(`  loaded ${kind} private key from '${file}'`);
        }
      } finally {
        for (const key of content.keys) key.fill(0);
      }
    });
  }

  /** An authority is one by its basic constraints. */
  async #loadContained(set: string, der: Uint8Array, file: string): Promise<void> {
    const { isCa, subject } = await this.credentials.loadCertificate(set, der, { isTrusted: false });
    if (isCa) await this.credentials.loadCertificate(set, der, { isTrusted: true });
    this.#say(`  loaded ${isCa ? "ca " : ""}certificate "${subject}" from '${file}'`);
  }

  /** Forgets everything that is not a `ca` section's. */
  async clear(): Promise<void> {
    for (const set of [CA_SET, OCSP_SET, CRL_SET, END_SET]) await this.credentials.removeSet(set);
  }

  async #loadDirectory(name: string, what: string, load: (file: string, data: Uint8Array) => Promise<void>): Promise<void> {
    const directory = join(this.#directory, name);
    this.#say(`loading ${what} from '${directory}'`);
    for (const entry of listDirectory(directory)) {
      const file = join(directory, entry);
      await this.#attempt(what.slice(0, -1), file, (data) => load(file, data));
    }
  }

  async #attempt<T>(what: string, file: string, load: (data: Uint8Array) => Promise<T>): Promise<T | undefined> {
    try {
      return await load(readData(file));
    } catch (error) {
      if (!(error instanceof CygnetError) && !(error instanceof FileProblem)) throw error;
      this.#say(`  loading ${what} from '${file}' failed: ${error.message}`);
      return undefined;
    }
  }

  #say(message: string): void {
    this.log.log(LogGroup.CFG, 1, message);
  }
}

/** Whether octets are an OpenPGP key, armoured or not; what is DER begins with a SEQUENCE, and what is PEM says what it is. */
function isPgp(data: Uint8Array): boolean {
  return (
    data[0] !== undefined && (data[0] >= 0x80 || Buffer.from(data.buffer, data.byteOffset, data.length).includes(PGP_ARMOUR))
  );
}

function readData(file: string): Uint8Array {
  try {
    const stats = statSync(file);
    // Opening a named pipe would wait for a writer for ever.
    if (!stats.isFile()) throw new FileProblem("it is no regular file");
    if (stats.size > MAX_FILE_BYTES) throw new FileProblem(errnoText("EFBIG"));
    return readFileSync(file);
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    throw new FileProblem(errnoText((error as NodeJS.ErrnoException).code ?? "EIO"));
  }
}

/** Names of visible files, in order; none where there is no such directory. */
function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith(".") && !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}
