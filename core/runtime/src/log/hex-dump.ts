const BYTES_PER_LINE = 16;

/**
 * Raw data as strongSwan prints it: `label => N bytes @ 0xADDR`, then lines of 16 octets with their offset and their ASCII characters.
 *
 * There are no addresses here; what stands in their place is the octets' offset in the buffer they lie in. Call it behind
 * `Logger.enabled`, with level 3, or 4 for secrets.
 */
export function hexDump(label: string, bytes: Uint8Array): string {
  let text = `${label} => ${bytes.length} bytes @ 0x${bytes.byteOffset.toString(16)}`;
  for (let line = 0; line < bytes.length; line += BYTES_PER_LINE) {
    let hex = "";
    let ascii = "";
    for (let i = line; i < line + BYTES_PER_LINE; i++) {
      if (i >= bytes.length) {
        hex += "   ";
        continue;
      }
      const byte = bytes[i];
      hex += `${byte < 16 ? "0" : ""}${byte.toString(16).toUpperCase()} `;
      ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    }
    text += `\n${String(line).padStart(4)}: ${hex} ${ascii}`;
  }
  return text;
}
