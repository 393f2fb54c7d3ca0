import { printDn } from "@cygnet/ike/identity";
import { formatAddress } from "@cygnet/plugin-api";
import { children, isTagged, octetsOf, oidOf, toDer } from "./der.js";
import type { Der } from "./der.js";

/** Names of another kind whose text is known: id-on-xmppAddr of RFC 6120 section 13.7.1.4, and Microsoft's user principal name. */
const TEXT_NAMES: readonly string[] = ["1.3.6.1.5.5.7.8.5", "1.3.6.1.4.1.311.20.2.3"];

/** A distinguished name as strongSwan writes it, unprintable octets as `?`. */
export function nameText(name: Der): string {
  return printDn(toDer(name));
}

/** A GeneralName of RFC 5280 section 4.2.1.6; undefined for kinds that are not shown. */
export function generalNameText(name: Der): string | undefined {
  if (isTagged(name, 0)) return otherNameText(name);
  if (isTagged(name, 1) || isTagged(name, 2) || isTagged(name, 6)) return printable(octetsOf(name));
  if (isTagged(name, 4)) return nameText(children(name)[0]!);
  return isTagged(name, 7) ? addressText(octetsOf(name)) : undefined;
}

/** Texts of those that have one. */
export function generalNameTexts(names: readonly Der[]): string[] {
  return names.flatMap((name) => generalNameText(name) ?? []);
}

/** The names that CRL distribution points have, RFC 5280 section 4.2.1.13, with who issues the CRL where it is said. */
export function distributionPoints(points: Der | undefined): { readonly name: string; readonly issuer: string | undefined }[] {
  if (points === undefined) return [];
  return children(points).flatMap((point) => {
    const parts = children(point);
    const issuer = parts.find((field) => isTagged(field, 2));
    const issuerText = issuer && generalNameTexts(children(issuer))[0];
    return parts
      .filter((field) => isTagged(field, 0))
      .flatMap((name) => children(name).filter((field) => isTagged(field, 0)))
      .flatMap((full) => generalNameTexts(children(full)))
      .map((name) => ({ name, issuer: issuerText }));
  });
}

function otherNameText(name: Der): string | undefined {
  const [type, value] = children(name) as [Der, Der | undefined];
  if (value === undefined || !TEXT_NAMES.includes(oidOf(type))) return undefined;
  return printable(octetsOf(children(value)[0]!));
}

/** An address, or a network with its mask as in name constraints. */
function addressText(octets: Buffer): string | undefined {
  if (octets.length === 4 || octets.length === 16) return formatAddress(octets);
  if (octets.length !== 8 && octets.length !== 32) return undefined;
  const half = octets.length / 2;
  const ones = [...octets.subarray(half)].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  return `${formatAddress(octets.subarray(0, half))}/${ones.replace(/0.*$/, "").length}`;
}

function printable(octets: Buffer): string {
  return octets.toString("latin1").replaceAll(/[^\x20-\x7e]/g, "?");
}
