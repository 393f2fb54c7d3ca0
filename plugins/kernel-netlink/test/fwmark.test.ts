import { describe, expect, it } from "vitest";
import { parseFwmark } from "../src/route/fwmark.js";

describe("a firewall mark", () => {
  it.each([
    ["0x42", { value: 0x42, mask: 0xffffffff, isInverted: false }],
    ["!5", { value: 5, mask: 0xffffffff, isInverted: true }],
    ["!0x10/0xff", { value: 16, mask: 0xff, isInverted: true }],
  ])("is read from %s", (text, expected) => expect(parseFwmark(text)).toEqual(expected));

  it.each(["", "!", "x", "1/", "1/2/3", "-1", "0x1ffffffff", "!!1"])("is none in '%s'", (text) =>
    expect(parseFwmark(text)).toBeUndefined(),
  );
});
