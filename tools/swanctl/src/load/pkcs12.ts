import { createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import forge from "node-forge";

/** What a container has. Certificates are in DER. */
export interface Pkcs12Content {
  readonly certificates: readonly Uint8Array[];
  readonly keys: readonly KeyObject[];
}

/** Opens a PKCS#12 container (RFC 7292). @returns undefined where the passphrase is wrong, or it is no container */
export function openPkcs12(octets: Buffer, passphrase: string): Pkcs12Content | undefined {
  try {
    const container = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(octets.toString("binary")), passphrase);
    const bags = container.safeContents.flatMap((contents) => contents.safeBags);
    const certificates: Uint8Array[] = [];
    const keys: KeyObject[] = [];
    for (const bag of bags) {
      if (bag.type === forge.pki.oids["certBag"]) {
        // Only certificates with RSA keys are parsed; of others there is the tree.
        const tree = bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1;
        certificates.push(der(tree));
      } else if (bag.type === forge.pki.oids["keyBag"] || bag.type === forge.pki.oids["pkcs8ShroudedKeyBag"]) {
        const tree = bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1;
        keys.push(createPrivateKey({ key: Buffer.from(der(tree)), format: "der", type: "pkcs8" }));
      }
    }
    return { certificates, keys };
  } catch {
    // The library tells a wrong passphrase and a broken container apart only in its words.
    return undefined;
  }
}

function der(tree: forge.asn1.Asn1): Uint8Array {
  return Buffer.from(forge.asn1.toDer(tree).getBytes(), "binary");
}
