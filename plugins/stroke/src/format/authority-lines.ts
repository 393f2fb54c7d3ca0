import type { AuthorityUris, CertificateInfo } from "@cygnet/plugin-api";

/** An authority, and where to ask about its certificates. */
export interface ListedAuthority {
  readonly certificate: CertificateInfo;
  readonly uris: AuthorityUris;
}

/** `ipsec listcainfos`. */
export function authorityLines(sections: readonly ListedAuthority[]): string[] {
  const told = sections.filter(
    ({ uris }) => uris.crlUris.length > 0 || uris.ocspUris.length > 0 || uris.certUriBase !== undefined,
  );
  if (told.length === 0) return [];
  return ["", "List of CA Information Sections:", ...told.flatMap((each) => ["", ...block(each)])];
}

function block({ certificate: { subject, publicKey }, uris }: ListedAuthority): string[] {
  const lines = [
    `  authname:    "${subject}"`,
    `  authkey:      ${colons(publicKey.subjectKeyId)}`,
    `  keyid:        ${colons(publicKey.keyId)}`,
  ];
  const push = (label: string, values: readonly string[]): void => {
    values.forEach((uri, i) => lines.push(`  ${(i === 0 ? label : "").padEnd(12)} '${uri}'`));
  };
  push("crluris:", uris.crlUris);
  push("ocspuris:", uris.ocspUris);
  push("certuribase:", uris.certUriBase === undefined ? [] : [uris.certUriBase]);
  return lines;
}

const colons = (hex: string): string => hex.match(/../g)?.join(":") ?? "";
