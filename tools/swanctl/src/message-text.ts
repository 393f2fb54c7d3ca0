import { Section } from "@cygnet/vici";
import type { Element } from "@cygnet/vici";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Text as it is; what is not printable, such as a certificate, in hex. */
export function valueText(octets: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch {
    return hexText(octets);
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what makes a value no text
  return /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text) ? hexText(octets) : text;
}

/** A message on one line, as `--raw` prints it. */
export function rawText(section: Section): string {
  return `{${[...section].map(([name, element]) => rawElement(name, element)).join(" ")}}`;
}

function rawElement(name: string, element: Element): string {
  if (element instanceof Section) return `${name} ${rawText(element)}`;
  if (element instanceof Uint8Array) return `${name}=${valueText(element)}`;
  return `${name}=[${element.map(valueText).join(" ")}]`;
}

/** A message on many lines, as `--pretty` prints it. */
export function prettyText(section: Section, indent = ""): string {
  const inner = `${indent}  `;
  let text = "{\n";
  for (const [name, element] of section) {
    if (element instanceof Section) text += `${inner}${name} ${prettyText(element, inner)}\n`;
    else if (element instanceof Uint8Array) text += `${inner}${name} = ${valueText(element)}\n`;
    else text += `${inner}${name} = [\n${element.map((item) => `${inner}  ${valueText(item)}\n`).join("")}${inner}]\n`;
  }
  return `${text}${indent}}`;
}

/** A message as plain data for `--json`; values are texts, as in `--raw`. */
export function plainData(section: Section): Record<string, unknown> {
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [name, element] of section) {
    if (element instanceof Section) plain[name] = plainData(element);
    else plain[name] = element instanceof Uint8Array ? valueText(element) : element.map(valueText);
  }
  return plain;
}

function hexText(octets: Uint8Array): string {
  return `0x${Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex")}`;
}
