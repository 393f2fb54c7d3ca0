/** Octets that a name can have. */
const MAX_NAME = 255;
/** Characters of a text that have room in a value, however many octets each of them takes. */
const MAX_TEXT = 20_000;

/** A name for a section, cut off where it is longer than one can be. */
export function sectionName(name: string): string {
  // At most three octets for each character.
  if (name.length * 3 <= MAX_NAME || Buffer.byteLength(name) <= MAX_NAME) return name;
  return new TextDecoder().decode(Buffer.from(name).subarray(0, MAX_NAME)).replace(/\uFFFD+$/, "");
}

/** A log message, cut off where it is longer than a value can be, as dumps at high levels are. */
export const logText = (text: string): string => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}...`);
