import { PLUGIN_API, custom, definePlugin, feature } from "@cygnet/plugin-api";
import type { FeatureRef, Plugin } from "@cygnet/plugin-api";
import type { FoundPlugin, PluginRequest, PluginSource } from "@cygnet/runtime";

const keys = (type: "PRIVKEY" | "PUBKEY", ...kinds: readonly string[]): FeatureRef[] => kinds.map((kind) => feature(type, kind));

/**
 * strongSwan's plugins whose work is the core's own: it reads certificates and keys whether or not they are loaded. They are there by name, so
 * that a configuration's list loads as it is, and who asks which plugins are loaded, or what they provide, gets strongSwan's answer. Of PKCS#7
 * the daemon has no use, as strongSwan's has none with IKEv2: what is in PKCS#12 containers `pkcs12` opens as a whole, and the rest is pki's.
 */
const FEATURES: Readonly<Record<string, readonly FeatureRef[]>> = {
  x509: [
    ...["X509", "X509_CRL", "X509_OCSP_RESPONSE"].map((name) => feature("CERT_DECODE", name)),
    feature("CERT_ENCODE", "X509_OCSP_REQUEST"),
  ],
  constraints: [custom("constraints")],
  pubkey: [feature("CERT_DECODE", "TRUSTED_PUBKEY")],
  pkcs1: [...keys("PRIVKEY", "ANY", "RSA"), ...keys("PUBKEY", "ANY", "RSA")],
  pkcs7: [feature("CONTAINER_DECODE", "PKCS7")],
  pkcs8: keys("PRIVKEY", "ANY", "RSA", "ECDSA", "ED25519", "ED448"),
  dnskey: keys("PUBKEY", "RSA"),
  sshkey: keys("PUBKEY", "ANY", "RSA", "ECDSA", "ED25519", "ED448"),
  pem: [
    ...keys("PRIVKEY", "ANY", "RSA", "ECDSA", "ED25519", "ED448"),
    ...keys("PUBKEY", "ANY", "RSA"),
    ...["X509", "X509_CRL", "TRUSTED_PUBKEY"].map((name) => feature("CERT_DECODE", name)),
  ],
};

/** Names of the plugins that are parts of the core. */
export const CORE_PARTS: readonly string[] = Object.keys(FEATURES);

/** A plugin that is a part of the core. @returns undefined where there is none of this name */
export function corePart(name: string): Plugin | undefined {
  const features = FEATURES[name];
  return (
    features &&
    definePlugin({
      name,
      api: PLUGIN_API,
      features: () => features.map((provides) => ({ provides, on: "control", register: () => undefined })),
    })
  );
}

/** Finds the parts of the core as well, where the source has no plugin of their name. */
export function withCoreParts(source: PluginSource): PluginSource {
  return {
    find: async (request: PluginRequest): Promise<FoundPlugin | undefined> => {
      const found = await source.find(request);
      const part = found ? undefined : corePart(request.name);
      return part ? { exported: part } : found;
    },
    describe: (request) => source.describe?.(request),
  };
}
