import type { ContainerContent } from "@cygnet/plugin-api";
import forge from "node-forge";

/** Opens a PKCS#12 container (RFC 7292). @returns undefined where the passphrase is wrong, or it is no container */
export function openPkcs12(octets: Uint8Array, passphrase: string): ContainerContent | undefined {
  try {
    const tree = forge.asn1.fromDer(Buffer.from(octets).toString("binary"));
    const container = forge.pkcs12.pkcs12FromAsn1(tree, passphrase);
    const bags = container.safeContents.flatMap((contents) => contents.safeBags);
    const certificates: Uint8Array[] = [];
    const keys: Uint8Array[] = [];
    for (const bag of bags) {
      // Only RSA keys, and certificates with them, are parsed; of others there is the tree.
      if (bag.type === forge.pki.oids["certBag"]) {
        certificates.push(der(bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1));
      } else if (bag.type === forge.pki.oids["keyBag"] || bag.type === forge.pki.oids["pkcs8ShroudedKeyBag"]) {
        keys.push(der(bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1));
      }
    }
    return { certificates, keys };
  } catch {
    // The library tells a wrong passphrase and a broken container apart only in its words.
    return undefined;
  }
}

function der(tree: forge.asn1.Asn1): Uint8Array {
  return new Uint8Array(Buffer.from(forge.asn1.toDer(tree).getBytes(), "binary"));
}
