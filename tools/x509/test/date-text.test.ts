import { expect, it } from "vitest";
import { endText } from "../src/date-text.js";

const DAY_MS = 86_400_000;
const END = new Date(Date.UTC(2026, 11, 27, 0, 38, 53));

it.each([
  ["within the second it was made in", 30 * DAY_MS - 700, "ok (expires in 30 days)"],
  ["a second later", 30 * DAY_MS - 1000, "ok (expires in 29 days)"],
  ["within its last second", -700, "ok (expires in 0 seconds)"],
  ["a second later", -1000, "expired (1 second ago)"],
])("tells how long a certificate is valid in whole seconds: %s", (_, left, text) => {
  expect(endText(END, END.getTime() - left)).toBe(text);
});
