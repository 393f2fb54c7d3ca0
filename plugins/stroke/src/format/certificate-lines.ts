import type { CertificateInfo, OcspResponseInfo, PgpKeyInfo, PublicKeyInfo, RevocationListInfo } from "@cygnet/plugin-api";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const MS = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000 } as const;

/** A list of certificates under a heading, as `ipsec listcerts` prints it; nothing where it is empty. */
export function certificateLines(heading: string, certificates: readonly CertificateInfo[], nowMs: number): string[] {
  if (certificates.length === 0) return [];
  return ["", `List of X.509 ${heading}`, ...certificates.flatMap((each) => ["", ...certificateBlock(each, wholeSecond(nowMs))])];
}

/** OpenPGP keys, as `ipsec listcerts` prints them. */
export function pgpKeyLines(keys: readonly PgpKeyInfo[]): string[] {
  if (keys.length === 0) return [];
  return ["", "List of PGP End Entity Certificates", ...keys.flatMap((each) => ["", ...pgpKeyBlock(each)])];
}

/** `ipsec listcrls`. */
export function revocationListLines(lists: readonly RevocationListInfo[], nowMs: number): string[] {
  if (lists.length === 0) return [];
  return ["", "List of X.509 CRLs", ...lists.flatMap((each) => ["", ...listBlock(each, wholeSecond(nowMs))])];
}

/** `ipsec listocsp`. */
export function ocspResponseLines(responses: readonly OcspResponseInfo[]): string[] {
  if (responses.length === 0) return [];
  return ["", "List of OCSP responses:", ...responses.flatMap(({ responder }) => ["", `  signer:   "${responder}"`])];
}

function certificateBlock(info: CertificateInfo, nowMs: number): string[] {
  const { notBefore, notAfter, publicKey } = info;
  const begins = notBefore <= nowMs ? "ok" : `not valid yet (valid in ${span(notBefore - nowMs)})`;
  const ends = notAfter >= nowMs ? `ok (expires in ${span(notAfter - nowMs)})` : `expired (${span(nowMs - notAfter)} ago)`;
  const lines = [
    `  subject:  "${info.subject}"`,
    `  issuer:   "${info.issuer}"`,
    `  validity:  not before ${time(notBefore)}, ${begins}`,
    `             not after  ${time(notAfter)}, ${ends}`,
    `  serial:    ${colons(info.serial)}`,
  ];
  if (info.altNames.length > 0) lines.push(`  altNames:  ${info.altNames.join(", ")}`);
  if (info.flags.length > 0) lines.push(`  flags:     ${info.flags.map((flag) => `${flag} `).join("")}`);
  pushUris(lines, "CRL URIs: ", info.crlUris);
  pushUris(lines, "OCSP URIs:", info.ocspUris);
  if (info.pathLength !== undefined) lines.push(`  pathlen:   ${info.pathLength}`);
  if (info.authorityKeyId !== undefined && !info.flags.includes("self-signed"))
    lines.push(`  authkeyId: ${colons(info.authorityKeyId)}`);
  if (info.subjectKeyId !== undefined) lines.push(`  subjkeyId: ${colons(info.subjectKeyId)}`);
  lines.push(...keyLines(publicKey, info.hasPrivateKey));
  return lines;
}

const keyLines = ({ kind, bits, keyId, subjectKeyId }: PublicKeyInfo, hasPrivateKey: boolean): string[] => [
  `  pubkey:    ${kind} ${bits} bits${hasPrivateKey ? ", has private key" : ""}`,
  `  keyid:     ${colons(keyId)}`,
  `  subjkey:   ${colons(subjectKeyId)}`,
];

/** What does not expire has the last second that 32 bits with a sign can say. */
const NEVER = 0x7fffffff * MS.second;

function pgpKeyBlock({ subject, created, until = NEVER, digestHex, publicKey, hasPrivateKey }: PgpKeyInfo): string[] {
  return [
    `  subject:  "${subject}"`,
    `  created:   ${time(created)}`,
    `  until:     ${time(until)}${until === NEVER ? " expires never" : ""}`,
    `  pgpDigest: ${colons(digestHex)}`,
    ...keyLines(publicKey, hasPrivateKey),
  ];
}

function listBlock(info: RevocationListInfo, nowMs: number): string[] {
  const { thisUpdate, nextUpdate, revoked } = info;
  const lines = [`  issuer:   "${info.issuer}"`, `  update:    this on ${time(thisUpdate)}, ok`];
  if (nextUpdate !== undefined)
    lines.push(
      `             next on ${time(nextUpdate)}, ${nextUpdate >= nowMs ? `ok (expires in ${span(nextUpdate - nowMs)})` : `expired (${span(nowMs - nextUpdate)} ago)`}`,
    );
  if (info.number !== undefined) lines.push(`  serial:    ${colons(info.number)}`);
  if (info.baseNumber !== undefined) lines.push(`  delta CRL: for serial ${colons(info.baseNumber)}`);
  if (info.authorityKeyId !== undefined) lines.push(`  authKeyId: ${colons(info.authorityKeyId)}`);
  lines.push(`  ${revoked.length} revoked certificate${revoked.length === 1 ? "" : "s"}${revoked.length > 0 ? ":" : ""}`);
  for (const { serial, at, reason } of revoked) lines.push(`    ${colons(serial)}: ${time(at)}, ${reason}`);
  return lines;
}

function pushUris(lines: string[], label: string, uris: readonly string[]): void {
  uris.forEach((uri, i) => lines.push(`  ${i === 0 ? label : " ".repeat(label.length)} ${uri}`));
}

const colons = (hex: string): string => hex.match(/../g)?.join(":") ?? "";

/** Certificates know whole seconds, and spans are counted between whole ones. */
const wholeSecond = (ms: number): number => ms - (ms % MS.second);

/** The largest unit that fits twice, as strongSwan prints spans. */
function span(ms: number): string {
  for (const unit of ["day", "hour", "minute"] as const) if (ms > 2 * MS[unit]) return `${Math.floor(ms / MS[unit])} ${unit}s`;
  const seconds = Math.floor(ms / MS.second);
  return `${seconds} second${seconds === 1 ? "" : "s"}`;
}

function time(ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  return `${MONTHS[at.getMonth()]} ${two(at.getDate())} ${clock} ${at.getFullYear()}`;
}
