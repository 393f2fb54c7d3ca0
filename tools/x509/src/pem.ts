const LINE = /.{1,64}/g;
const BEGIN = "-----BEGIN ";
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;

/** A PEM block, RFC 7468. */
export function pemText(label: string, octets: Uint8Array): string {
  const lines = Buffer.from(octets).toString("base64").match(LINE) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/**
 * The octets of the first PEM block with one of these labels, whatever stands around it; what is no PEM is returned as it is.
 * @returns undefined where it is PEM without such a block
 */
export function derOf(octets: Buffer, labels: readonly string[]): Buffer | undefined {
  if (!octets.includes(BEGIN)) return octets;
  for (const [, label = "", body = ""] of octets.toString("latin1").matchAll(BLOCK))
    if (labels.includes(label)) return Buffer.from(body, "base64");
  return undefined;
}
