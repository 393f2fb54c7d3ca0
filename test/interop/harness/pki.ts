import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Options of `openssl genpkey` for each kind of key. */
export const KEYS = {
  rsa2048: ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  rsa4096: ["RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
  ecdsa256: ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  ecdsa384: ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
  ecdsa521: ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
  ed25519: ["ED25519"],
  ed448: ["ED448"],
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
  /** Lines of an OpenSSL extension section. */
  readonly extensions?: readonly string[];
  readonly issuer?: Issued;
  /** What the issuer signs with, SHA-256 if not given. */
  readonly digest?: "sha224" | "sha384" | "sha512";
  /** `YYYYMMDDHHMMSSZ` */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

const AUTHORITY = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash"];

/** Issues certificates with the `openssl` command, in a folder that goes with it. */
export class Pki {
  readonly #folder = mkdtempSync(join(tmpdir(), "cygnet-pki-"));
  #serial = 0x1000;

  /** An authority, self-signed where no issuer is given. */
  authority(name: string, request: CertificateRequest = {}): Issued {
    return this.#issue(`/C=CH/O=cygnet/CN=${name}`, name, { extensions: AUTHORITY, ...request });
  }

  /** A host's certificate, for `NAME.example.org`. */
  host(name: string, issuer: Issued, request: CertificateRequest = {}): Issued {
    const dns = `${name}.example.org`;
    const extensions = [`subjectAltName=DNS:${dns}`, ...(request.extensions ?? [])];
    return this.#issue(`/C=CH/O=cygnet/CN=${dns}`, name, { ...request, issuer, extensions });
  }

  /** A revocation list in PEM that has these certificates. */
  crl(issuer: Issued, revoked: readonly Issued[]): string {
    const { caKey, caCertificate } = this.#write(issuer);
    const index = join(this.#folder, "index.txt");
    const conf = join(this.#folder, "ca.conf");
    writeFileSync(index, "");
    writeFileSync(`${index}.attr`, "");
    writeFileSync(join(this.#folder, "crlnumber"), "01\n");
    writeFileSync(
      conf,
      `[ca]\ndefault_ca=x\n[x]\ndatabase=${index}\ncrlnumber=${join(this.#folder, "crlnumber")}\ndefault_md=sha256\ndefault_crl_days=30\ndefault_crl_hours=12\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n`,
    );
    const ca = ["ca", "-config", conf, "-keyfile", caKey, "-cert", caCertificate];
    for (const { certificate } of revoked) {
      const file = join(this.#folder, "revoked.pem");
      writeFileSync(file, certificate);
      openssl([...ca, "-revoke", file, "-crl_reason", "keyCompromise"]);
    }
    return openssl([...ca, "-gencrl"]);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #issue(subject: string, name: string, request: CertificateRequest): Issued {
    const { key: kind = "ecdsa256", extensions = [], issuer } = request;
    const file = (suffix: string): string => join(this.#folder, `${name}.${suffix}`);
    const [algorithm, ...options] = KEYS[kind];
    openssl(["genpkey", "-algorithm", algorithm, ...options, "-out", file("key")]);
    openssl(["req", "-new", "-key", file("key"), "-subj", subject, "-out", file("csr")]);
    writeFileSync(file("ext"), `${extensions.join("\n")}\n${issuer ? "authorityKeyIdentifier=keyid\n" : ""}`);
    const { caKey, caCertificate } = issuer ? this.#write(issuer) : { caKey: file("key"), caCertificate: "" };
    const serial = `0x${(this.#serial++).toString(16)}`;
    const sign = issuer ? ["-CA", caCertificate, "-CAkey", caKey, "-set_serial", serial] : ["-signkey", caKey];
    const { notBefore = "20200101000000Z", notAfter, digest = "sha256" } = request;
    if (notAfter === undefined) {
      const input = ["x509", "-req", "-in", file("csr"), "-days", "30", `-${digest}`, ...sign];
      openssl([...input, "-extfile", file("ext"), "-out", file("pem")]);
    } else this.#issueFor(file, caKey, caCertificate, notBefore, notAfter, serial);
    return { name, key: readFileSync(file("key"), "utf8"), certificate: readFileSync(file("pem"), "utf8") };
  }

  /** For another time than now, which `openssl x509` of old versions cannot. */
  #issueFor(
    file: (suffix: string) => string,
    caKey: string,
    caCertificate: string,
    notBefore: string,
    notAfter: string,
    serial: string,
  ): void {
    const conf = file("conf");
    writeFileSync(file("index"), "");
    writeFileSync(file("serial"), `${serial.slice(2)}\n`);
    writeFileSync(
      conf,
      `[ca]\ndefault_ca=x\n[x]\ndatabase=${file("index")}\nserial=${file("serial")}\nnew_certs_dir=${this.#folder}\ndefault_md=sha256\npolicy=p\n[p]\ncountryName=supplied\norganizationName=supplied\ncommonName=supplied\n`,
    );
    openssl(
      ["ca", "-batch", "-notext", "-config", conf, "-keyfile", caKey, "-cert", caCertificate, "-in", file("csr")].concat([
        "-startdate",
        notBefore,
        "-enddate",
        notAfter,
        "-extfile",
        file("ext"),
        "-out",
        file("pem"),
      ]),
    );
  }

  #write({ name, key, certificate }: Issued): { readonly caKey: string; readonly caCertificate: string } {
    const caKey = join(this.#folder, `${name}.ca.key`);
    const caCertificate = join(this.#folder, `${name}.ca.pem`);
    writeFileSync(caKey, key);
    writeFileSync(caCertificate, certificate);
    return { caKey, caCertificate };
  }
}

function openssl(args: readonly string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
