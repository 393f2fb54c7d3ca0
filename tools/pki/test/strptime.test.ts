import { describe, expect, it } from "vitest";
import { strptime } from "../src/options/strptime.js";

const NOW = new Date(2026, 10, 27, 6, 34, 56, 789);
const local = (year: number, month: number, day: number, hour = 6, minute = 34, second = 56): Date =>
  new Date(year, month - 1, day, hour, minute, second);

// What glibc makes of them, seen through `pki --self --dateform FORMAT --not-after TEXT` of strongSwan.
describe("a time as strptime(3) reads it", () => {
  it.each([
    ["%d.%m.%y %T", "02.01.30 03:04:05", local(2030, 1, 2, 3, 4, 5)],
    ["%F %R", "2030-01-02 03:04", local(2030, 1, 2, 3, 4)],
    ["%D", "01/02/30", local(2030, 1, 2)],
    ["%b %e %Y", "Feb  3 2030", local(2030, 2, 3)],
    ["%B %d, %y", "March 5, 31", local(2031, 3, 5)],
    ["%a %h %d %Y", "Tuesday may 7 2030", local(2030, 5, 7)],
    ["%Y%m%d", "20300102", local(2030, 1, 2)],
    ["%Y", "2030", local(2030, 11, 27)],
    ["%d.%m.%y", "31.02.30", local(2030, 3, 3)],
    ["%j %Y", "45 2030", local(2030, 2, 14)],
    ["%I:%M %p %d.%m.%Y", "03:04 PM 02.01.2030", local(2030, 1, 2, 15, 4)],
    ["%l %p %d.%m.%Y", "12 am 02.01.2030", local(2030, 1, 2, 0)],
    ["%y", "69", local(1969, 11, 27)],
    ["%y", "68", local(2068, 11, 27)],
    ["%s", "2000000000", new Date(2_000_000_000_000)],
    ["%Y%%%n%m", "2030% 7", local(2030, 7, 27)],
    ["%Y-%m-%dT%H:%M:%S%z", "2030-01-02T03:04:05+0200", new Date("2030-01-02T01:04:05Z")],
    ["%Y-%m-%dT%H:%M:%S%z", "2030-01-02T03:04:05-01:30", new Date("2030-01-02T04:34:05Z")],
    ["%Y-%m-%dT%H:%M:%S%z", "2030-01-02T03:04:05Z", new Date("2030-01-02T03:04:05Z")],
  ])("%s: %s", (format, text, date) => {
    expect(strptime(text, format, NOW)).toEqual(date);
  });

  it.each([
    ["%Y-%m-%d", "2030-01-02 trailing"],
    ["%Y-%m-%d", "2030-01"],
    ["%d.%m.%y %T", "32.01.30 00:00:00"],
    ["%d.%m.%y", "00.01.30"],
    ["%H", "24"],
    ["%b", "Foo"],
    ["%p", "xm"],
    ["%z", "noon"],
    ["%%", "x"],
    ["%Q", "1"],
    ["%", ""],
    ["%Y", ""],
  ])("%s: not %j", (format, text) => {
    expect(strptime(text, format, NOW)).toBeUndefined();
  });
});
