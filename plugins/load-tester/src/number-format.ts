import { PluginError } from "@cygnet/plugin-api";

/** More digits than any number has that is put into an identity. */
const MAX_WIDTH = 64;

/**
 * Fills numbers into a format of C's printf: `%d`, `%i` and `%u` take the next number, with a width and leading zeros as in `%05d`; `%%` is
 * a percent sign. Numbers that are left over are fine.
 *
 * @param option the option that the format comes from, for the message
 * @throws {PluginError} CYG_LOAD_TESTER_FORMAT for any other conversion, or more of them than numbers
 */
export function formatNumbers(option: string, format: string, numbers: readonly number[]): string {
  let next = 0;
  return format.replaceAll(/%(?:%|(0?)(\d*)[diu]|)/g, (conversion, zero: string | undefined, width: string | undefined) => {
    if (conversion === "%%") return "%";
    if (conversion === "%" || next === numbers.length || Number(width) > MAX_WIDTH) {
      const problem = conversion === "%" ? "only %d, %i, %u and %% can be used" : `it takes ${numbers.length} numbers at most`;
      throw new PluginError("CYG_LOAD_TESTER_FORMAT", "load-tester", `${option}: '${format}' cannot be filled in, ${problem}`);
    }
    return String(numbers[next++]).padStart(Number(width), zero === "0" ? "0" : " ");
  });
}
