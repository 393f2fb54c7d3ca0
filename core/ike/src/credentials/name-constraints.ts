import type { Certificate } from "./x509/index.js";
import type { GeneralName } from "./x509/general-name.js";
import { DerReader } from "./x509/der-reader.js";
import { rdnEquals } from "../identity/distinguished-name.js";
import { Identification } from "../identity/index.js";
import { IdType } from "@cygnet/wire";

const DIRECTORY_NAME = 4;

/**
 * Why the name constraints of an authority do not allow a certificate below it, RFC 5280 section 4.2.1.10.
 * @returns the text of the log line, undefined when they allow it
 */
export function violatedNameConstraint(certificate: Certificate, ca: Certificate): string | undefined {
  const { permittedNames, excludedNames } = ca.extensions;
  if (permittedNames.length === 0 && excludedNames.length === 0) return undefined;
  for (const name of namesOf(certificate)) {
    const excluded = excludedNames.find((base) => isWithin(name, base) !== false && base.kind === name.kind);
    if (excluded) return `certificate '${certificate.subject}' matches excluded name constraint '${print(excluded)}'`;
    const bases = permittedNames.filter(({ kind }) => kind === name.kind);
    if (bases.length > 0 && !bases.some((base) => isWithin(name, base) === true))
      return `certificate '${certificate.subject}' does not match permitted name constraint '${print(bases[0]!)}'`;
  }
  return undefined;
}

function namesOf({ subject, extensions }: Certificate): GeneralName[] {
  const isEmpty = subject.name.rdns.length === 0 && subject.name.complete;
  return isEmpty ? [...extensions.altNames] : [{ kind: DIRECTORY_NAME, data: subject.data }, ...extensions.altNames];
}

/** Undefined where we cannot tell: then it counts as excluded, and not as permitted. */
function isWithin(name: GeneralName, base: GeneralName): boolean | undefined {
  if (name.kind !== base.kind) return false;
  switch (name.kind) {
    case 1:
      return isMailWithin(text(name), text(base));
    case 2:
      return isHostWithin(text(name), text(base));
    case DIRECTORY_NAME:
      return isDirectoryWithin(name.data, base.data);
    case 6:
      return isUriWithin(text(name), text(base));
    case 7:
      return isAddressWithin(name.data, base.data);
    default:
      return undefined;
  }
}

/** `example.org` takes itself and all below it. A leading period is common and means the same but for the name itself. */
function isHostWithin(name: string, base: string): boolean {
  if (base === "" || name === base) return true;
  return name.endsWith(base.startsWith(".") ? base : `.${base}`);
}

/** A mailbox, all mailboxes of a host, or those of all hosts below a domain. */
function isMailWithin(name: string, base: string): boolean {
  if (base.includes("@")) return name === base;
  const host = name.slice(name.lastIndexOf("@") + 1);
  return base.startsWith(".") ? host.endsWith(base) : host === base;
}

function isUriWithin(name: string, base: string): boolean | undefined {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^:/?#]+)/.exec(name)?.[1];
  if (host === undefined) return undefined;
  return base.startsWith(".") ? host.endsWith(base) : host === base;
}

function isDirectoryWithin(name: Uint8Array, base: Uint8Array): boolean | undefined {
  const own = Identification.fromWire(IdType.ID_DER_ASN1_DN, name).name;
  const wanted = Identification.fromWire(IdType.ID_DER_ASN1_DN, base).name;
  if (!own.complete || !wanted.complete) return undefined;
  return wanted.rdns.length <= own.rdns.length && wanted.rdns.every((rdn, i) => rdnEquals(rdn, own.rdns[i]!));
}

/** An address and a mask of the same length. */
function isAddressWithin(address: Uint8Array, base: Uint8Array): boolean {
  if (base.length !== address.length * 2) return false;
  return address.every((octet, i) => ((octet ^ base[i]!) & base[address.length + i]!) === 0);
}

const text = ({ data }: GeneralName): string => Buffer.from(data).toString("latin1").toLowerCase();

function print(name: GeneralName): string {
  if (name.kind === DIRECTORY_NAME) {
    new DerReader(name.data, "name constraint").raw();
    return Identification.fromWire(IdType.ID_DER_ASN1_DN, name.data).toString();
  }
  return name.kind === 7 ? Buffer.from(name.data).toString("hex") : text(name).replaceAll(/[^\x20-\x7e]/g, "?");
}
