import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Certificate, OcspResponse, ocspRequest } from "@cygnet/ike";
import { keyProvider } from "@cygnet/plugin-openssl";
import { describe, expect, it } from "vitest";

/** Made by OpenSSL 3.0 (`openssl ca`, `openssl ocsp`) for `host.pem`, at the end of 2026; they hold for a hundred years. */
const VECTORS = join(import.meta.dirname, "vectors/status");
const NOW = Date.UTC(2027, 0, 1);
const file = (name: string): Uint8Array => readFileSync(join(VECTORS, name));
const certificate = (name: string): Certificate =>
  new Certificate(
    new Uint8Array(
      Buffer.from(
        Buffer.from(file(name))
          .toString("latin1")
          .replaceAll(/-----[^-]+-----/g, ""),
        "base64",
      ),
    ),
    keyProvider,
  );
const [root, host, other] = [certificate("root.pem"), certificate("host.pem"), certificate("other.pem")];
const response = (name: string): OcspResponse => new OcspResponse(file(`${name}.der`), keyProvider);

describe("OcspResponse", () => {
  it.each([
    ["good", "good"],
    ["good-by-issuer", "good"],
    ["unknown", "unknown"],
    ["revoked", { at: Date.UTC(2026, 10, 27, 6, 59, 58), reason: "key compromise" }],
  ])("%s.der says so of the certificate that was asked about", (name, status) => {
    const answer = response(name).answerFor(host, root, keyProvider);
    expect(answer).toMatchObject({ status, serial: host.serial, thisUpdate: Date.UTC(2026, 10, 27, 6, 59, 58) });
    expect(response(name).nonce).toBeUndefined();
  });

  it("says nothing of another certificate, or of the same number by another issuer", () => {
    expect(response("good").answerFor(root, root, keyProvider)).toBeUndefined();
    expect(response("good").answerFor(host, other, keyProvider)).toBeUndefined();
  });

  it("is believed from the issuer, whom it has empowered, and who is trusted", () => {
    const signer = (name: string, trusted: Certificate[] = []) => response(name).signer(root, trusted, NOW)?.subject.toString();
    expect(signer("good-by-issuer")).toBe("CN=OCSP Root, O=Example");
    expect(signer("good")).toBe("CN=responder.example.org, O=Example");
    expect(signer("good-by-other", [other])).toBe("O=Elsewhere, CN=loaded responder");
  });

  it("is not believed from others: without the usage, of another authority, past its certificate's end", () => {
    expect(response("good-by-plain").signer(root, [], NOW)).toBeUndefined();
    expect(response("good-by-other").signer(root, [], NOW)).toBeUndefined();
    expect(response("good").signer(other, [], NOW)).toBeUndefined();
    expect(response("good").signer(root, [], Date.UTC(2200, 0, 1))).toBeUndefined();
  });

  it("is not believed where anything of it was changed", () => {
    const der = file("good.der");
    for (let at = 0; at < der.length; at++) {
      const changed = new Uint8Array(der);
      changed[at]! ^= 1;
      let signer: Certificate | undefined;
      try {
        signer = new OcspResponse(changed, keyProvider).signer(root, [], NOW);
      } catch (error) {
        expect(error).toMatchObject({
          code: expect.stringMatching(/^CYG_(CERT_SYNTAX|CERT_KEY|OCSP_STATUS|ID_SYNTAX)$/) as string,
        });
      }
      // What is not signed may change: types and lengths that DER has in one form only do not count.
      if (signer)
        expect(new OcspResponse(changed, keyProvider).answerFor(host, root, keyProvider)).toMatchObject({ status: "good" });
    }
  });

  it("tells why there is none", () => {
    expect(() => response("unauthorized")).toThrow(expect.objectContaining({ code: "CYG_OCSP_STATUS", message: "unauthorized" }));
  });
});

it("an OCSP request names the certificate as OpenSSL does", () => {
  const made = Buffer.from(ocspRequest(host, root, keyProvider, Uint8Array.of(1, 2, 3))).toString("hex");
  const [certId] = /3009060[5].*/.exec(Buffer.from(file("request.der")).toString("hex"))!;
  expect(made).toContain(certId);
  expect(made).toContain("06092b060105050730010204050403010203");
});
