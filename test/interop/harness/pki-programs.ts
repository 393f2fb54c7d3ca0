import { CollectingTerminal } from "@cygnet/command/testing";
import { pkiCommand } from "@cygnet/pki";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** cygnet's pki, in this process, and strongSwan's. */
export const PKI_PROGRAMS = ["cygnet", "strongswan"] as const;
export type PkiProgram = (typeof PKI_PROGRAMS)[number];

/** What a run gave. */
export interface PkiOutcome {
  readonly code: number | null;
  readonly output: Buffer;
  readonly errors: string;
}

/** Without those that look for hardware, which tell that there is none. */
const PLUGINS =
  "sha2 sha1 md5 mgf1 random x509 revocation pubkey pkcs1 dnskey sshkey pem openssl pkcs8 gmp curve25519 hmac kdf drbg";

/** Collects what is written, octets and text. */
class OctetTerminal extends CollectingTerminal {
  readonly chunks: Uint8Array[] = [];
  override out(text: string): void {
    this.chunks.push(Buffer.from(text));
  }
}

/** Runs both programs with the same arguments and files, until it is closed. */
export class PkiPrograms {
  readonly folder = mkdtempSync(join(tmpdir(), "cygnet-interop-pki-"));

  constructor() {
    writeFileSync(join(this.folder, "strongswan.conf"), `pki { load = ${PLUGINS} }\n`);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** The path of a file. */
  path(file: string): string {
    return join(this.folder, file);
  }

  async run(program: PkiProgram, args: readonly string[]): Promise<PkiOutcome> {
    if (program === "strongswan") {
      const env = { ...process.env, STRONGSWAN_CONF: this.path("strongswan.conf") };
      const { status, stdout, stderr } = spawnSync("pki", args, { env });
      return { code: status, output: stdout, errors: stderr.toString() };
    }
    const terminal = new OctetTerminal();
    const code = await pkiCommand(args, terminal, {
      readInput: () => Buffer.alloc(0),
      write: (octets) => void terminal.chunks.push(octets),
      askPassphrase: () => Promise.resolve(undefined),
      now: () => Date.now(),
    });
    return { code, output: Buffer.concat(terminal.chunks), errors: terminal.errors };
  }

  /** Has a program make a file. @returns its path */
  async make(program: PkiProgram, file: string, ...args: readonly string[]): Promise<string> {
    const { code, output, errors } = await this.run(program, args);
    if (code !== 0) throw new Error(`${program} pki ${args.join(" ")}: ${code}\n${errors}`);
    writeFileSync(this.path(file), output);
    return this.path(file);
  }

  /** What both make of the same arguments: exit code and output. */
  async both(...args: readonly string[]): Promise<readonly [cygnet: string, strongswan: string]> {
    const [cygnet, strongswan] = await Promise.all(PKI_PROGRAMS.map((program) => this.run(program, args)));
    return [textOf(cygnet!), textOf(strongswan!)];
  }
}

function textOf({ code, output }: PkiOutcome): string {
  return `${code}\n${output.toString("latin1")}`;
}
