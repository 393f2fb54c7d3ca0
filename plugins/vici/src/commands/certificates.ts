import { MessageWriter } from "@cygnet/vici";
import type { Section } from "@cygnet/vici";
import { readFile } from "../definition/index.js";
import { onlySections } from "./connections.js";
import { CommandFailed, DONE, required } from "./command.js";
import type { Command } from "./command.js";

const FLAGS = ["NONE", "CA", "AA", "OCSP"];
const LOADABLE = ["X509", "X509_CRL", "PUBKEY"];
const KEY_TYPES = ["rsa", "ecdsa", "ed25519", "ed448", "any"];

const octets = (request: Section, problem: string): Uint8Array => {
  const data = request.octets("data");
  if (!data) throw new CommandFailed(problem);
  return data;
};

/** `load-cert` */
export const loadCert: Command = async (request, { certificates }) => {
  const type = required(request, "type", "certificate type missing").toUpperCase();
  if (type === "X509_AC") throw new CommandFailed(`certificates of type ${type} are not supported by this release`);
  if (!LOADABLE.includes(type)) throw new CommandFailed(`invalid certificate type '${type}'`);
  const flag = (request.text("flag") ?? "NONE").toUpperCase();
  if (!FLAGS.includes(flag)) throw new CommandFailed(`invalid certificate flag '${flag}'`);
  if (flag === "AA") throw new CommandFailed(`certificates with flag ${flag} are not supported by this release`);
  const data = octets(request, "certificate data missing");
  if (type === "X509_CRL") await certificates.loadList(data);
  else if (type === "PUBKEY") await certificates.loadPublicKey(data);
  else await certificates.load(data, { isTrusted: flag === "CA", isOcspSigner: flag === "OCSP" });
  return DONE;
};

/** `load-key` */
export const loadKey: Command = async (request, { certificates }) => {
  const type = required(request, "type", "key type missing").toLowerCase();
  if (!KEY_TYPES.includes(type)) throw new CommandFailed(`invalid key type: ${type}`);
  const data = octets(request, "key data missing");
  return { success: true, id: await certificates.loadKey(type === "any" ? "ANY" : type.toUpperCase(), data) };
};

/** `unload-key` */
export const unloadKey: Command = async (request, { certificates }) => {
  const id = required(request, "id", "key id missing");
  if (!(await certificates.unloadKey(id.toLowerCase()))) throw new CommandFailed(`key '${id}' not found`);
  return DONE;
};

/** `get-keys` */
export const getKeys: Command = (_request, { certificates }) => ({ keys: certificates.keys() });

/** `load-token` */
export const loadToken: Command = () => {
  throw new CommandFailed("private keys on tokens are not supported by this release");
};

/** `list-certs`: one event for each, of all sources. */
export const listCerts: Command = async (request, { credentials }, client) => {
  const type = (request.text("type") ?? "ANY").toUpperCase();
  const flag = (request.text("flag") ?? "ANY").toUpperCase();
  const subject = request.text("subject");
  const writer = new MessageWriter();
  const send = async (write: () => void): Promise<void> => {
    writer.reset();
    write();
    await client.stream("list-cert", writer.octets);
  };
  if (type === "ANY" || type === "X509") {
    const seen = new Set<string>();
    for (const info of credentials.listCertificates()) {
      const own = info.isTrusted ? "CA" : info.isOcspSigner ? "OCSP" : "NONE";
      if (seen.has(info.fingerprint) || (flag !== "ANY" && flag !== own) || (subject !== undefined && subject !== info.subject))
        continue;
      seen.add(info.fingerprint);
      if (!client.isOpen) return {};
      await send(() => {
        writer.value("type", "X509").value("flag", own);
        if (info.hasPrivateKey) writer.value("has_privkey", "yes");
        writer.value("data", info.der);
      });
    }
  }
  if ((type === "ANY" || type === "X509_CRL") && (flag === "ANY" || flag === "NONE")) {
    for (const { issuer, der } of credentials.listRevocationLists()) {
      if (subject !== undefined && subject !== issuer) continue;
      if (!client.isOpen) return {};
      await send(() => writer.value("type", "X509_CRL").value("data", der));
    }
  }
  if ((type === "ANY" || type === "PUBKEY") && (flag === "ANY" || flag === "NONE") && subject === undefined) {
    for (const { der } of credentials.listPublicKeys()) {
      if (!client.isOpen) return {};
      await send(() => writer.value("type", "PUBKEY").value("flag", "NONE").value("data", der));
    }
  }
  if ((type === "ANY" || type === "OCSP_RESPONSE") && (flag === "ANY" || flag === "NONE")) {
    for (const { responder, der } of credentials.listOcspResponses()) {
      if (subject !== undefined && subject !== responder) continue;
      if (!client.isOpen) return {};
      await send(() => writer.value("type", "OCSP_RESPONSE").value("data", der));
    }
  }
  return {};
};

/** `flush-certs`: forgets what was fetched, of one type or all. Certificates that were fetched are not kept. */
export const flushCerts: Command = async (request, { credentials }) => {
  const type = (request.text("type") ?? "ANY").toUpperCase();
  if (type === "ANY" || type === "X509_CRL") await credentials.flushFetched("crl");
  if (type === "ANY" || type === "OCSP_RESPONSE") await credentials.flushFetched("ocsp");
  return DONE;
};

/** `load-authority` */
export const loadAuthority: Command = async (request, { certificates }) => {
  for (const [name, section] of onlySections(request)) {
    const uris = (option: string): readonly string[] => section.list(option) ?? [];
    for (const option of section.names)
      if (!["cacert", "file", "handle", "slot", "module", "crl_uris", "ocsp_uris", "cert_uri_base"].includes(option))
        throw new CommandFailed(`unknown option: ${option}, authority discarded`);
    const data = section.octets("cacert") ?? authorityFile(name, section);
    const certUriBase = section.text("cert_uri_base");
    await certificates.loadAuthority(name, data, { crlUris: uris("crl_uris"), ocspUris: uris("ocsp_uris"), certUriBase });
  }
  return DONE;
};

function authorityFile(name: string, section: Section): Uint8Array {
  if (section.text("handle") !== undefined)
    throw new CommandFailed("tokens are not supported by this release, authority discarded");
  if (section.text("file") === undefined) throw new CommandFailed(`CA certificate missing: ${name}`);
  return readFile(name, section);
}

/** `unload-authority` */
export const unloadAuthority: Command = async (request, { certificates }) => {
  const name = required(request, "name", "unload: missing authority name");
  if (!(await certificates.unloadAuthority(name))) throw new CommandFailed(`unload: authority '${name}' not found`);
  return DONE;
};

/** `get-authorities` */
export const getAuthorities: Command = (_request, { certificates }) => ({
  authorities: Array.from(certificates.authorities(), ({ name }) => name),
});

/** `list-authorities`: one event for each. */
export const listAuthorities: Command = async (request, { certificates }, client) => {
  const wanted = request.text("name");
  const writer = new MessageWriter();
  for (const { name, certificate, uris } of certificates.authorities()) {
    if (wanted !== undefined && wanted !== name) continue;
    if (!client.isOpen) break;
    const { crlUris, ocspUris, certUriBase } = uris;
    writer.reset();
    writer.beginSection(name).value("cacert", certificate.subject).list("crl_uris", crlUris).list("ocsp_uris", ocspUris);
    if (certUriBase !== undefined) writer.value("cert_uri_base", certUriBase);
    writer.endSection();
    await client.stream("list-authority", writer.octets);
  }
  return {};
};
