import { CollectingTerminal } from "@cygnet/command/testing";
import { pkiCommand } from "@cygnet/pki";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Options of `pki --gen` for each kind of key. */
export const KEYS = {
  rsa2048: ["rsa", "2048"],
  rsa4096: ["rsa", "4096"],
  ecdsa256: ["ecdsa", "256"],
  ecdsa384: ["ecdsa", "384"],
  ecdsa521: ["ecdsa", "521"],
  ed25519: ["ed25519", "256"],
  ed448: ["ed448", "456"],
} as const;

export type KeyName = keyof typeof KEYS;

/** A certificate with its key, as PEM. */
export interface Issued {
  readonly name: string;
  readonly key: string;
  readonly certificate: string;
}

/** What a certificate says. */
export interface CertificateRequest {
  readonly key?: KeyName;
  /** Further options of `pki --self` and `pki --issue`. */
  readonly options?: readonly string[];
  readonly issuer?: Issued;
}

/** Issues certificates with `cygnet pki`, in a folder that goes with it. */
export class Pki {
  readonly #folder = mkdtempSync(join(tmpdir(), "cygnet-pki-"));
  #files = 0;

  /** An authority, self-signed where no issuer is given. */
  authority(name: string, { options = [], ...request }: CertificateRequest = {}): Promise<Issued> {
    return this.#issue(`C=CH, O=cygnet, CN=${name}`, name, { ...request, options: ["--ca", ...options] });
  }

  /** A host's certificate, for `NAME.example.org`. */
  host(name: string, issuer: Issued, { options = [], ...request }: CertificateRequest = {}): Promise<Issued> {
    const dns = `${name}.example.org`;
    return this.#issue(`C=CH, O=cygnet, CN=${dns}`, name, { ...request, issuer, options: ["--san", dns, ...options] });
  }

  /** A revocation list in PEM that has these certificates. */
  crl(issuer: Issued, revoked: readonly Issued[]): Promise<string> {
    const entries = revoked.flatMap(({ certificate }) => ["--reason", "key-compromise", "--cert", this.#write(certificate)]);
    // So many days and a half, so that two lists made within a second say the same.
    const until = ["--dateform", "%s", "--next-update", String(Math.floor(Date.now() / 1000) + 30 * 86_400 + 43_200)];
    return run("--signcrl", ...this.#by(issuer), ...until, "--this-update", String(Math.floor(Date.now() / 1000)), ...entries);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #issue(dn: string, name: string, { key: kind = "ecdsa256", options = [], issuer }: CertificateRequest): Promise<Issued> {
    const [type, size] = KEYS[kind];
    const key = await run("--gen", "--type", type, "--size", size);
    const content = ["--in", this.#write(key), "--type", "priv", "--dn", dn, ...options];
    const certificate = await (issuer ? run("--issue", ...this.#by(issuer), ...content) : run("--self", ...content));
    return { name, key, certificate };
  }

  #by({ key, certificate }: Issued): string[] {
    return ["--cacert", this.#write(certificate), "--cakey", this.#write(key)];
  }

  #write(text: string): string {
    const file = join(this.#folder, String(this.#files++));
    writeFileSync(file, text);
    return file;
  }
}

/** @returns the output, in PEM */
async function run(...args: readonly string[]): Promise<string> {
  const terminal = new CollectingTerminal();
  const code = await pkiCommand([...args, "--outform", "pem"], terminal, {
    readInput: () => Buffer.alloc(0),
    write: (octets) => terminal.out(Buffer.from(octets).toString("latin1")),
    askPassphrase: () => Promise.resolve(undefined),
    now: () => Date.now(),
  });
  if (code !== 0) throw new Error(`pki ${args.join(" ")}: ${code}\n${terminal.errors}`);
  return terminal.output;
}
